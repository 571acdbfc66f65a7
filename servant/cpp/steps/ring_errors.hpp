#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "parley/ring.hpp"
#include "parley/servant.hpp"

/// A step names an error of the ring as all languages do.
template <>
struct parley::Argument<parley::ring::ErrorKind> {
  static parley::ring::ErrorKind from(std::string_view text);
};

namespace parley::steps {

/// Passes only if an action fails with exactly this error of the ring; throws a Failure otherwise. doing says what the
/// action does, and what it returns says what it did where it succeeded.
void expect_error(ring::ErrorKind expected, const std::string& doing, const std::function<std::string()>& action,
                  Location at = Location::here());

}  // namespace parley::steps
