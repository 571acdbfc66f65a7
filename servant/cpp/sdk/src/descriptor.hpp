#pragma once

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

namespace parley::detail {

/// Throws the error of the last system call when result says that it failed.
inline int checked(int result, const char* what) {
  if (result < 0) {
    throw std::system_error(errno, std::generic_category(), what);
  }
  return result;
}

/// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  int get() const noexcept { return fd_; }

 private:
  int fd_ = -1;
};

/// Wakes a thread that polls. For any thread, and for signal handlers.
class Wakeup {
 public:
  Wakeup() : event_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {}

  int descriptor() const noexcept { return event_.get(); }

  /// Adds to the value; never blocks.
  void signal(std::uint64_t value = 1) const noexcept {
    const int before = errno;
    // It fails only where the value would overflow, and then whoever polls is awake already.
    [[maybe_unused]] const auto written = ::write(event_.get(), &value, sizeof value);
    errno = before;
  }

  /// Takes the value, 0 if there was no signal.
  std::uint64_t take() const noexcept {
    std::uint64_t value = 0;
    return ::read(event_.get(), &value, sizeof value) == sizeof value ? value : 0;
  }

 private:
  Descriptor event_;
};

}  // namespace parley::detail
