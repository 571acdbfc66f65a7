#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace parley::probe {

/// A command line that cannot be understood; the message says what to write instead.
class WrongWords : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the words of the command line say (ring protocol, "ring-probe: one ring from a shell"). Numbers that were not
/// given are 0, unless said otherwise.
struct Command {
  std::string verb;
  std::string name;
  std::set<std::string> given;

  std::uint64_t metadata = 0;
  std::uint64_t payload = 0;
  std::uint64_t frames = 0;
  std::uint64_t seed = 0;
  std::uint64_t min = 0;
  std::uint64_t max = 0;
  std::uint64_t metadata_length = 0;
  std::uint64_t hold = 0;
  std::uint64_t batch = 0;
  std::uint64_t die_after = 0;
  std::uint64_t size = 0;
  std::uint64_t count = 0;
  std::uint64_t warmup = 0;
  std::chrono::milliseconds timeout{5000};
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::microseconds delay{0};
  bool copy = false;
  bool zero_copy = false;

  bool has(const std::string& word) const { return given.count(word) > 0; }
};

/// Understands the words after the program's name.
/// @throws WrongWords.
Command parse(const std::vector<std::string>& words);

}  // namespace parley::probe
