#include "words.hpp"

#include <chrono>
#include <limits>
#include <map>

namespace parley::probe {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
// A time in milliseconds or microseconds that still counts in nanoseconds.
constexpr std::uint64_t kLongest = kMost / 2'000'000;

Word number(std::string name, std::vector<std::string> verbs, std::uint64_t least, std::uint64_t Command::*member,
            std::uint64_t most = kMost) {
  return {std::move(name), std::move(verbs), true, least, most, [member](Command& command, std::uint64_t value) {
            command.*member = value;
          }};
}

template <typename Duration>
Word time(std::string name, std::vector<std::string> verbs, Duration Command::*member) {
  return {std::move(name), std::move(verbs), true, 0, kLongest, [member](Command& command, std::uint64_t value) {
            command.*member = Duration(static_cast<typename Duration::rep>(value));
          }};
}

Word flag(std::string name, std::vector<std::string> verbs, bool Command::*member) {
  return {std::move(name), std::move(verbs), false, 0, 0, [member](Command& command, std::uint64_t /*value*/) {
            command.*member = true;
          }};
}

}  // namespace

const std::vector<Word>& all_words() {
  static const std::vector<Word> words = {
      number("metadata", {"read", "pong", "ping"}, 0, &Command::metadata),
      number("payload", {"read", "pong", "ping"}, 1, &Command::payload),
      number("frames", {"read", "write"}, 0, &Command::frames),
      number("seed", {"read", "write"}, 0, &Command::seed, std::numeric_limits<std::uint64_t>::max()),
      number("min", {"read", "write"}, 0, &Command::min),
      number("max", {"read", "write"}, 0, &Command::max, kMost - 1),
      number("metadata-length", {"read", "write"}, 0, &Command::metadata_length),
      number("batch", {"read", "write"}, 1, &Command::batch),
      number("hold", {"read"}, 1, &Command::hold),
      number("die-after", {"write"}, 1, &Command::die_after),
      number("size", {"ping"}, 1, &Command::size),
      number("count", {"ping"}, 1, &Command::count),
      number("warmup", {"ping"}, 0, &Command::warmup),
      time("timeout-ms", {"read", "write", "pong"}, &Command::timeout),
      time("connect-timeout-ms", {"write"}, &Command::connect_timeout),
      time("delay-us", {"read"}, &Command::delay),
      flag("copy", {"read"}, &Command::copy),
      flag("zero-copy", {"write"}, &Command::zero_copy),
  };
  return words;
}

const std::vector<std::string>& required_words(const std::string& verb) {
  static const std::map<std::string, std::vector<std::string>> required = {
      {"read", {"metadata", "payload", "frames"}},
      {"write", {"frames", "seed", "min", "max"}},
      {"pong", {"metadata", "payload"}},
      {"ping", {"metadata", "payload", "size", "count", "warmup"}},
      {"inspect", {}},
  };
  const auto found = required.find(verb);
  if (found == required.end()) {
    throw WrongWords("unknown command \"" + verb + "\": use read, write, pong, ping or inspect");
  }
  return found->second;
}

}  // namespace parley::probe
