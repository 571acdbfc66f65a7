#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "parley/ring/detail/file.hpp"
#include "parley/ring/error.hpp"

namespace parley::ring::detail {

/// A file that has no name yet, or one that nobody knows. What is not published goes with its owner; what is keeps its
/// name until it is withdrawn.
class Draft {
 public:
  /// Makes an empty file in `dir` that publish can name `path`. Where the file system has no files without a name it
  /// gets a temporary one.
  /// @throws Error System.
  Draft(std::string_view name, const std::string& dir, std::string path)
      : Draft(name, dir, std::move(path), O_TMPFILE) {}

  Draft(Draft&& other) noexcept
      : name_(std::move(other.name_)),
        path_(std::move(other.path_)),
        temporary_(std::exchange(other.temporary_, {})),
        fd_(std::move(other.fd_)),
        identity_(other.identity_) {}
  Draft& operator=(Draft&&) = delete;
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() { remove_temporary(); }

  /// A draft with a temporary name, for file systems that have no files without one.
  static Draft named(std::string_view name, const std::string& dir, std::string path) {
    return {name, dir, std::move(path), 0};
  }

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  const Identity& identity() const { return identity_; }

  /// Writes `size` bytes to the beginning of the file.
  void fill(const void* data, std::size_t size) const {
    const auto written = retrying([&] { return ::pwrite(fd(), data, size, 0); });
    if (written < 0 || static_cast<std::size_t>(written) < size) {
      throw Error::system(name_, "pwrite", path_, written < 0 ? errno : ENOSPC);
    }
  }

  /// Reserves `size` bytes, so that a full /dev/shm is an error here and never a SIGBUS later.
  void reserve(std::size_t size) const {
    if (retrying([&] { return ::fallocate(fd(), 0, 0, static_cast<off_t>(size)); }) != 0) {
      throw Error::system(name_, "fallocate", path_, errno);
    }
  }

  /// Gives the file its name; false, and nothing done, if the name is taken.
  /// @throws Error System.
  bool try_publish() {
    const std::string unnamed = "/proc/self/fd/" + std::to_string(fd());
    const int result = temporary_.empty()
                           ? ::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, path_.c_str(), AT_SYMLINK_FOLLOW)
                           : ::link(temporary_.c_str(), path_.c_str());
    if (result == 0) {
      remove_temporary();
      return true;
    }
    if (errno == EEXIST) {
      return false;
    }
    throw Error::system(name_, "link", path_, errno);
  }

  /// Gives the file its name.
  /// @throws Error System, with EEXIST if the name is taken.
  void publish() {
    if (!try_publish()) {
      throw Error::system(name_, "link", path_, EEXIST);
    }
  }

  /// Gives up the descriptor, which nobody needs once the file has its name.
  Fd take() { return std::move(fd_); }

  /// Removes the published name, if it still leads to the file.
  void withdraw() const noexcept {
    if (identity_.at(path_)) {
      ::unlink(path_.c_str());
    }
  }

 private:
  Draft(std::string_view name, const std::string& dir, std::string path, int unnamed)
      : name_(name), path_(std::move(path)) {
    if (unnamed != 0) {
      fd_ = Fd(retrying([&] { return ::open(dir.c_str(), unnamed | O_RDWR | O_CLOEXEC, kFileMode); }));
      if (!fd_ && errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
        throw Error::system(name, "open", dir, errno);
      }
    }
    if (!fd_) {
      begin_named(dir);
    }
    try {
      settle();
    } catch (...) {
      remove_temporary();
      throw;
    }
  }

  void begin_named(const std::string& dir) {
    std::random_device random;
    std::string temporary = dir + "/.ring-" + std::to_string(::getpid());
    for (int i = 0; i < 4; ++i) {
      temporary += "-" + std::to_string(random());
    }
    fd_ = Fd(retrying([&] { return ::open(temporary.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, kFileMode); }));
    if (!fd_) {
      throw Error::system(name_, "open", temporary, errno);
    }
    temporary_ = std::move(temporary);
  }

  void settle() {
    // The umask took its bits.
    if (::fchmod(fd(), kFileMode) != 0) {
      throw Error::system(name_, "fchmod", path_, errno);
    }
    struct stat status {};
    if (::fstat(fd(), &status) != 0) {
      throw Error::system(name_, "fstat", path_, errno);
    }
    identity_ = Identity::of(status);
  }

  void remove_temporary() noexcept {
    if (!temporary_.empty()) {
      ::unlink(temporary_.c_str());
      temporary_.clear();
    }
  }

  std::string name_;
  std::string path_;
  std::string temporary_;
  Fd fd_;
  Identity identity_;
};

}  // namespace parley::ring::detail
