#pragma once

#include "descriptor.hpp"

namespace parley::detail {

/// Takes the protocol away from descriptors 0 and 1, so that neither user code nor a child process can read or write
/// it: afterwards a print goes to standard error and a read finds nothing. Contract: "Framing".
class StandardStreams {
 public:
  StandardStreams() noexcept;

  int input() const noexcept { return input_.get(); }
  int output() const noexcept { return output_.get(); }
  /// The errno of what failed; 0 for nothing.
  int error() const noexcept { return error_; }

 private:
  Descriptor input_;
  Descriptor output_;
  int error_ = 0;
};

}  // namespace parley::detail
