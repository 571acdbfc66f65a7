#pragma once

#include <vector>

#include "outcome.hpp"
#include "parley/program.hpp"
#include "registry.hpp"
#include "step_run.hpp"

namespace parley {
class Scenario;
}

namespace parley::detail {

/// Performs a step on the calling thread, whatever it throws. Contract: "Result of executeStep".
Outcome perform(const Registry& registry, const std::vector<Servant::FailureName>& names, Scenario& scenario,
                const StepRun& run);

/// The verdict on a step that ended after it had been told to; stack is where it ended, and how what it threw.
Outcome stopped_outcome(const StepRun& run, const Stop& why, const std::string& how, std::string stack);

}  // namespace parley::detail
