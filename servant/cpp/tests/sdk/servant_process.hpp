#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>

#include "client.hpp"
#include "descriptor.hpp"

namespace parley::test {

/// A servant in a process of its own, killed when the test ends.
class ServantProcess {
 public:
  /// Variables that are to be unset have no value. PARLEY_ROLE is set unless variables say otherwise.
  explicit ServantProcess(const char* program, std::vector<std::string> words = {},
                          const std::map<std::string, std::optional<std::string>>& variables = {});
  ServantProcess(const ServantProcess&) = delete;
  ServantProcess& operator=(const ServantProcess&) = delete;
  ServantProcess(ServantProcess&&) = delete;
  ServantProcess& operator=(ServantProcess&&) = delete;
  ~ServantProcess();

  Client& client() { return *client_; }
  pid_t pid() const { return pid_; }
  void end_input() { to_servant_ = detail::Descriptor(); }
  /// The exit status, 128 + the signal's number for a process that a signal ended.
  int wait_for_exit();
  /// What it printed to standard error, after its end.
  std::string errors();

 private:
  pid_t pid_ = -1;
  bool ended_ = false;
  std::string errors_file_;
  detail::Descriptor to_servant_;
  detail::Descriptor from_servant_;
  std::optional<Client> client_;
};

}  // namespace parley::test
