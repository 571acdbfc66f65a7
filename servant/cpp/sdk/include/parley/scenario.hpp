#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "parley/cancellation.hpp"
#include "parley/detail/state_store.hpp"

namespace parley {

/// How much a log line matters. Contract: "Result of executeStep", logs.
enum class Level { trace, debug, information, warning, error, critical };

namespace detail {
struct Initialize;
class StepRun;
}  // namespace detail

/// What a step knows of its scenario, and says to it. It lives from initialize to cleanup; for any thread. What
/// concerns the running step (cancel, log, attach, progress, set) belongs to the step that runs at the time of the
/// call.
class Scenario {
 public:
  explicit Scenario(detail::Initialize request);
  Scenario(const Scenario&) = delete;
  Scenario& operator=(const Scenario&) = delete;
  Scenario(Scenario&&) = delete;
  Scenario& operator=(Scenario&&) = delete;
  ~Scenario();

  /// The role that this process plays, as the feature writes it.
  const std::string& role() const noexcept;
  /// The scenario's name.
  const std::string& name() const noexcept;
  /// The platform under which the coordinator knows this servant.
  const std::string& platform() const noexcept;
  /// The run's id.
  const std::string& run_id() const noexcept;
  /// A folder of the run for files; empty when the coordinator gave none.
  const std::string& work_dir() const noexcept;
  /// Tells this process from others of the same role: its process id.
  static std::string instance();

  /// Makes a plain name of the feature unique to the running cell: every role of the cell gets the same name, no other
  /// cell does. Contract: "initialize", ResourcePrefix.
  std::string resource(std::string_view plain) const;

  /// The scenario's object of type T: constructed at the first call, from a Scenario& if T takes one and by default
  /// otherwise; at the scenario's end closed, if it has close(), and destroyed, the last one first. What close() throws
  /// fails the clean-up. Throws what the constructor throws, and std::logic_error after the scenario's end.
  template <class T>
  T& state() {
    return states_.get<T>([&]() -> T {
      if constexpr (std::is_constructible_v<T, Scenario&>) {
        return T(*this);
      } else {
        return T();
      }
    });
  }

  /// The value of a key in the string map that all roles of the scenario share: as it stood when the step was sent,
  /// with this step's own changes.
  std::optional<std::string> get(const std::string& key) const;
  /// A copy of the shared map; see get.
  std::map<std::string, std::string> shared() const;
  /// Writes to the shared map; later steps of every role see it. Throws std::logic_error while no step runs.
  void set(const std::string& key, std::string value);

  /// Ends when the step must: at its limit, when it is cancelled, or when the scenario ends.
  Cancellation cancel() const;

  /// Adds a line to the step's log: it is sent at once, and again with the step's result. While no step runs the line
  /// goes to standard error.
  void log(Level level, std::string message);
  /// Logs at level information.
  void log(std::string message) { log(Level::information, std::move(message)); }

  /// Hands data to the reports, 32 MiB per step in all; the bytes are copied. media_type is as in image/png. Throws
  /// std::invalid_argument for an empty name or a media type that is none, std::length_error above the limit, and
  /// std::logic_error while no step runs.
  void attach(const std::string& name, const std::string& media_type, std::string_view body);
  /// Hands a text to the reports, as text/plain.
  void attach(const std::string& name, std::string_view text) { attach(name, "text/plain", text); }

  /// Tells how far a long step has come: done of total units, such as frames. Contract: "Requests from the servant".
  void progress(double done, double total, const std::string& unit);

  /// The SDK's side: the step that runs from here on, null for none.
  void enter(std::shared_ptr<detail::StepRun> run);
  /// The SDK's side: closes and destroys the state; see StateStore::end.
  std::vector<std::string> end() { return states_.end(); }
  /// The SDK's side: what initialize brought.
  const detail::Initialize& request() const noexcept { return *request_; }

 private:
  std::shared_ptr<detail::StepRun> running(const char* doing) const;

  std::unique_ptr<const detail::Initialize> request_;
  mutable std::mutex mutex_;
  std::shared_ptr<detail::StepRun> run_;
  detail::StateStore states_;
};

}  // namespace parley
