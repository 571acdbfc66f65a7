#include "performance.hpp"

#include <cxxabi.h>

#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "parley/cancellation.hpp"
#include "parley/failure.hpp"
#include "parley/scenario.hpp"
#include "type_name.hpp"

namespace parley::detail {

namespace {

constexpr const char* kTimeoutType = "STEP_EXECUTION_TIMEOUT";

std::string quoted(const std::string& text) {
  return "'" + text + "'";
}

Outcome undefined(const ExecuteStep& step) {
  const std::string message = "No matching step definition for " + step.step_type + " " + quoted(step.step);
  return {Status::undefined, message, "UndefinedStep"};
}

Outcome ambiguous(const ExecuteStep& step, const std::vector<Match>& found) {
  std::string message = "Ambiguous step " + step.step_type + " " + quoted(step.step) + ": " +
                        std::to_string(found.size()) + " definitions match";
  const char* separator = ": ";
  for (const Match& match : found) {
    message += separator + to_string(*match.definition);
    separator = "; ";
  }
  return {Status::ambiguous, message, "AmbiguousStep"};
}

std::string name_of(const std::exception& thrown, const std::vector<Servant::FailureName>& names) {
  for (const Servant::FailureName& name : names) {
    std::string known = name(thrown);
    if (!known.empty()) {
      return known;
    }
  }
  return type_name(typeid(thrown));
}

/// Judges the exception that is being handled.
Outcome verdict(const Definition& definition, const std::vector<Servant::FailureName>& names) {
  const std::string place = to_string(definition.location()) + ": the step definition";
  try {
    throw;
  } catch (const Failure& e) {
    const std::string line = to_string(e.location()) + ": the step failed here\n";
    return {Status::failed, e.what(), e.type(), line + place, e.expected(), e.actual()};
  } catch (const Pending& e) {
    return {Status::pending, e.what()};
  } catch (const Skipped& e) {
    return {Status::skipped, e.what()};
  } catch (const ArgumentError& e) {
    return {Status::failed, e.what(), "InvalidArguments", place};
  } catch (const std::exception& e) {
    const std::string type = name_of(e, names);
    const std::string message = e.what();
    return {Status::failed, message.empty() ? type : message, type, place};
  } catch (...) {
    const std::string type = type_name(*abi::__cxa_current_exception_type());
    return {Status::failed, "the step threw a value of type " + type + ", which is no std::exception", type, place};
  }
}

Outcome perform_with(const Definition& definition, const StepInput& input,
                     const std::vector<Servant::FailureName>& names, Scenario& scenario, const StepRun& run) {
  std::optional<Outcome> outcome;
  try {
    definition.perform(scenario, input);
  } catch (...) {
    if (std::current_exception() == nullptr) {
      throw;  // no exception, but the end of the thread
    }
    outcome = verdict(definition, names);
  }
  // What the step printed belongs to it, and not to the next one.
  (void)std::fflush(stdout);
  if (const auto why = run.stopped()) {
    const std::string stack = to_string(definition.location()) + ": the step definition";
    return stopped_outcome(run, *why, outcome ? outcome->error : "", outcome ? outcome->stack : stack);
  }
  return outcome.value_or(Outcome{});
}

}  // namespace

const char* to_string(Status status) {
  switch (status) {
    case Status::passed:
      return "passed";
    case Status::failed:
      return "failed";
    case Status::undefined:
      return "undefined";
    case Status::ambiguous:
      return "ambiguous";
    case Status::pending:
      return "pending";
    case Status::skipped:
      return "skipped";
    case Status::timeout:
      return "timeout";
    case Status::cancelled:
      return "cancelled";
  }
  return "failed";
}

Outcome perform(const Registry& registry, const std::vector<Servant::FailureName>& names, Scenario& scenario,
                const StepRun& run) {
  const ExecuteStep& step = run.request();
  if (step.definition) {
    return perform_with(*registry.by_id(*step.definition), step.input, names, scenario, run);
  }
  std::vector<Match> found;
  try {
    found = registry.matches(step.step_type, step.step);
  } catch (const std::length_error& e) {
    return {Status::failed, e.what(), "InvalidArguments"};
  }
  if (found.empty()) {
    return undefined(step);
  }
  if (found.size() > 1) {
    return ambiguous(step, found);
  }
  const StepInput input{std::move(found[0].arguments), step.input.table, step.input.doc_string};
  return perform_with(*found[0].definition, input, names, scenario, run);
}

Outcome stopped_outcome(const StepRun& run, const Stop& why, const std::string& how, std::string stack) {
  const bool timeout = why.status == Status::timeout;
  std::string message = timeout ? "Step execution timeout: " : "Step cancelled: ";
  message += quoted(run.request().step) + " " + why.reason;
  if (!how.empty()) {
    message += "; it ended with: " + how;
  }
  return {why.status, std::move(message), timeout ? kTimeoutType : "Cancelled", std::move(stack)};
}

}  // namespace parley::detail
