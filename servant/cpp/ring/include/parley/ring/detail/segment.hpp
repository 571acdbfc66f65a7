#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "parley/ring/detail/layout.hpp"
#include "parley/ring/detail/mapping.hpp"
#include "parley/ring/error.hpp"

namespace parley::ring::detail {

/// The 16 bytes before a frame's data; both 0 in a wrap marker.
struct FrameHeader {
  std::uint64_t size = 0;
  std::uint64_t sequence = 0;

  bool marker() const { return size == 0 && sequence == 0; }
};
static_assert(sizeof(FrameHeader) == kHeaderSize);

/// A mapped segment with the snapshot of its sizes.
class Segment {
 public:
  Segment() = default;

  /// Takes the snapshot of the sizes and checks the whole block, in the order of its fields (ring protocol, "Hostile
  /// and broken memory"). `mapping` has room for an OIEB.
  /// @throws Error VersionMismatch, Corrupt.
  Segment(std::string name, Mapping mapping) : name_(std::move(name)), mapping_(std::move(mapping)) {
    validate_sizes();
    const auto at_most = [&](const Word& word, const char* field, std::uint64_t limit) { bounded(word, field, limit); };
    at_most(oieb().metadata_free, field::kMetadataFree, metadata_size_);
    at_most(oieb().metadata_written, field::kMetadataWritten, metadata_size_);
    at_most(oieb().payload_free, field::kPayloadFree, payload_size_);
    at_most(oieb().write_pos, field::kWritePos, payload_size_);
    at_most(oieb().read_pos, field::kReadPos, payload_size_);
    at_most(oieb().writer_pid, field::kWriterPid, kMaxPid);
    at_most(oieb().reader_pid, field::kReaderPid, kMaxPid);
  }

  Oieb& oieb() const { return *reinterpret_cast<Oieb*>(mapping_.bytes()); }
  const std::string& name() const { return name_; }
  std::uint64_t metadata_size() const { return metadata_size_; }
  std::uint64_t payload_size() const { return payload_size_; }
  std::uint64_t largest_frame() const { return payload_size_ - kHeaderSize; }
  std::uint8_t* metadata() const { return mapping_.bytes() + kOiebSize; }
  std::uint8_t* payload() const { return payload_; }

  /// Loads a field that must not exceed `limit`.
  /// @throws Error Corrupt.
  std::uint64_t bounded(const Word& word, const char* field, std::uint64_t limit) const {
    const std::uint64_t value = word.load();
    if (value > limit) {
      throw Error::corrupt(name_, field, value, limit);
    }
    return value;
  }

  /// The frame header at `pos`, which has room for one. Frames have no padding, so it is not aligned in general.
  FrameHeader header(std::uint64_t pos) const {
    FrameHeader header;
    std::memcpy(&header, payload_ + pos, sizeof header);
    return header;
  }

  void set_header(std::uint64_t pos, const FrameHeader& header) const {
    std::memcpy(payload_ + pos, &header, sizeof header);
  }

 private:
  void validate_sizes() {
    if (const std::uint64_t size = oieb().oieb_size.load(); size != kOiebSize) {
      throw Error::corrupt(name_, field::kOiebSize, size, kOiebSize);
    }
    if (const std::uint64_t version = oieb().major.load(); version != kMajor) {
      throw Error::exceeds(ErrorKind::VersionMismatch, name_, version, kMajor);
    }
    const std::uint64_t size = mapping_.size();
    if (size < kOiebSize + kAlign) {
      throw Error::corrupt(name_, field::kSegmentSize, size, kOiebSize + kAlign);
    }
    const std::uint64_t room = size - kOiebSize;
    metadata_size_ = oieb().metadata_size.load();
    if (metadata_size_ % kAlign != 0 || metadata_size_ > room - kAlign) {
      throw Error::corrupt(name_, field::kMetadataSize, metadata_size_, room - kAlign);
    }
    payload_size_ = oieb().payload_size.load();
    if (payload_size_ % kAlign != 0 || payload_size_ < kAlign || payload_size_ > room - metadata_size_) {
      throw Error::corrupt(name_, field::kPayloadSize, payload_size_, room - metadata_size_);
    }
    payload_ = mapping_.bytes() + kOiebSize + metadata_size_;
  }

  std::string name_;
  Mapping mapping_;
  std::uint64_t metadata_size_ = 0;
  std::uint64_t payload_size_ = 0;
  std::uint8_t* payload_ = nullptr;
};

}  // namespace parley::ring::detail
