#include "pattern.hpp"

#include <cctype>
#include <stdexcept>

namespace parley::detail {

namespace {

/// What is in an ECMAScript expression and not in RE2, in words; "" for nothing.
std::string beyond_re2(std::string_view text) {
  bool in_class = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
      if (!in_class && i < text.size() && text[i] != '0' && std::isdigit(static_cast<unsigned char>(text[i])) != 0) {
        return "a backreference";
      }
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
    } else if (text.substr(i, 3) == "(?=" || text.substr(i, 3) == "(?!") {
      return "lookaround";
    }
  }
  return {};
}

std::regex compile(const std::string& text) {
  const std::string beyond = beyond_re2(text);
  if (!beyond.empty()) {
    throw std::invalid_argument("has " + beyond + ", which patterns of steps do not");
  }
  try {
    return std::regex(text, std::regex::ECMAScript);
  } catch (const std::regex_error& e) {
    throw std::invalid_argument(std::string("is no regular expression: ") + e.what());
  }
}

}  // namespace

Pattern::Pattern(const std::string& text) : regex_(compile(text)) {}

std::optional<std::vector<std::string>> Pattern::match(const std::string& text) const {
  if (text.size() > kMaxText) {
    throw std::length_error("the step has " + std::to_string(text.size()) + " bytes; without a definition's id only " +
                            std::to_string(kMaxText) + " are matched");
  }
  std::smatch found;
  if (!std::regex_match(text, found, regex_)) {
    return std::nullopt;
  }
  std::vector<std::string> captures;
  for (std::size_t i = 1; i < found.size(); ++i) {
    captures.push_back(found[i].str());
  }
  return captures;
}

}  // namespace parley::detail
