#pragma once

/// The C++ SDK for servants: processes that play one role of a scenario and perform the steps that the coordinator
/// sends them (docs/servant-contract.md). A servant is a number of step definitions and one call:
///
///     const parley::Given count{"the '([^']*)' process counts to '(\\d+)'",
///                               [](parley::Scenario& s, const std::string& role, int n) { … }};
///
///     int main(int argc, char** argv) { return parley::Servant().run(argc, argv); }
///
/// A step passes when its function returns, and fails when it throws: see failure.hpp.

#include "parley/argument.hpp"      // IWYU pragma: export
#include "parley/cancellation.hpp"  // IWYU pragma: export
#include "parley/definition.hpp"    // IWYU pragma: export
#include "parley/failure.hpp"       // IWYU pragma: export
#include "parley/location.hpp"      // IWYU pragma: export
#include "parley/program.hpp"       // IWYU pragma: export
#include "parley/scenario.hpp"      // IWYU pragma: export
#include "parley/table.hpp"         // IWYU pragma: export
