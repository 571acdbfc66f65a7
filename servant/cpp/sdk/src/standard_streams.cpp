#include "standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace parley::detail {

namespace {

constexpr int kFirstPrivate = 3;  // above the standard descriptors even if one of them is closed

/// Moves a descriptor to one that children do not inherit, and points it where another leads.
int taken(int descriptor, int replacement) {
  const int moved = ::fcntl(descriptor, F_DUPFD_CLOEXEC, kFirstPrivate);
  return moved >= 0 && ::dup2(replacement, descriptor) < 0 ? -1 : moved;
}

}  // namespace

StandardStreams::StandardStreams() noexcept {
  const Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  input_ = Descriptor(taken(STDIN_FILENO, nothing.get()));
  output_ = Descriptor(input_.get() < 0 ? -1 : taken(STDOUT_FILENO, STDERR_FILENO));
  if (output_.get() < 0) {
    error_ = errno;
  }
  // As prompt as standard error, to which it leads.
  (void)std::setvbuf(stdout, nullptr, _IOLBF, 0);
}

}  // namespace parley::detail
