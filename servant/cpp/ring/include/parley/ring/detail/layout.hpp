#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#if !defined(__linux__) || !defined(__LP64__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "The ring's layout is that of 64-bit little-endian Linux."
#endif
#if defined(__linux__)
#include <features.h>
#if !defined(__GLIBC__)
#error "The ring needs glibc 2.21 or later: the named semaphores of other C libraries differ."
#endif
#endif

namespace parley::ring::detail {

inline constexpr std::uint64_t kOiebSize = 128;
inline constexpr std::uint64_t kAlign = 64;
inline constexpr std::uint64_t kHeaderSize = 16;
/// The length before the metadata.
inline constexpr std::uint64_t kMetadataHeader = 8;
inline constexpr std::uint8_t kMajor = 1;
/// The kernel's limit of process ids on 64-bit machines.
inline constexpr std::uint64_t kMaxPid = std::uint64_t{1} << 22;

using Word = std::atomic<std::uint64_t>;
static_assert(Word::is_always_lock_free && sizeof(Word) == sizeof(std::uint64_t));

/// The operation info exchange block at the start of the segment (ring protocol, "Segment").
struct Oieb {
  std::atomic<std::uint32_t> oieb_size{kOiebSize};
  std::atomic<std::uint8_t> major{kMajor};
  std::atomic<std::uint8_t> minor{0};
  std::atomic<std::uint8_t> patch{0};
  std::atomic<std::uint8_t> reserved_version{0};
  Word metadata_size{0};
  Word metadata_free{0};
  Word metadata_written{0};
  Word payload_size{0};
  Word payload_free{0};
  Word write_pos{0};
  Word read_pos{0};
  Word written_count{0};
  Word read_count{0};
  Word writer_pid{0};
  Word reader_pid{0};
  std::array<std::uint64_t, 4> reserved{};
};
static_assert(sizeof(Oieb) == kOiebSize);
static_assert(offsetof(Oieb, metadata_size) == 0x08 && offsetof(Oieb, payload_free) == 0x28);
static_assert(offsetof(Oieb, writer_pid) == 0x50 && offsetof(Oieb, reader_pid) == 0x58);

/// Names of the fields, as errors give them.
namespace field {
inline constexpr const char* kSegmentSize = "segment_size";
inline constexpr const char* kOiebSize = "oieb_size";
inline constexpr const char* kVersion = "version_major";
inline constexpr const char* kMetadataSize = "metadata_size";
inline constexpr const char* kMetadataFree = "metadata_free_bytes";
inline constexpr const char* kMetadataWritten = "metadata_written_bytes";
inline constexpr const char* kMetadataLength = "metadata_length";
inline constexpr const char* kPayloadSize = "payload_size";
inline constexpr const char* kPayloadFree = "payload_free_bytes";
inline constexpr const char* kWritePos = "payload_write_pos";
inline constexpr const char* kReadPos = "payload_read_pos";
inline constexpr const char* kWrittenCount = "payload_written_count";
inline constexpr const char* kReadCount = "payload_read_count";
inline constexpr const char* kWriterPid = "writer_pid";
inline constexpr const char* kReaderPid = "reader_pid";
inline constexpr const char* kFrameSize = "frame_size";
inline constexpr const char* kSemWValue = "sem_w_value";
}  // namespace field

}  // namespace parley::ring::detail
