#pragma once

#include <string>

namespace parley {

/// A line of source text, as people see it in messages.
struct Location {
  const char* file;
  int line;

  /// Where it is called; as a default argument, where the function that has it is called.
  static constexpr Location here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) noexcept {
    return {file, line};
  }
};

/// file:line.
inline std::string to_string(const Location& at) {
  return std::string(at.file) + ":" + std::to_string(at.line);
}

}  // namespace parley
