#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "parley/definition.hpp"
#include "pattern.hpp"

namespace parley::detail {

/// A step definition that cannot serve. One line that names its place.
class DefinitionError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A definition that matches a step's text, and what its groups captured.
struct Match {
  const Definition* definition;
  std::vector<std::string> arguments;
};

/// All step definitions of a servant, for concurrent reading.
class Registry {
 public:
  /// Throws DefinitionError for a definition that could never be performed.
  explicit Registry(std::vector<Definition> definitions);

  /// The definition with the id i + 1 is at i.
  const std::vector<Definition>& definitions() const noexcept { return definitions_; }

  /// The definition that discover reported under an id; null for none.
  const Definition* by_id(std::int64_t id) const;

  /// Every definition that matches a step. Contract: "Matching". Throws std::length_error; see Pattern.
  std::vector<Match> matches(const std::string& step_type, const std::string& text) const;

 private:
  std::vector<Definition> definitions_;
  std::vector<Pattern> patterns_;
};

}  // namespace parley::detail
