#include "command.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "words.hpp"

namespace parley::probe {
namespace {

std::uint64_t parse_number(const Word& word, const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < word.least || value > word.most) {
    throw WrongWords("--" + word.name + " is \"" + text + "\", which is no number from " + std::to_string(word.least) +
                     " to " + std::to_string(word.most));
  }
  return value;
}

const Word& find_word(const std::string& verb, const std::string& name) {
  for (const Word& word : all_words()) {
    if (word.name == name && std::find(word.verbs.begin(), word.verbs.end(), verb) != word.verbs.end()) {
      return word;
    }
  }
  throw WrongWords("unexpected word \"--" + name + "\"");
}

/// Understands the word at `i` and its value, and gives the index of what follows.
std::size_t parse_word(Command& command, const std::vector<std::string>& words, std::size_t i) {
  const std::string& text = words[i];
  if (text.rfind("--", 0) != 0) {
    throw WrongWords("unexpected word \"" + text + "\"");
  }
  const std::size_t equals = text.find('=');
  const Word& word = find_word(command.verb, text.substr(2, equals == std::string::npos ? equals : equals - 2));
  command.given.insert(word.name);
  if (!word.takes_number) {
    if (equals != std::string::npos) {
      throw WrongWords("--" + word.name + " takes no value");
    }
    word.set(command, 1);
    return i + 1;
  }
  if (equals != std::string::npos) {
    word.set(command, parse_number(word, text.substr(equals + 1)));
    return i + 1;
  }
  if (i + 1 == words.size()) {
    throw WrongWords("--" + word.name + " needs a value");
  }
  word.set(command, parse_number(word, words[i + 1]));
  return i + 2;
}

void check_combinations(const Command& command) {
  for (const std::string& word : required_words(command.verb)) {
    if (!command.has(word)) {
      throw WrongWords("--" + word + " is missing");
    }
  }
  if (command.has("seed") != command.has("min") || command.has("min") != command.has("max")) {
    throw WrongWords("--seed, --min and --max go together");
  }
  if (command.max < command.min) {
    throw WrongWords("--max " + std::to_string(command.max) + " is below --min " + std::to_string(command.min));
  }
  if (command.has("batch") && (command.has("hold") || command.has("zero-copy"))) {
    throw WrongWords("--batch excludes --hold and --zero-copy");
  }
}

}  // namespace

Command parse(const std::vector<std::string>& words) {
  if (words.empty()) {
    throw WrongWords("a command is missing: read, write, pong, ping or inspect");
  }
  Command command;
  command.verb = words[0];
  required_words(command.verb);
  try {
    if (words.size() < 2 || words[1].rfind("--", 0) == 0) {
      throw WrongWords("the buffer's name is missing: ring-probe " + command.verb + " NAME …");
    }
    command.name = words[1];
    for (std::size_t i = 2; i < words.size();) {
      i = parse_word(command, words, i);
    }
    check_combinations(command);
  } catch (const WrongWords& wrong) {
    throw WrongWords(command.verb + ": " + wrong.what());
  }
  return command;
}

}  // namespace parley::probe
