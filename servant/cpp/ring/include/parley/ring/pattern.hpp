#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

/// The test pattern that every language fills frames and metadata with, and the sizes of seeded frames, so that any
/// process can check what any other wrote (ring protocol, "Test pattern").
namespace parley::ring::pattern {

/// Byte `i` of the frame with that sequence number: (i + sequence) mod 256.
constexpr std::uint8_t frame_byte(std::uint64_t i, std::uint64_t sequence) {
  return static_cast<std::uint8_t>(i + sequence);
}

/// Byte `i` of metadata: (7·i + 3) mod 256.
constexpr std::uint8_t metadata_byte(std::uint64_t i) {
  return static_cast<std::uint8_t>(7 * i + 3);
}

/// Fills `size` bytes at `data` with the content of the frame with that sequence number.
inline void fill_frame(std::uint8_t* data, std::size_t size, std::uint64_t sequence) {
  auto byte = static_cast<std::uint8_t>(sequence);
  for (std::size_t i = 0; i < size; ++i) {
    data[i] = byte++;
  }
}

/// Fills `size` bytes at `data` with the content of metadata.
inline void fill_metadata(std::uint8_t* data, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    data[i] = metadata_byte(i);
  }
}

/// Whether `size` bytes at `data` are the content of the frame with that sequence number.
inline bool is_frame(const std::uint8_t* data, std::size_t size, std::uint64_t sequence) {
  // Differences are gathered without a branch, which the compiler turns into vector instructions.
  auto byte = static_cast<std::uint8_t>(sequence);
  unsigned different = 0;
  for (std::size_t i = 0; i < size; ++i) {
    different |= static_cast<unsigned>(data[i] ^ byte++);
  }
  return different == 0;
}

/// Checks that `size` bytes at `data` are the content of the frame with that sequence number.
/// @return Nothing if they are, otherwise a line that names the first wrong byte.
inline std::string check_frame(const std::uint8_t* data, std::size_t size, std::uint64_t sequence) {
  if (is_frame(data, size, sequence)) {
    return {};
  }
  const std::string frame = "frame " + std::to_string(sequence) + " of " + std::to_string(size) + " bytes: ";
  for (std::size_t i = 0; i < size; ++i) {
    if (const std::uint8_t byte = data[i]; byte != frame_byte(i, sequence)) {
      return frame + "byte " + std::to_string(i) + " is " + std::to_string(byte) + ", expected " +
             std::to_string(frame_byte(i, sequence));
    }
  }
  return frame + "its bytes change while they are read";
}

/// Checks that `size` bytes at `data` are the content of metadata.
/// @return Nothing if they are, otherwise a line that names the first wrong byte.
inline std::string check_metadata(const std::uint8_t* data, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] != metadata_byte(i)) {
      return "metadata of " + std::to_string(size) + " bytes: byte " + std::to_string(i) + " is " +
             std::to_string(data[i]) + ", expected " + std::to_string(metadata_byte(i));
    }
  }
  return {};
}

/// The generator of that name.
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

/// Draws the sizes of frames from a seed, the same in every language.
class FrameSizes {
 public:
  /// Sizes from `least` to `most` bytes, both included.
  /// @throws std::invalid_argument unless least ≤ most and most − least + 1 fits into 64 bits.
  FrameSizes(std::uint64_t seed, std::uint64_t least, std::uint64_t most)
      : random_(seed), least_(least), span_(most - least + 1) {
    if (least > most || span_ == 0) {
      throw std::invalid_argument("frame sizes from " + std::to_string(least) + " to " + std::to_string(most) +
                                  " are not a range");
    }
  }

  std::size_t next() { return least_ + random_.next() % span_; }

 private:
  SplitMix64 random_;
  std::uint64_t least_;
  std::uint64_t span_;
};

}  // namespace parley::ring::pattern
