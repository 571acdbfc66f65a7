#pragma once

#include <cstddef>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace parley::detail {

/// A definition's pattern. Contract: "Matching". Coordinators of contract 1.1 match themselves; this serves those of
/// 1.0, and finds mistakes at the servant's start.
class Pattern {
 public:
  /// The longest text that is matched, in bytes. The standard library's matcher recurses once for each of them.
  static constexpr std::size_t kMaxText = 2048;

  /// Throws std::invalid_argument for what is no regular expression, or has lookaround or backreferences, which RE2
  /// does not know.
  explicit Pattern(const std::string& text);

  /// How many groups capture.
  std::size_t groups() const { return regex_.mark_count(); }

  /// What the groups capture when the whole text matches, "" for a group that took no part. Throws
  /// std::length_error for a text above kMaxText.
  std::optional<std::vector<std::string>> match(const std::string& text) const;

 private:
  std::regex regex_;
};

}  // namespace parley::detail
