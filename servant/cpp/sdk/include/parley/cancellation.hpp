#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>

namespace parley {

/// Thrown by a step that ends early because it was told to.
class Cancelled : public std::runtime_error {
 public:
  Cancelled() : std::runtime_error("the step was told to end") {}
};

/// Tells a step to end: at its limit, on $/cancelRequest, and when its scenario ends. A step that can block must heed
/// it. Copies share one state; for any thread. Contract: "Timeouts".
class Cancellation {
 public:
  bool requested() const noexcept { return state_->requested.load(std::memory_order_acquire); }

  /// Throws Cancelled once it is requested.
  void check() const;

  /// Waits, but no longer than until it is requested; says whether it was. Nothing is waited for at 0 or less.
  bool wait_for(std::chrono::nanoseconds duration) const;

  /// For loops and libraries that watch a flag; lives as long as a copy of this token does.
  const std::atomic<bool>& flag() const noexcept { return state_->requested; }

  /// The SDK's side: wakes all who wait.
  void request() const;

 private:
  struct State {
    std::atomic<bool> requested{false};
    std::mutex mutex;
    std::condition_variable changed;
  };

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace parley
