#include "name_range.hpp"

#include <cstddef>
#include <optional>

#include "parley/servant.hpp"

namespace parley::steps {

namespace {

/// The length of a name without the digits at its end.
std::size_t prefix_of(const std::string& name) {
  return name.find_last_not_of("0123456789") + 1;
}

std::optional<int> number_of(const std::string& name) {
  try {
    return Argument<int>::from(std::string_view(name).substr(prefix_of(name)));
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<std::string> name_range(const std::string& first, const std::string& last, Location at) {
  const std::string prefix = first.substr(0, prefix_of(first));
  const auto from = number_of(first);
  const auto to = number_of(last);
  if (last.substr(0, prefix_of(last)) != prefix || !from || !to || *from > *to) {
    fail("'" + first + "' to '" + last +
             "' is no range; the names must end in numbers that rise, such as 'race-1' to 'race-50'",
         at);
  }
  std::vector<std::string> names;
  for (int n = *from; n <= *to; ++n) {
    names.push_back(prefix + std::to_string(n));
  }
  return names;
}

}  // namespace parley::steps
