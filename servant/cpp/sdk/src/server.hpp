#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "channel.hpp"
#include "conductor.hpp"
#include "descriptor.hpp"
#include "messages.hpp"
#include "registry.hpp"

namespace parley::detail {

/// What a servant says of itself, and knows of its coordinator.
struct ServerOptions {
  std::string platform = "cpp";
  /// The coordinator is one of contract 1.0, which takes only a boolean for health.
  bool bare_health = false;
  std::vector<Servant::FailureName> names{};
};

/// Answers the contract's requests on one connection, from one thread that never blocks but in poll: health, discover
/// and cancellations at once, steps and what ends a scenario in the order of their arrival. Contract: "Requests".
class Server {
 public:
  /// How long the clean-up may take when the process is to end.
  static constexpr std::chrono::seconds kExitGrace{5};

  Server(std::shared_ptr<const Registry> registry, Channel& channel, ServerOptions options);

  /// Serves until shutdown, the end of the input, or a signal, whose number interrupts brings; then cleans up. Returns
  /// the exit status: 0, 1 when the clean-up failed, 128 + the signal's number.
  int serve(const Wakeup& interrupts);

  /// Whether something that a step or a destructor does still runs.
  bool is_held_up() const { return conductor_.is_held_up(); }

 private:
  void wait(const Wakeup& interrupts);
  void read();
  void handle(Request request);
  void execute_step(Request& request);
  void end_scenario(const Request& request, std::function<std::string()> then);
  void leave(int status);
  void answer(const Request& request, const std::string& result);
  void refuse(const Request& request, RpcCode code, const std::string& message);

  std::shared_ptr<const Registry> registry_;
  Channel& channel_;
  ServerOptions options_;
  /// The coordinator has sent keys of contract 1.1, so it takes notifications.
  bool current_ = false;
  /// As of the last request that arrived: whether a step would have a scenario.
  bool has_scenario_ = false;
  bool input_ended_ = false;
  std::optional<int> status_;
  int leaving_status_ = 0;
  std::optional<Conductor::Clock::time_point> leave_by_;
  Conductor conductor_;
};

}  // namespace parley::detail
