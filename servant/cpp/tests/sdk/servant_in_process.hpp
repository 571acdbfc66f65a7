#pragma once

#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "channel.hpp"
#include "client.hpp"
#include "descriptor.hpp"
#include "parley/definition.hpp"
#include "registry.hpp"
#include "server.hpp"

namespace parley::test {

/// A servant on a thread of this process.
class ServantInProcess {
 public:
  explicit ServantInProcess(std::vector<Definition> definitions, detail::ServerOptions options = {});
  explicit ServantInProcess(std::shared_ptr<const detail::Registry> registry, detail::ServerOptions options = {});
  ServantInProcess(const ServantInProcess&) = delete;
  ServantInProcess& operator=(const ServantInProcess&) = delete;
  ServantInProcess(ServantInProcess&&) = delete;
  ServantInProcess& operator=(ServantInProcess&&) = delete;
  ~ServantInProcess();

  Client& client() { return client_; }
  void end_input() { to_servant_ = detail::Descriptor(); }
  void signal(int number) { interrupts_.signal(static_cast<std::uint64_t>(number)); }
  /// The exit status.
  int wait_for_exit();

 private:
  struct Pipe {
    Pipe();
    detail::Descriptor from;
    detail::Descriptor to;
  };
  ServantInProcess(std::shared_ptr<const detail::Registry> registry, detail::ServerOptions options, Pipe requests,
                   Pipe answers);

  detail::Descriptor servant_input_;
  detail::Descriptor to_servant_;
  detail::Descriptor from_servant_;
  detail::Wakeup interrupts_;
  std::future<int> status_;
  std::thread thread_;
  Client client_;
};

}  // namespace parley::test
