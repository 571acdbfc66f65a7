#pragma once

#include <chrono>
#include <cstdint>

namespace parley::ring {

/// How long a read waits for a frame and a write for space.
inline constexpr std::chrono::nanoseconds kDefaultTimeout = std::chrono::seconds(5);
/// How long a wait yields the processor before it sleeps.
inline constexpr std::chrono::nanoseconds kDefaultSpin = std::chrono::microseconds(150);

/// How one side of a buffer behaves.
struct Options {
  /// The read timeout of a reader, the write timeout of a writer; 0 or less looks once and never waits.
  std::chrono::nanoseconds timeout = kDefaultTimeout;
  /// How long a wait spins and yields before it sleeps; 0 or less sleeps at once ("Waiting, and speed").
  std::chrono::nanoseconds spin = kDefaultSpin;
};

/// The sizes of a buffer in bytes, as asked. Both are rounded up to a multiple of 64. `metadata` may be 0; `payload`
/// is at least 1.
struct Sizes {
  std::uint64_t metadata = 0;
  std::uint64_t payload = 0;
};

}  // namespace parley::ring
