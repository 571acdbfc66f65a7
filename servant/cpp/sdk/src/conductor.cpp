#include "conductor.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "performance.hpp"

namespace parley::detail {

namespace {

constexpr std::int64_t kDefaultLimitMs = 30'000;
constexpr std::int64_t kLongestLimitMs = std::int64_t{1000} * 60 * 60 * 24 * 365;

std::chrono::milliseconds limit_of(const ExecuteStep& step, const Initialize& scenario) {
  for (const std::int64_t limit : {step.timeout_ms, scenario.step_timeout_ms}) {
    if (limit > 0) {
      return std::chrono::milliseconds(std::min(limit, kLongestLimitMs));
    }
  }
  return std::chrono::milliseconds(kDefaultLimitMs);
}

/// Wakes the server once the step has its verdict, and gives it one when its thread is ended under it.
class ThreadWatch {
 public:
  ThreadWatch(StepRun& run, const Wakeup& wakeup) : run_(run), wakeup_(wakeup) {}
  ThreadWatch(const ThreadWatch&) = delete;
  ThreadWatch& operator=(const ThreadWatch&) = delete;
  ThreadWatch(ThreadWatch&&) = delete;
  ThreadWatch& operator=(ThreadWatch&&) = delete;
  ~ThreadWatch() {
    if (!run_.finished()) {
      Outcome outcome{Status::failed, "the step ended its thread (pthread_exit) instead of returning", "ThreadEnded"};
      outcome.thread_ended = true;
      run_.finish(std::move(outcome));
    }
    wakeup_.signal();
  }

 private:
  StepRun& run_;
  const Wakeup& wakeup_;
};

}  // namespace

Conductor::Conductor(std::shared_ptr<const Registry> registry, std::vector<Servant::FailureName> names)
    : registry_(std::move(registry)),
      names_(std::make_shared<const std::vector<Servant::FailureName>>(std::move(names))) {}

Conductor::~Conductor() {
  if (active_) {
    if (active_->run) {
      active_->run->record().close();
    }
    worker_.replace();
  }
}

void Conductor::add_step(std::string request_id, std::shared_ptr<StepRun> run, Answer answer) {
  queue_.push_back({std::move(request_id), std::move(run), std::move(answer), nullptr});
}

void Conductor::add_end(Ended ended) {
  const auto stop = [](const Task& task) {
    if (task.run) {
      task.run->stop({Status::cancelled, "was stopped, as its scenario ended"});
    }
  };
  std::for_each(queue_.begin(), queue_.end(), stop);
  if (active_ && active_->run && !active_->run->stopped()) {
    stop(*active_);
    active_->deadline = Clock::now() + kGrace;
  }
  queue_.push_back({"", nullptr, nullptr, std::move(ended)});
}

void Conductor::cancel(const std::string& request_id) {
  const Stop why{Status::cancelled, "was cancelled by the coordinator"};
  if (active_ && active_->run && active_->request_id == request_id && !active_->run->stopped()) {
    active_->run->stop(why);
    active_->deadline = Clock::now() + kGrace;
    return;
  }
  for (const Task& task : queue_) {
    if (task.run && task.request_id == request_id) {
      task.run->stop(why);
    }
  }
}

void Conductor::advance() {
  wakeup_->take();
  while (true) {
    if (active_) {
      if (!is_over(*active_)) {
        return;
      }
      active_.reset();
    }
    if (queue_.empty()) {
      return;
    }
    active_ = std::move(queue_.front());
    queue_.pop_front();
    start(*active_);
  }
}

std::optional<Conductor::Clock::time_point> Conductor::wake_at() const {
  return active_ && active_->run ? std::optional(active_->deadline) : std::nullopt;
}

bool Conductor::is_held_up() const {
  return stuck() != nullptr || active_.has_value();
}

std::shared_ptr<StepRun> Conductor::stuck() const {
  const auto found =
      std::find_if(given_up_.begin(), given_up_.end(), [](const auto& run) { return !run->finished().has_value(); });
  return found == given_up_.end() ? nullptr : *found;
}

void Conductor::start(Task& task) {
  if (task.run) {
    start_step(task);
  } else {
    start_end(task);
  }
}

void Conductor::start_step(Task& task) {
  StepRun& run = *task.run;
  run.start_clock();
  if (const auto why = run.stopped()) {
    run.finish(stopped_outcome(run, *why, "", ""));
    return;
  }
  if (const auto other = stuck(); other && other->scenario() == scenario_.get()) {
    run.finish({Status::failed,
                "an earlier step of this scenario was given up and still runs: '" + other->request().step + "'",
                "StepStillRunning"});
    return;
  }
  task.deadline = Clock::now() + limit_of(run.request(), scenario_->request());
  run.enter(scenario_.get());
  scenario_->enter(task.run);
  worker_.run([registry = registry_, names = names_, wakeup = wakeup_, scenario = scenario_, run = task.run] {
    const ThreadWatch watch(*run, *wakeup);
    Outcome outcome = perform(*registry, *names, *scenario, *run);
    scenario->enter(nullptr);
    run->finish(std::move(outcome));
  });
}

void Conductor::start_end(Task& task) {
  task.end = std::make_shared<End>();
  const std::shared_ptr<Scenario> scenario = std::exchange(scenario_, nullptr);
  const auto holder = stuck();
  if (!scenario || (holder && holder->scenario() == scenario.get())) {
    task.end->failures.emplace();
    return;
  }
  worker_.run([scenario, end = task.end, wakeup = wakeup_] {
    std::vector<std::string> failures = scenario->end();
    const std::lock_guard lock(end->mutex);
    end->failures = std::move(failures);
    wakeup->signal();
  });
}

bool Conductor::is_over(Task& task) {
  if (task.run) {
    return is_step_over(task);
  }
  std::optional<std::vector<std::string>> failures;
  {
    const std::lock_guard lock(task.end->mutex);
    failures = task.end->failures;
  }
  if (failures) {
    task.ended(*failures);
  }
  return failures.has_value();
}

bool Conductor::is_step_over(Task& task) {
  StepRun& run = *task.run;
  if (const auto outcome = run.finished()) {
    if (outcome->thread_ended) {
      worker_.replace();
    }
    task.answer(run, *outcome);
    return true;
  }
  const auto now = Clock::now();
  if (now < task.deadline) {
    return false;
  }
  const auto why = run.stopped();
  if (!why) {
    const std::chrono::milliseconds limit = limit_of(run.request(), scenario_->request());
    run.stop({Status::timeout, "took longer than its limit of " + std::to_string(limit.count()) + " ms"});
    task.deadline = now + kGrace;
    return false;
  }
  worker_.replace();
  given_up_.push_back(task.run);
  task.answer(run, stopped_outcome(run, {why->status, why->reason + " and still runs"}, "", ""));
  return true;
}

}  // namespace parley::detail
