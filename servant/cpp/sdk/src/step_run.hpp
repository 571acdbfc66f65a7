#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "messages.hpp"
#include "outcome.hpp"
#include "parley/cancellation.hpp"
#include "step_record.hpp"

namespace parley::detail {

/// Why a step was told to end.
struct Stop {
  Status status;       // timeout or cancelled
  std::string reason;  // in words, for the message
};

/// One executeStep request from its arrival on: shared by the thread that performs it and the one that answers it.
class StepRun {
 public:
  using Clock = std::chrono::steady_clock;
  using Progress = std::function<void(double done, double total, const std::string& unit)>;

  StepRun(ExecuteStep request, StepRecord::LiveLog live, Progress progress)
      : request_(std::move(request)),
        record_(std::move(request_.context), std::move(live)),
        progress_(std::move(progress)) {}

  const ExecuteStep& request() const noexcept { return request_; }
  StepRecord& record() noexcept { return record_; }
  const Cancellation& cancellation() const noexcept { return cancellation_; }
  void progress(double done, double total, const std::string& unit) const;

  /// Notes the scenario in which the step is performed.
  void enter(const Scenario* scenario) { scenario_ = scenario; }
  const Scenario* scenario() const noexcept { return scenario_; }

  void start_clock() { started_ = Clock::now(); }
  /// Since the clock started, at least 1; 1 if it did not.
  std::int64_t elapsed_ns() const;

  /// Tells the step to end; the first reason counts.
  void stop(Stop why);
  std::optional<Stop> stopped() const;

  /// The performing thread's last word.
  void finish(Outcome outcome);
  /// What finish was given; nothing while the step runs.
  std::optional<Outcome> finished() const;

 private:
  ExecuteStep request_;
  StepRecord record_;
  Progress progress_;
  Cancellation cancellation_;
  const Scenario* scenario_ = nullptr;
  Clock::time_point started_{};

  mutable std::mutex mutex_;
  std::optional<Stop> stop_;
  std::optional<Outcome> outcome_;
};

}  // namespace parley::detail
