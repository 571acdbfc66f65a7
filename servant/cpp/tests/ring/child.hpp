#pragma once

#include <sys/types.h>

#include <string>

#include "parley/ring/detail/file.hpp"

namespace parley::ring {

/// This program once more, as a process that plays one side of a ring. It is killed with its owner.
class Child {
 public:
  Child();
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  Child(Child&&) = delete;
  Child& operator=(Child&&) = delete;

  std::uint64_t pid() const { return static_cast<std::uint64_t>(pid_); }

  /// Gives the child a command without waiting for its answer.
  void send(const std::string& command) const;
  /// Waits for its next answer.
  std::string answer();
  std::string ask(const std::string& command);

  void signal(int number) const;
  /// Kills the child and waits until it is gone.
  void kill();
  /// The letter of its state in /proc, for instance S or Z.
  char state() const;

 private:
  pid_t pid_ = -1;
  detail::Fd in_;
  detail::Fd out_;
  std::string unread_;
};

/// The id of a process that has just ended.
std::uint64_t dead_pid();

/// What the child does: performs commands, one line in, one line out. An answer is "ok" and what it found, or the kind
/// of an error.
int play_child();

}  // namespace parley::ring
