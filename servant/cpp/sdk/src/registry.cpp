#include "registry.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace parley::detail {

namespace {

std::string count(std::size_t n, const std::string& noun) {
  return (n == 0 ? "no" : std::to_string(n)) + " " + noun + (n == 1 ? "" : "s");
}

[[noreturn]] void refuse(const Definition& definition, const std::string& mistake) {
  throw DefinitionError("step definition " + to_string(definition) + " " + mistake);
}

Pattern checked_pattern(const Definition& definition) {
  try {
    Pattern pattern(definition.pattern());
    const std::size_t takes = definition.shape().captures;
    if (takes != pattern.groups()) {
      refuse(definition, "takes " + count(takes, "argument") + ", but its pattern has " +
                             count(pattern.groups(), "group") +
                             "; each group is a parameter after the Scenario, in order");
    }
    return pattern;
  } catch (const std::invalid_argument& e) {
    refuse(definition, e.what());
  }
}

}  // namespace

Registry::Registry(std::vector<Definition> definitions) : definitions_(std::move(definitions)) {
  patterns_.reserve(definitions_.size());
  for (auto definition = definitions_.begin(); definition != definitions_.end(); ++definition) {
    patterns_.push_back(checked_pattern(*definition));
    const auto same = std::find_if(definitions_.begin(), definition, [&](const Definition& other) {
      return other.type() == definition->type() && other.pattern() == definition->pattern();
    });
    if (same != definition) {
      refuse(*definition, "is there already, at " + to_string(same->location()) + "; remove one of them");
    }
  }
}

const Definition* Registry::by_id(std::int64_t id) const {
  const bool known = id >= 1 && static_cast<std::uint64_t>(id) <= definitions_.size();
  return known ? &definitions_[static_cast<std::size_t>(id) - 1] : nullptr;
}

std::vector<Match> Registry::matches(const std::string& step_type, const std::string& text) const {
  std::vector<Match> found;
  for (std::size_t i = 0; i < definitions_.size(); ++i) {
    const Definition& definition = definitions_[i];
    if (definition.type() != "step" && definition.type() != step_type) {
      continue;
    }
    if (auto captures = patterns_[i].match(text)) {
      found.push_back({&definition, std::move(*captures)});
    }
  }
  return found;
}

}  // namespace parley::detail
