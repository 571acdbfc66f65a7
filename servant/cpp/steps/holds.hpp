#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <vector>

#include "parley/ring.hpp"

namespace parley::steps {

/// Draws what a reader does with each frame that it has read, the same in every language: how long it holds which ones,
/// and how long it pauses.
///
/// With x the next output of splitmix64: frames that were read `most` frames ago or earlier are released first, the
/// oldest first, because space returns to the writer in order only, and what is held must not fill the ring. Then
/// x mod (most + 1) frames may stay; the others are released, the oldest first if bit 8 of x is 0, the newest first
/// otherwise. The pause is (x >> 16) mod (max_pause + 1) microseconds.
class Holds {
 public:
  struct Next {
    std::vector<std::uint64_t> release;  ///< In this order.
    std::chrono::microseconds pause;     ///< After that.
  };

  /// most frames are held at most while another one is read; max_pause is in microseconds.
  Holds(std::uint64_t seed, std::uint64_t most, std::uint64_t max_pause)
      : random_(seed), most_(most), pauses_(max_pause + 1) {}

  /// Is told that the frame with that number was read.
  Next next(std::uint64_t sequence);

  /// The frames that are still held, the oldest first; none is after.
  std::vector<std::uint64_t> rest();

 private:
  ring::pattern::SplitMix64 random_;
  std::uint64_t most_;
  std::uint64_t pauses_;
  std::deque<std::uint64_t> held_;
};

}  // namespace parley::steps
