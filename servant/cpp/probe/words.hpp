#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "command.hpp"

namespace parley::probe {

/// One word of the command line that begins with "--".
struct Word {
  std::string name;
  /// The commands that have it.
  std::vector<std::string> verbs;
  /// Whether a value must follow; its least and greatest.
  bool takes_number = true;
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::function<void(Command&, std::uint64_t)> set;
};

/// All words there are.
const std::vector<Word>& all_words();

/// The words that the command must have; throws WrongWords for a command that does not exist.
const std::vector<std::string>& required_words(const std::string& verb);

}  // namespace parley::probe
