#pragma once

#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace parley {

/// A servant process: all step definitions that are linked into it, served over standard input and output.
///
/// In a program that uses it, descriptor 1 leads to standard error and descriptor 0 to /dev/null, from before the first
/// static initializer on and for children too: neither a print nor a read of user code can touch the protocol.
class Servant {
 public:
  /// Names an exception that it knows in failure.type, and returns "" for all others.
  using FailureName = std::function<std::string(const std::exception&)>;

  /// Has failures of one exception class reported under a name of their own.
  template <class E>
  Servant& name_failures(std::function<std::string(const E&)> name) {
    names_.push_back([name = std::move(name)](const std::exception& thrown) {
      const auto* known = dynamic_cast<const E*>(&thrown);
      return known == nullptr ? std::string() : name(*known);
    });
    return *this;
  }

  /// Serves until shutdown, the end of the input, SIGTERM or SIGINT, and cleans up. Contract: "Life of a servant".
  /// Returns the exit status: 0 after shutdown and at the end of the input, 143 after SIGTERM, 130 after SIGINT, 1 for
  /// a wrong step definition and when the clean-up failed, 2 for words on the command line; standard error then says
  /// why. Does not return, but ends the process with that status, while a step that was given up still runs.
  int run(int argc, const char* const* argv);

 private:
  std::vector<FailureName> names_;
};

}  // namespace parley
