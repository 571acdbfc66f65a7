#include "race_report.hpp"

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string_view>

#include "parley/failure.hpp"

namespace parley::steps {

void RaceReport::add(const std::string& name, const std::string& outcome) {
  text_.append(text_.empty() ? "" : ",").append(name).append("=").append(outcome);
}

std::map<std::string, std::vector<std::string>> race_outcomes(const std::map<std::string, std::string>& shared,
                                                              Location at) {
  std::map<std::string, std::vector<std::string>> outcomes;
  for (const auto& [key, value] : shared) {
    if (key.rfind(RaceReport::kKeyPrefix, 0) != 0) {
      continue;
    }
    std::istringstream parts(value);
    for (std::string part; std::getline(parts, part, ',');) {
      const std::size_t equals = part.find('=');
      if (equals == std::string::npos) {
        fail("the report " + key + " holds '" + part + "', expected name=outcome", at);
      }
      outcomes[part.substr(0, equals)].push_back(part.substr(equals + 1));
    }
  }
  for (auto& [name, ended] : outcomes) {
    std::sort(ended.begin(), ended.end());
  }
  return outcomes;
}

}  // namespace parley::steps
