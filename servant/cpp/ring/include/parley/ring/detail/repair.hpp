#pragma once

#include <cstdint>
#include <optional>

#include "parley/ring/detail/layout.hpp"
#include "parley/ring/detail/plan.hpp"
#include "parley/ring/detail/segment.hpp"

namespace parley::ring::detail {

/// Walks over `count` frames and markers from `pos` on, but not past `target`, and gives where they end; nothing if
/// they do not end by then, or if something there does not look like a frame.
inline std::optional<std::uint64_t> end_of_counted(const Segment& segment, std::uint64_t pos, std::uint64_t target,
                                                   std::uint64_t count) {
  const std::uint64_t payload = segment.payload_size();
  if (pos > payload || target > payload || count > most_pending(payload)) {
    return std::nullopt;
  }
  while (count > 0 && pos % payload != target % payload) {
    pos %= payload;
    if (payload - pos < kHeaderSize) {
      pos = 0;
      continue;
    }
    const FrameHeader header = segment.header(pos);
    if (header.marker() && pos > 0) {
      pos = 0;
    } else if (header.size == 0 || header.size > segment.largest_frame() - pos) {
      return std::nullopt;
    } else {
      pos += kHeaderSize + header.size;
    }
    --count;
  }
  return count == 0 ? std::optional(pos) : std::nullopt;
}

/// Puts write_pos back to the end of the frames that are counted, after a writer that died (ring protocol, "Killed
/// while it publishes"). A writer stores write_pos, then the free bytes, then written_count, then posts; a frame counts
/// from written_count on.
inline void resume(const Segment& segment) {
  // Bounds how often a reader that reads meanwhile makes it begin anew.
  constexpr int kAttempts = 100;
  Oieb& oieb = segment.oieb();
  for (int i = 0; i < kAttempts; ++i) {
    const std::uint64_t read = oieb.read_count.load();
    const std::uint64_t target = oieb.write_pos.load();
    const auto end = end_of_counted(segment, oieb.read_pos.load(), target, oieb.written_count.load() - read);
    if (oieb.read_count.load() == read) {
      if (end && *end % segment.payload_size() != target % segment.payload_size()) {
        oieb.write_pos.store(*end);
      }
      return;
    }
  }
}

}  // namespace parley::ring::detail
