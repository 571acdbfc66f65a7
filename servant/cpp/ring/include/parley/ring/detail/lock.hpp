#pragma once

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "parley/ring/detail/draft.hpp"
#include "parley/ring/detail/file.hpp"
#include "parley/ring/detail/layout.hpp"
#include "parley/ring/detail/process.hpp"
#include "parley/ring/detail/spin.hpp"
#include "parley/ring/error.hpp"
#include "parley/ring/name.hpp"

namespace parley::ring::detail {

/// The process ids that a segment holds; 0 for what cannot be one.
struct Pids {
  std::uint64_t writer = 0;
  std::uint64_t reader = 0;

  /// Reads both from the segment of `name` without mapping it; 0 without a segment.
  /// @throws Error System: the segment cannot be read, and may belong to live processes.
  static Pids of(std::string_view name) {
    const std::string path = objects(name).segment;
    const SharedFile file = open_segment(name, path);
    if (!file.fd || !file.regular()) {
      return {};
    }
    std::array<std::uint64_t, 2> found{};
    constexpr off_t kWhere = offsetof(Oieb, writer_pid);
    const ssize_t count = ::pread(file.fd.get(), found.data(), sizeof found, kWhere);
    if (count < 0) {
      throw Error::system(name, "pread", path, errno);
    }
    if (count < static_cast<ssize_t>(sizeof found)) {
      return {};
    }
    const auto pid = [](std::uint64_t value) { return value > kMaxPid ? 0 : value; };
    return {pid(found[0]), pid(found[1])};
  }

 private:
  /// Opens nothing where a link or a socket has the name: it is no segment.
  static SharedFile open_segment(std::string_view name, const std::string& path) {
    try {
      return open_if_there(name, path, O_RDONLY);
    } catch (const Error& error) {
      if (const int number = error.facts().error_number; number == ELOOP || number == ENXIO) {
        return {};
      }
      throw;
    }
  }
};

/// The lock of a buffer's reader, held from creation to close.
class Lock {
 public:
  /// Takes the lock of the buffer called `name`, also from a dead holder. A lock that is held while no reader lives
  /// belongs to one that is closing or creating: it is waited for, 100 milliseconds at most.
  /// @throws Error InUse, System.
  static Lock acquire(std::string_view name) {
    constexpr Nanoseconds kPatience = std::chrono::milliseconds(100);
    const std::string path = objects(name).lock;
    ensure_directory(name);
    for (const auto start = Clock::now();; std::this_thread::sleep_for(kRecheck)) {
      if (auto lock = attempt(name, path)) {
        return std::move(*lock);
      }
      const std::uint64_t reader = Pids::of(name).reader;
      if ((reader != 0 && !process_dead(reader)) || Clock::now() - start > kPatience) {
        throw Error::of(ErrorKind::InUse, name, reader, path + " is locked; close that reader or choose another name");
      }
    }
  }

  Lock(Lock&& other) noexcept : fd_(std::move(other.fd_)), path_(std::move(other.path_)), identity_(other.identity_) {}
  Lock& operator=(Lock&&) = delete;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() { release(); }

  const std::string& path() const { return path_; }
  /// Whether the lock's name still leads to its file.
  bool in_place() const { return identity_.at(path_); }

  /// Unlinks the lock file and gives up the lock, in this order, so that nobody can lock a file that is about to go.
  void release() noexcept {
    if (fd_) {
      if (in_place()) {
        ::unlink(path_.c_str());
      }
      fd_ = Fd();
    }
  }

 private:
  Lock(Fd fd, std::string path, Identity identity) : fd_(std::move(fd)), path_(std::move(path)), identity_(identity) {}

  static void ensure_directory(std::string_view name) {
    // Every user's buffers have their locks there, as in /tmp itself.
    constexpr mode_t kMode = 01777;
    if (::mkdir(kLockDir, kMode) == 0 ? ::chmod(kLockDir, kMode) != 0 : errno != EEXIST) {
      throw Error::system(name, "mkdir", kLockDir, errno);
    }
  }

  /// Gives nothing if somebody else has the lock.
  static std::optional<Lock> attempt(std::string_view name, const std::string& path) {
    // Locked before it has its name.
    Draft draft(name, kLockDir, path);
    if (!lock_file(draft.fd())) {
      throw Error::system(name, "flock", path, errno);
    }
    if (draft.try_publish()) {
      return Lock(draft.take(), path, draft.identity());
    }
    SharedFile file = open_if_there(name, path, O_RDWR);
    if (!file.fd) {
      return std::nullopt;
    }
    if (!lock_file(file.fd.get())) {
      if (errno == EWOULDBLOCK) {
        return std::nullopt;
      }
      throw Error::system(name, "flock", path, errno);
    }
    // Its last holder may have unlinked it between the open and the flock; a Lock of such a file must not unlink.
    const Identity identity = Identity::of(file.status);
    if (!identity.at(path)) {
      return std::nullopt;
    }
    return Lock(std::move(file.fd), path, identity);
  }

  static bool lock_file(int fd) {
    return retrying([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) == 0;
  }

  Fd fd_;
  std::string path_;
  Identity identity_;
};

}  // namespace parley::ring::detail
