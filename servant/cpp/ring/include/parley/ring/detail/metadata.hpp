#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <thread>

#include "parley/ring/bytes.hpp"
#include "parley/ring/detail/layout.hpp"
#include "parley/ring/detail/segment.hpp"
#include "parley/ring/detail/spin.hpp"
#include "parley/ring/error.hpp"

namespace parley::ring::detail {

/// Gives a copy of the metadata; nothing while none is written (ring protocol, "Segment").
/// @throws Error NoMetadataBlock, Corrupt.
inline std::optional<Bytes> read_metadata(const Segment& segment) {
  const std::uint64_t size = segment.metadata_size();
  if (size == 0) {
    throw Error::of(ErrorKind::NoMetadataBlock, segment.name());
  }
  const auto corrupt = [&](const char* field, std::uint64_t value, std::uint64_t limit) {
    return Error::corrupt(segment.name(), field, value, limit);
  };
  const Oieb& oieb = segment.oieb();
  const std::uint64_t written = segment.bounded(oieb.metadata_written, field::kMetadataWritten, size);
  std::uint64_t free = segment.bounded(oieb.metadata_free, field::kMetadataFree, size);
  if (written == 0) {
    return std::nullopt;
  }
  // Peers store the written bytes first.
  for (const auto start = Clock::now(); free != size - written; free = oieb.metadata_free.load()) {
    if (Clock::now() - start > kSuspicion) {
      throw corrupt(field::kMetadataFree, free, size - written);
    }
    std::this_thread::sleep_for(kRecheck);
  }
  std::uint64_t length = 0;
  std::memcpy(&length, segment.metadata(), sizeof length);
  if (length > size - kMetadataHeader) {
    throw corrupt(field::kMetadataLength, length, size - kMetadataHeader);
  }
  if (written != kMetadataHeader + length) {
    throw corrupt(field::kMetadataWritten, written, kMetadataHeader + length);
  }
  const std::uint8_t* start = segment.metadata() + kMetadataHeader;
  return Bytes(start, start + length);
}

/// Says whether `length` bytes of metadata may be written.
/// @throws Error NoMetadataBlock, MetadataAlreadyWritten, MetadataTooLarge, Corrupt.
inline void check_metadata_room(const Segment& segment, std::uint64_t length) {
  const std::uint64_t size = segment.metadata_size();
  if (size == 0) {
    throw Error::of(ErrorKind::NoMetadataBlock, segment.name());
  }
  const Oieb& oieb = segment.oieb();
  if (segment.bounded(oieb.metadata_written, field::kMetadataWritten, size) != 0) {
    throw Error::of(ErrorKind::MetadataAlreadyWritten, segment.name());
  }
  if (length > size - kMetadataHeader) {
    throw Error::exceeds(ErrorKind::MetadataTooLarge, segment.name(), length, size - kMetadataHeader);
  }
  if (const std::uint64_t free = oieb.metadata_free.load(); free != size) {
    throw Error::corrupt(segment.name(), field::kMetadataFree, free, size);
  }
}

/// Writes the metadata, which has room.
inline void store_metadata(const Segment& segment, const View& data) {
  const std::uint64_t length = data.size;
  std::memcpy(segment.metadata(), &length, sizeof length);
  if (length > 0) {
    std::memcpy(segment.metadata() + kMetadataHeader, data.data, length);
  }
  segment.oieb().metadata_free.store(segment.metadata_size() - kMetadataHeader - length);
  segment.oieb().metadata_written.store(kMetadataHeader + length);
}

}  // namespace parley::ring::detail
