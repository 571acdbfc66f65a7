#pragma once

#include <poll.h>
#include <sys/syscall.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): clock_gettime
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>

#include "parley/ring/detail/file.hpp"

namespace parley::ring::detail {

/// What can be seen of a process id.
struct Sighting {
  bool dead = false;
  /// When the process started, in clock ticks since boot; 0 if it cannot be known.
  std::uint64_t start = 0;
};

/// Looks at the process `pid`; a zombie is dead, a process that may not be looked at is alive (ring protocol, "Death").
inline Sighting sight(std::uint64_t pid) {
  const auto missing = [&] { return ::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH; };
  if (missing()) {
    return {true, 0};
  }
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string stat((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // The command, in parentheses, may hold anything, parentheses included.
  const auto command_end = stat.rfind(')');
  if (command_end == std::string::npos) {
    // It may have ended since, or /proc may hide it.
    return {missing(), 0};
  }
  std::istringstream fields(stat.substr(command_end + 1));
  char state = 0;
  fields >> state;
  if (state == 'Z' || state == 'X') {
    return {true, 0};
  }
  // starttime is field 22 of proc(5), the state is field 3.
  std::string skipped;
  for (int field = 4; field < 22; ++field) {
    fields >> skipped;
  }
  Sighting seen;
  fields >> seen.start;
  return fields ? seen : Sighting{};
}

inline bool process_dead(std::uint64_t pid) {
  return sight(pid).dead;
}

/// Whether the process `pid` started after `moment`, by CLOCK_REALTIME in seconds, and so cannot be the one that did
/// something then. Unknown is false.
inline bool started_after(std::uint64_t pid, std::int64_t moment) {
  const Sighting seen = sight(pid);
  struct timespec boot {};
  struct timespec today {};
  if (seen.start == 0 || ::clock_gettime(CLOCK_BOOTTIME, &boot) != 0 || ::clock_gettime(CLOCK_REALTIME, &today) != 0) {
    return false;
  }
  // The clocks are read to the second, and not at the same moment.
  constexpr std::int64_t kSlack = 2;
  const auto start = static_cast<std::int64_t>(seen.start) / ::sysconf(_SC_CLK_TCK);
  return today.tv_sec - (boot.tv_sec - start) > moment + kSlack;
}

/// Another process, held so that its end is noticed even when its id is given to a new process.
class Process {
 public:
  Process() = default;

  /// Holds the process `pid`; if there is none it has ended.
  explicit Process(std::uint64_t pid) : pid_(pid) {
    pidfd_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0)));
    const Sighting seen = sight(pid);
    start_ = seen.start;
    ended_ = seen.dead;
  }

  std::uint64_t pid() const { return pid_; }
  /// Whether the process was seen to have ended.
  bool ended() const { return ended_; }

  /// Asks the system whether the process has ended; a zombie has.
  bool dead() {
    if (ended_) {
      return true;
    }
    if (pidfd_) {
      struct pollfd end {
        pidfd_.get(), POLLIN, 0
      };
      ended_ = ::poll(&end, 1, 0) > 0 && (end.revents & POLLIN) != 0;
    } else {
      const Sighting seen = sight(pid_);
      ended_ = seen.dead || (start_ != 0 && seen.start != 0 && seen.start != start_);
    }
    return ended_;
  }

 private:
  std::uint64_t pid_ = 0;
  Fd pidfd_;
  // Tells the process from a later one of the same id where there are no pidfds.
  std::uint64_t start_ = 0;
  bool ended_ = false;
};

}  // namespace parley::ring::detail
