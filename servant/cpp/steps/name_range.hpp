#pragma once

#include <string>
#include <vector>

#include "parley/location.hpp"

namespace parley::steps {

/// The names from first to last, which differ in the number at their end: race-1 to race-50. Throws a Failure when the
/// two span no range.
std::vector<std::string> name_range(const std::string& first, const std::string& last, Location at = Location::here());

}  // namespace parley::steps
