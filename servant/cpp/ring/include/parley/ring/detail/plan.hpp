#pragma once

#include <cstdint>
#include <optional>

#include "parley/ring/detail/layout.hpp"

namespace parley::ring::detail {

/// Where a frame will be.
struct Placement {
  std::uint64_t start = 0;
  /// The frame's size in bytes, without its header.
  std::uint64_t size = 0;
  /// The write position before. The wasted bytes from there to the end are skipped, and marked.
  std::uint64_t from = 0;
  std::uint64_t wasted = 0;
  /// The free space before.
  std::uint64_t free = 0;
  /// Both positions go to 0 first.
  bool rewind = false;

  /// The space that the frame takes.
  std::uint64_t taken() const { return wasted + kHeaderSize + size; }
};

/// Places a frame of `size` bytes, at most payload − 16, in a ring whose write position is `pos` and that has `free`
/// bytes of free space; nothing while there is no place (ring protocol, "Writing a frame", P1, P2). An eager plan
/// rewinds an empty ring without need.
inline std::optional<Placement> plan(std::uint64_t payload, std::uint64_t pos, std::uint64_t free, std::uint64_t size,
                                     bool eager) {
  Placement place{pos, size, pos, 0, free, false};
  const std::uint64_t total = kHeaderSize + size;
  const std::uint64_t tail = payload - pos;
  const bool empty = free == payload;
  // A tail of 1 to 15 bytes behind the frame, which peers' readers misread.
  const bool leaves_stub = pos != 0 && tail > total && tail < total + kHeaderSize;
  if (tail >= kHeaderSize && (tail < total || leaves_stub)) {
    place.start = 0;
    place.wasted = tail;
    place.rewind = tail + total > payload;
  } else if (tail == 0) {
    place.start = 0;
  } else {
    // No marker fits into a short tail.
    place.rewind = tail < kHeaderSize || (pos != 0 && empty && eager);
  }
  if (place.rewind) {
    place.start = 0;
    place.wasted = 0;
    return empty ? std::optional(place) : std::nullopt;
  }
  return free >= place.taken() ? std::optional(place) : std::nullopt;
}

/// What was written and is not published.
struct Batch {
  std::uint64_t frames = 0;
  /// Frames and wrap markers.
  std::uint64_t counts = 0;
  std::uint64_t bytes = 0;
  /// The write position and the free space afterwards.
  std::uint64_t pos = 0;
  std::uint64_t free = 0;
  bool rewind = false;

  void add(const Placement& place) {
    ++frames;
    counts += place.wasted > 0 ? 2 : 1;
    bytes += place.taken();
    pos = place.start + kHeaderSize + place.size;
    free = place.free - place.taken();
    rewind = rewind || place.rewind;
  }
};

/// How far written_count can be ahead: each of the smallest frames can have a marker before it.
constexpr std::uint64_t most_pending(std::uint64_t payload) {
  return 2 * (payload / (kHeaderSize + 1));
}

}  // namespace parley::ring::detail
