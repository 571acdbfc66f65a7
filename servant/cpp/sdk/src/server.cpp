#include "server.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <utility>

#include "answers.hpp"

namespace parley::detail {

namespace {

/// Milliseconds for poll until a time, rounded up; -1 for no time.
int poll_timeout(std::optional<Conductor::Clock::time_point> until) {
  if (!until) {
    return -1;
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - Conductor::Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    text += (text.empty() ? "" : "; ") + part;
  }
  return text;
}

}  // namespace

Server::Server(std::shared_ptr<const Registry> registry, Channel& channel, ServerOptions options)
    : registry_(std::move(registry)),
      channel_(channel),
      options_(std::move(options)),
      conductor_(registry_, options_.names) {}

int Server::serve(const Wakeup& interrupts) {
  while (!status_) {
    wait(interrupts);
    conductor_.advance();
    if (leave_by_ && !status_ && Conductor::Clock::now() >= *leave_by_) {
      (void)std::fprintf(stderr, "servant: the clean-up took longer than %d s; exiting without its end\n",
                         static_cast<int>(kExitGrace.count()));
      status_ = std::max(leaving_status_, 1);
    }
  }
  return *status_;
}

void Server::wait(const Wakeup& interrupts) {
  auto until = conductor_.wake_at();
  if (leave_by_) {
    until = until ? std::min(*until, *leave_by_) : leave_by_;
  }
  std::array<pollfd, 3> polled{{{conductor_.wakeup().descriptor(), POLLIN, 0},
                                {interrupts.descriptor(), POLLIN, 0},
                                {input_ended_ ? -1 : channel_.input(), POLLIN, 0}}};
  if (::poll(polled.data(), polled.size(), poll_timeout(until)) < 0) {
    return;  // a signal: its handler has made an event of it
  }
  if (polled[1].revents != 0) {
    const auto signal = static_cast<int>(interrupts.take());
    input_ended_ = true;
    leave(128 + signal);
  } else if (polled[2].revents != 0) {
    read();
  }
}

void Server::read() {
  if (!channel_.receive()) {
    input_ended_ = true;
    leave(0);
    return;
  }
  while (!status_) {
    try {
      const auto body = channel_.next();
      if (!body) {
        return;
      }
      if (auto request = parse_request(*body)) {
        handle(std::move(*request));
      }
    } catch (const RequestError& e) {
      const Request& request = e.request();
      if (request.id || request.method.empty()) {
        channel_.send(refusal(request.id, e.code(), e.what()));
      } else {
        (void)std::fprintf(stderr, "servant: notification %s: %s\n", request.method.c_str(), e.what());
      }
    } catch (const FrameTooLarge& e) {
      channel_.send(refusal(std::nullopt, RpcCode::invalid_request, e.what()));
    }
  }
}

void Server::handle(Request request) {
  if (request.method == "health") {
    answer(request, options_.bare_health ? "true" : health_result(options_.platform));
  } else if (request.method == "discover") {
    answer(request, discover_result(registry_->definitions()));
  } else if (request.method == "initialize") {
    const auto& params = std::get<Initialize>(request.params);
    current_ = current_ || params.current;
    has_scenario_ = true;
    end_scenario(request, [this, params] {
      conductor_.begin(std::make_shared<Scenario>(params));
      return initialize_result(current_);
    });
  } else if (request.method == "executeStep") {
    execute_step(request);
  } else if (request.method == "cleanup") {
    has_scenario_ = false;
    end_scenario(request, [] { return std::string("null"); });
  } else if (request.method == "shutdown") {
    has_scenario_ = false;
    end_scenario(request, [this] {
      status_ = leaving_status_;
      return std::string("null");
    });
  } else if (request.method == "$/cancelRequest") {
    conductor_.cancel(std::get<CancelRequest>(request.params).id);
  } else {
    refuse(request, RpcCode::unknown_method,
           "no method '" + request.method +
               "'; a servant has health, initialize, discover, executeStep, cleanup and shutdown");
  }
}

void Server::execute_step(Request& request) {
  auto& step = std::get<ExecuteStep>(request.params);
  if (!has_scenario_) {
    refuse(request, RpcCode::invalid_request, "executeStep came without a scenario; send initialize first");
    return;
  }
  if (step.definition && registry_->by_id(*step.definition) == nullptr) {
    refuse(request, RpcCode::invalid_params,
           "params of executeStep: no definition has the id " + std::to_string(*step.definition) +
               "; discover reports the ids 1 to " + std::to_string(registry_->definitions().size()));
    return;
  }
  current_ = current_ || step.current;
  StepRecord::LiveLog live;
  StepRun::Progress progress;
  if (current_) {
    live = [this, id = step.step_id](const LogEntry& entry) { channel_.send(log_notification(entry, id)); };
  }
  if (current_ && !step.step_id.empty()) {
    progress = [this, id = step.step_id](double done, double total, const std::string& unit) {
      channel_.send(progress_notification(done, total, unit, id));
    };
  }
  auto run = std::make_shared<StepRun>(std::move(step), std::move(live), std::move(progress));
  conductor_.add_step(request.id.value_or(""), run, [this, id = request.id](StepRun& ended, const Outcome& outcome) {
    const StepRecord::Contents record = ended.record().close();
    answer({id, "executeStep", {}}, step_result(outcome, record, ended.elapsed_ns()));
  });
}

/// Ends the scenario, then answers with what then returns.
void Server::end_scenario(const Request& request, std::function<std::string()> then) {
  const Request head{request.id, request.method, {}};
  conductor_.add_end([this, head, then = std::move(then)](const std::vector<std::string>& failures) {
    leaving_status_ = std::max(leaving_status_, failures.empty() ? 0 : 1);
    const std::string result = then();
    if (failures.empty()) {
      answer(head, result);
    } else {
      refuse(head, RpcCode::internal, head.method + ": could not close the state " + joined(failures));
    }
  });
}

void Server::leave(int status) {
  leaving_status_ = status;
  if (leave_by_) {
    return;
  }
  leave_by_ = Conductor::Clock::now() + kExitGrace;
  conductor_.add_end([this](const std::vector<std::string>& failures) {
    if (!failures.empty()) {
      (void)std::fprintf(stderr, "servant: could not close the state %s\n", joined(failures).c_str());
    }
    status_ = failures.empty() ? leaving_status_ : std::max(leaving_status_, 1);
  });
}

void Server::answer(const Request& request, const std::string& result) {
  constexpr std::size_t kEnvelope = 1024;
  if (result.size() > kMaxFrame - kEnvelope) {
    refuse(request, RpcCode::internal,
           "the answer has " + std::to_string(result.size()) + " bytes, above the limit of one frame");
  } else if (request.id) {
    channel_.send(parley::detail::answer(*request.id, result));
  }
}

/// A notification is not answered.
void Server::refuse(const Request& request, RpcCode code, const std::string& message) {
  if (request.id) {
    channel_.send(refusal(request.id, code, message));
  }
}

}  // namespace parley::detail
