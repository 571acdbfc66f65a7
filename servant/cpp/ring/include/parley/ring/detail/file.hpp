#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "parley/ring/error.hpp"

namespace parley::ring::detail {

/// The mode of every object of a buffer.
inline constexpr mode_t kFileMode = 0600;

/// A file descriptor that is closed with its owner.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// Calls `call` until a signal does not interrupt it.
template <typename Call>
auto retrying(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) {
    result = call();
  }
  return result;
}

/// A file, whatever its name.
struct Identity {
  dev_t device = 0;
  ino_t inode = 0;

  static Identity of(const struct stat& status) { return {status.st_dev, status.st_ino}; }

  /// Whether `path` is a name of the file.
  bool at(const std::string& path) const {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && status.st_dev == device && status.st_ino == inode;
  }
};

/// An object of a buffer that was opened.
struct SharedFile {
  Fd fd;
  struct stat status {};

  bool regular() const { return S_ISREG(status.st_mode); }
  std::size_t size() const { return static_cast<std::size_t>(status.st_size); }
};

/// Opens an object of a buffer that exists; without it the result has no descriptor.
/// @throws Error System.
inline SharedFile open_if_there(std::string_view name, const std::string& path, int flags) {
  SharedFile file;
  // O_NONBLOCK and O_NOFOLLOW: a FIFO or a link that took the name must neither hang the caller nor lead it elsewhere.
  const int options = flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  file.fd = Fd(retrying([&] { return ::open(path.c_str(), options); }));
  if (!file.fd) {
    if (errno == ENOENT) {
      return file;
    }
    throw Error::system(name, "open", path, errno);
  }
  if (::fstat(file.fd.get(), &file.status) != 0) {
    throw Error::system(name, "fstat", path, errno);
  }
  return file;
}

/// Opens an object of a buffer.
/// @throws Error NotFound, System.
inline SharedFile open_shared(std::string_view name, const std::string& path, int flags) {
  SharedFile file = open_if_there(name, path, flags);
  if (!file.fd) {
    throw Error::of(ErrorKind::NotFound, name, 0, path + " does not exist");
  }
  return file;
}

}  // namespace parley::ring::detail
