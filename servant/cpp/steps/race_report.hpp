#pragma once

#include <map>
#include <string>
#include <vector>

#include "parley/location.hpp"

namespace parley::steps {

/// How the attempts of one process to create buffers ended, in the form that all languages share: under the key "race."
/// and the instance of the process, the text name=outcome,name=outcome, where an outcome is "won" or the name of the
/// ring's error.
class RaceReport {
 public:
  static constexpr const char* kKeyPrefix = "race.";
  static constexpr const char* kWon = "won";

  void add(const std::string& name, const std::string& outcome);
  /// The report as it is shared.
  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

/// The reports of all racing processes together: the outcomes of each buffer's race, sorted. shared is the scenario's
/// map. Throws a Failure for a report of another form.
std::map<std::string, std::vector<std::string>> race_outcomes(const std::map<std::string, std::string>& shared,
                                                              Location at = Location::here());

}  // namespace parley::steps
