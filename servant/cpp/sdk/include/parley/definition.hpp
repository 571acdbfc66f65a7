#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "parley/detail/binding.hpp"
#include "parley/location.hpp"

namespace parley {

class Scenario;

/// One step definition: a pattern and the function that performs the steps it matches. Contract: "discover".
class Definition {
 public:
  /// function takes a Scenario&, then one parameter per group of the pattern, then at most a Table or a DocString, and
  /// returns nothing. Parameters are of types that Argument knows.
  template <class Function>
  Definition(std::string type, std::string pattern, Function function, std::string summary, Location at)
      : type_(std::move(type)),
        pattern_(std::move(pattern)),
        summary_(std::move(summary)),
        at_(at),
        shape_(detail::Signature<Function>::shape),
        body_(detail::bind(std::move(function))) {}

  /// Given, When, Then, or step, which matches steps of any type.
  const std::string& type() const noexcept { return type_; }
  const std::string& pattern() const noexcept { return pattern_; }
  const std::string& summary() const noexcept { return summary_; }
  const Location& location() const noexcept { return at_; }
  const detail::Shape& shape() const noexcept { return shape_; }

  /// Performs a step. Throws detail::ArgumentError when the arguments do not fit, and whatever the function throws.
  void perform(Scenario& scenario, const detail::StepInput& input) const;

 private:
  std::string type_;
  std::string pattern_;
  std::string summary_;
  Location at_;
  detail::Shape shape_;
  detail::Body body_;
};

/// The definition in messages: its type, pattern and place.
std::string to_string(const Definition& definition);

namespace detail {

/// Adds to the definitions that Servant::run serves. For static initializers, in any order.
void register_definition(Definition definition);

/// What register_definition has collected, in its order.
const std::vector<Definition>& registered_definitions();

}  // namespace detail

/// Registers a step definition for steps of type Given, for as long as the program runs: define an object of it at
/// namespace scope. The pattern is a regular expression in the subset that RE2 and ECMAScript share (contract,
/// "Matching"), and matches the whole text of a step. A pattern that is none, and a function that takes another number
/// of arguments than it has groups, end the servant at its start with a line that names the place.
struct Given {
  template <class Function>
  Given(std::string pattern, Function function, std::string summary = "", Location at = Location::here()) {
    detail::register_definition({"Given", std::move(pattern), std::move(function), std::move(summary), at});
  }
};

/// As Given, for steps of type When.
struct When {
  template <class Function>
  When(std::string pattern, Function function, std::string summary = "", Location at = Location::here()) {
    detail::register_definition({"When", std::move(pattern), std::move(function), std::move(summary), at});
  }
};

/// As Given, for steps of type Then.
struct Then {
  template <class Function>
  Then(std::string pattern, Function function, std::string summary = "", Location at = Location::here()) {
    detail::register_definition({"Then", std::move(pattern), std::move(function), std::move(summary), at});
  }
};

/// As Given, for steps of any type.
struct Step {
  template <class Function>
  Step(std::string pattern, Function function, std::string summary = "", Location at = Location::here()) {
    detail::register_definition({"step", std::move(pattern), std::move(function), std::move(summary), at});
  }
};

}  // namespace parley
