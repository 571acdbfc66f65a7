#pragma once

#include <string>
#include <vector>

#include "client.hpp"
#include "parley/cancellation.hpp"
#include "parley/definition.hpp"

/// The golden transcripts that the SDKs of all languages share; the README beside them has the rules.
namespace parley::test {

/// A `define` line as a step definition; over ends the steps that hang.
Definition define(const std::string& type, const std::string& behaviour, const std::string& pattern,
                  const Cancellation& over);

/// Where a message differs from what a transcript expects, as a path and a reason; "" when it does not.
std::string difference(const Json& expected, const Json& actual, const std::string& path = "");

}  // namespace parley::test
