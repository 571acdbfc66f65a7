#pragma once

#include <string>

namespace parley::detail {

/// How a step ended. Contract: "Result of executeStep", status.
enum class Status { passed, failed, undefined, ambiguous, pending, skipped, timeout, cancelled };

/// The contract's word for it.
const char* to_string(Status status);

/// The verdict on a step, before what the step recorded is added to it.
struct Outcome {
  Status status = Status::passed;
  /// Why, unless it passed.
  std::string error{};
  /// failure.type; empty where there is no failure to describe.
  std::string failure_type{};
  std::string stack{};
  std::string expected{};
  std::string actual{};
  /// The step ended its thread, by pthread_exit.
  bool thread_ended = false;
};

}  // namespace parley::detail
