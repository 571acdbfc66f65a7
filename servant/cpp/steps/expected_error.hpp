#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "parley/ring.hpp"
#include "parley/servant.hpp"

namespace parley::steps {

/// An error of the ring as features write it: `Kind[ detail=value]*[ naming WORDS]`. Each detail must be what the error
/// carries, as text, and WORDS must be part of its message.
class ExpectedError {
 public:
  /// Throws std::invalid_argument for a text that is no error of the ring.
  explicit ExpectedError(std::string text);

  const std::string& text() const noexcept { return text_; }
  bool is_met_by(const ring::Error& error) const;
  /// Passes only if an error is this one; throws a Failure otherwise. doing says what ended with it.
  void check(const std::string& doing, const ring::Error& error, Location at = Location::here()) const;

 private:
  void add(const std::string& part);

  std::string text_;
  ring::ErrorKind kind_{};
  std::map<std::string, std::string> details_;
  std::string words_;
};

/// An error as features write it, with its message behind.
std::string describe(const ring::Error& error);

/// Passes only if an action fails with exactly this error of the ring; throws a Failure otherwise. doing says what the
/// action does, and what it returns says what it did where it succeeded.
void expect_error(const ExpectedError& expected, const std::string& doing, const std::function<std::string()>& action,
                  Location at = Location::here());

}  // namespace parley::steps

/// A step names an error of the ring as all languages do.
template <>
struct parley::Argument<parley::steps::ExpectedError> {
  static parley::steps::ExpectedError from(std::string_view text) {
    return parley::steps::ExpectedError(std::string(text));
  }
};
