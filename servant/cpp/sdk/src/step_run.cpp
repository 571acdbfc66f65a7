#include "step_run.hpp"

#include <algorithm>

namespace parley::detail {

void StepRun::progress(double done, double total, const std::string& unit) const {
  if (progress_) {
    record_.while_open([&] { progress_(done, total, unit); });
  }
}

std::int64_t StepRun::elapsed_ns() const {
  if (started_ == Clock::time_point()) {
    return 1;
  }
  const auto elapsed = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - started_);
  return std::max<std::int64_t>(1, elapsed.count());
}

void StepRun::stop(Stop why) {
  {
    const std::lock_guard lock(mutex_);
    if (stop_) {
      return;
    }
    stop_ = std::move(why);
  }
  cancellation_.request();
}

std::optional<Stop> StepRun::stopped() const {
  const std::lock_guard lock(mutex_);
  return stop_;
}

void StepRun::finish(Outcome outcome) {
  const std::lock_guard lock(mutex_);
  outcome_ = std::move(outcome);
}

std::optional<Outcome> StepRun::finished() const {
  const std::lock_guard lock(mutex_);
  return outcome_;
}

}  // namespace parley::detail
