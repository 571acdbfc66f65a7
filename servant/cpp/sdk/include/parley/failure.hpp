#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "parley/location.hpp"

namespace parley {

/// What a step expected and what came instead. Contract: "Result of executeStep", failure.
class Failure : public std::runtime_error {
 public:
  /// The parts of a failure as the reports show them; all but the message may be empty.
  struct Parts {
    std::string message;
    std::string expected{};
    std::string actual{};
    /// Names the kind of failure; "AssertionFailed" unless something more exact is known.
    std::string type{"AssertionFailed"};
  };

  explicit Failure(Parts parts, Location at = Location::here());

  const std::string& type() const noexcept { return parts_.type; }
  const std::string& expected() const noexcept { return parts_.expected; }
  const std::string& actual() const noexcept { return parts_.actual; }
  const Location& location() const noexcept { return at_; }

 private:
  Parts parts_;
  Location at_;
};

/// Ends a step as pending: defined, and yet to be written.
class Pending : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Ends a step as skipped: it cannot be performed here.
class Skipped : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Fails the step with a message; the reports name the line of the call.
[[noreturn]] void fail(std::string message, Location at = Location::here());

/// Ends the step as pending.
[[noreturn]] void pending(const std::string& reason = "pending");

/// Ends the step as skipped, for a reason.
[[noreturn]] void skip(const std::string& reason);

namespace detail {

template <class T>
std::string text_of(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return std::string(std::string_view(value));
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);  // a byte is a number, not a character
  } else {
    std::ostringstream text;
    text << value;
    return text.str();
  }
}

struct Mismatch {
  template <class Expected, class Actual>
  [[noreturn]] void operator()(std::string what, const Expected& expected, const Actual& actual,
                               Location at = Location::here()) const {
    throw Failure({std::move(what), text_of(expected), text_of(actual)}, at);
  }
};

}  // namespace detail

/// mismatch(what, expected, actual) fails a step that compared something: what says what it looked at; expected and
/// actual are shown beside each other. An object, so that a call with three std::strings does not find std::mismatch as
/// well.
inline constexpr detail::Mismatch mismatch{};

}  // namespace parley
