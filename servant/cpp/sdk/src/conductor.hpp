#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "descriptor.hpp"
#include "messages.hpp"
#include "outcome.hpp"
#include "parley/program.hpp"
#include "parley/scenario.hpp"
#include "registry.hpp"
#include "step_run.hpp"
#include "worker.hpp"

namespace parley::detail {

/// Performs steps and ends scenarios, one after another in the order of their arrival, on a thread of their own, and
/// gives up a step that does not end. Everything here is called by one thread, that of the server, and never blocks.
/// Contract: "Timeouts" and "Life of a servant".
class Conductor {
 public:
  using Clock = StepRun::Clock;
  using Answer = std::function<void(StepRun&, const Outcome&)>;
  using Ended = std::function<void(const std::vector<std::string>& failures)>;

  /// How long a step that was told to end has for it. Shorter than the second after which the coordinator kills.
  static constexpr std::chrono::milliseconds kGrace{250};

  Conductor(std::shared_ptr<const Registry> registry, std::vector<Servant::FailureName> names);
  Conductor(const Conductor&) = delete;
  Conductor& operator=(const Conductor&) = delete;
  Conductor(Conductor&&) = delete;
  Conductor& operator=(Conductor&&) = delete;
  /// Leaves what still runs to itself.
  ~Conductor();

  /// Performs a step when its turn comes, in the scenario that has begun by then; answer is called once, with its
  /// verdict.
  void add_step(std::string request_id, std::shared_ptr<StepRun> run, Answer answer);

  /// Stops all steps that were added before, and ends the scenario; ended is told what could not be closed. A step that
  /// was given up keeps the scenario's state until it returns.
  void add_end(Ended ended);

  /// Begins a scenario. To be called from an Ended.
  void begin(std::shared_ptr<Scenario> scenario) { scenario_ = std::move(scenario); }

  /// Stops the step of a request; nothing if it has been answered.
  void cancel(const std::string& request_id);

  /// Answers what has ended or whose time is up, and starts what is next. To be called after all of the above, when
  /// wakeup signals, and at wake_at.
  void advance();
  const Wakeup& wakeup() const noexcept { return *wakeup_; }
  std::optional<Clock::time_point> wake_at() const;

  /// Whether a step that was given up, or the end of a scenario, still runs.
  bool is_held_up() const;

 private:
  /// The end of a scenario, shared with the thread that performs it.
  struct End {
    std::mutex mutex;
    std::optional<std::vector<std::string>> failures;  // set once it is over
  };

  /// A step, or the end of a scenario.
  struct Task {
    std::string request_id;
    std::shared_ptr<StepRun> run;
    Answer answer;
    Ended ended;
    std::shared_ptr<End> end{};
    Clock::time_point deadline{};  // of a step: its limit, then the end of its grace
  };

  void start(Task& task);
  void start_step(Task& task);
  void start_end(Task& task);
  bool is_over(Task& task);
  bool is_step_over(Task& task);
  std::shared_ptr<StepRun> stuck() const;

  std::shared_ptr<const Registry> registry_;
  std::shared_ptr<const std::vector<Servant::FailureName>> names_;
  std::shared_ptr<const Wakeup> wakeup_ = std::make_shared<const Wakeup>();
  std::shared_ptr<Scenario> scenario_;
  std::vector<std::shared_ptr<StepRun>> given_up_;
  std::deque<Task> queue_;
  std::optional<Task> active_;
  Worker worker_;
};

}  // namespace parley::detail
