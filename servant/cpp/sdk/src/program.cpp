#include "parley/program.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>

#include "channel.hpp"
#include "descriptor.hpp"
#include "parley/definition.hpp"
#include "registry.hpp"
#include "server.hpp"
#include "standard_streams.hpp"

namespace parley {

namespace {

/// Before the static initializers of others, which may print.
[[gnu::init_priority(101)]] const detail::StandardStreams streams;

/// What signals become: events that the server polls for. Made before the first handler is installed.
const detail::Wakeup& interrupts() {
  static const detail::Wakeup event;
  return event;
}

void handle_interrupt(int signal) {
  interrupts().signal(static_cast<std::uint64_t>(signal));
}

void ignore(int /*signal*/) {}

void install_handlers() {
  (void)interrupts();
  struct sigaction action {};
  action.sa_flags = SA_RESTART;
  action.sa_handler = handle_interrupt;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  // A handler, not SIG_IGN, which the programs that a step starts would inherit.
  action.sa_handler = ignore;
  ::sigaction(SIGPIPE, &action, nullptr);
}

/// A variable of the environment; null when it is empty or absent.
const char* variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here changes the environment
  return value != nullptr && *value != '\0' ? value : nullptr;
}

detail::ServerOptions options_from_environment() {
  detail::ServerOptions options;
  if (const char* platform = variable("PARLEY_PLATFORM")) {
    options.platform = platform;
  }
  options.bare_health = variable("HARMONY_HOST_PID") != nullptr && variable("PARLEY_ROLE") == nullptr;
  return options;
}

int serve(const std::vector<Servant::FailureName>& names) {
  if (streams.error() != 0) {
    throw std::system_error(streams.error(), std::generic_category(), "take the standard streams for the protocol");
  }
  auto registry = std::make_shared<const detail::Registry>(detail::registered_definitions());
  detail::ServerOptions options = options_from_environment();
  options.names = names;
  install_handlers();
  detail::Channel channel(streams.input(), streams.output());
  detail::Server server(std::move(registry), channel, std::move(options));
  const int status = server.serve(interrupts());
  if (server.is_held_up()) {
    // An orderly exit would destroy under that thread's feet what it still uses.
    (void)std::fflush(stdout);
    std::_Exit(status);
  }
  return status;
}

}  // namespace

int Servant::run(int argc, const char* const* argv) {
  if (argc > 1) {
    (void)std::fprintf(stderr, "servant: unexpected '%s': a servant takes no words\n", argv[1]);
    return 2;
  }
  try {
    return serve(names_);
  } catch (const std::exception& e) {
    (void)std::fprintf(stderr, "servant: %s\n", e.what());
    return 1;
  }
}

}  // namespace parley
