#pragma once

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "parley/ring/detail/file.hpp"
#include "parley/ring/detail/layout.hpp"
#include "parley/ring/detail/semaphore.hpp"
#include "parley/ring/error.hpp"
#include "parley/ring/name.hpp"

namespace parley::ring {

/// A named semaphore as seen from outside.
struct SemaphoreState {
  bool exists = false;
  /// The size of its file in bytes.
  std::uint64_t size = 0;
  std::uint32_t value = 0;
  std::uint32_t waiters = 0;
  /// 128 for glibc's semaphores between processes.
  std::uint32_t private_flag = 0;
};

/// The reader's lock as seen from outside.
struct LockState {
  bool exists = false;
  /// Whether a process has it locked.
  bool held = false;
};

/// A buffer as seen from outside at one moment. The fields of the OIEB are as found, whether or not they can be true.
struct State {
  /// The size of the segment's file in bytes.
  std::uint64_t segment_size = 0;
  std::uint32_t oieb_size = 0;
  /// Major, minor, patch and the reserved byte.
  std::array<std::uint8_t, 4> version{};
  std::uint64_t metadata_size = 0;
  std::uint64_t metadata_free_bytes = 0;
  std::uint64_t metadata_written_bytes = 0;
  std::uint64_t payload_size = 0;
  std::uint64_t payload_free_bytes = 0;
  std::uint64_t payload_write_pos = 0;
  std::uint64_t payload_read_pos = 0;
  std::uint64_t payload_written_count = 0;
  std::uint64_t payload_read_count = 0;
  std::uint64_t writer_pid = 0;
  std::uint64_t reader_pid = 0;
  SemaphoreState data_semaphore;
  SemaphoreState space_semaphore;
  LockState lock;
};

namespace detail {

/// Reads the beginning of the file at `path` into `into`; gives its size, or nothing without a file.
template <std::size_t Size>
std::optional<std::uint64_t> peek(std::string_view name, const std::string& path,
                                  std::array<std::uint8_t, Size>& into) {
  const SharedFile file = open_if_there(name, path, O_RDONLY);
  if (!file.fd) {
    return std::nullopt;
  }
  if (!file.regular()) {
    throw Error::system(name, "open", path + " is not a regular file", EINVAL);
  }
  if (retrying([&] { return ::pread(file.fd.get(), into.data(), Size, 0); }) < 0) {
    throw Error::system(name, "pread", path, errno);
  }
  return file.size();
}

template <typename Number, std::size_t Size>
Number number_at(const std::array<std::uint8_t, Size>& bytes, std::size_t at) {
  Number number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

inline SemaphoreState inspect_semaphore(std::string_view name, const std::string& path) {
  std::array<std::uint8_t, sizeof(SemaphoreFile)> bytes{};
  const auto size = peek(name, path, bytes);
  if (!size) {
    return {};
  }
  return {true, *size, number_at<std::uint32_t>(bytes, 0), number_at<std::uint32_t>(bytes, 4),
          number_at<std::uint32_t>(bytes, 8)};
}

/// Whether a table of locks in the format of /proc/locks has a flock of the file `status`. Some file systems have
/// another device number there than in stat; the pid of the reader then tells.
inline bool locked_in(std::istream& table, const struct stat& status, std::uint64_t reader) {
  const std::string inode = ":" + std::to_string(status.st_ino);
  std::array<char, 32> device{};
  static_cast<void>(
      std::snprintf(device.data(), device.size(), "%02x:%02x", major(status.st_dev), minor(status.st_dev)));
  const std::string file = device.data() + inode;
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    std::string number;
    std::string type;
    std::string mode;
    std::string access;
    std::string pid;
    std::string where;
    if (!(words >> number >> type >> mode >> access >> pid >> where) || type != "FLOCK") {
      continue;
    }
    const bool same_inode = where.size() > inode.size() && where.substr(where.size() - inode.size()) == inode;
    if (where == file || (same_inode && pid == std::to_string(reader))) {
      return true;
    }
  }
  return false;
}

/// Asks the kernel's table of locks: taking the lock, even shared and for a moment, would make a creation fail.
inline LockState inspect_lock(std::string_view name, const std::string& path, std::uint64_t reader) {
  const SharedFile file = open_if_there(name, path, O_RDONLY);
  if (!file.fd) {
    return {};
  }
  std::ifstream table("/proc/locks");
  if (!table) {
    throw Error::system(name, "open", "/proc/locks", errno);
  }
  return {true, locked_in(table, file.status, reader)};
}

}  // namespace detail

/// Gives the state of the buffer called `name`. It maps nothing and changes nothing, and what it finds need not be a
/// buffer: a segment that is too short gives the fields it has, the others 0.
/// @throws Error InvalidName; NotFound without a segment; System.
inline State inspect(std::string_view name) {
  check_name(name);
  const Objects paths = objects(name);
  std::array<std::uint8_t, detail::kOiebSize> bytes{};
  const auto size = detail::peek(name, paths.segment, bytes);
  if (!size) {
    throw Error::of(ErrorKind::NotFound, name, 0, paths.segment + " does not exist");
  }
  State state;
  state.segment_size = *size;
  state.oieb_size = detail::number_at<std::uint32_t>(bytes, 0);
  std::memcpy(state.version.data(), bytes.data() + 4, state.version.size());
  std::size_t at = 8;
  for (std::uint64_t* field :
       {&state.metadata_size, &state.metadata_free_bytes, &state.metadata_written_bytes, &state.payload_size,
        &state.payload_free_bytes, &state.payload_write_pos, &state.payload_read_pos, &state.payload_written_count,
        &state.payload_read_count, &state.writer_pid, &state.reader_pid}) {
    *field = detail::number_at<std::uint64_t>(bytes, at);
    at += sizeof *field;
  }
  state.data_semaphore = detail::inspect_semaphore(name, paths.data_semaphore);
  state.space_semaphore = detail::inspect_semaphore(name, paths.space_semaphore);
  state.lock = detail::inspect_lock(name, paths.lock, state.reader_pid);
  return state;
}

}  // namespace parley::ring
