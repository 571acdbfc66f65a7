#pragma once

#include <cstdint>

#include "parley/ring/detail/layout.hpp"
#include "parley/ring/detail/process.hpp"
#include "parley/ring/detail/segment.hpp"
#include "parley/ring/error.hpp"

namespace parley::ring::detail {

/// What a reader knows of its writer (ring protocol, "Death").
class WriterWatch {
 public:
  enum class State {
    Awaited,    ///< There never was one.
    Connected,  ///< It lives.
    Gone,       ///< It closed.
    Dead,       ///< Its process ended without closing.
  };

  explicit WriterWatch(const Segment& segment) : segment_(segment) {}

  /// Whether no frame will come of a writer in that state.
  static bool absent(State state) { return state == State::Gone || state == State::Dead; }

  /// Whether a writer may have died with space that no frame takes.
  bool unclaimed() const { return unclaimed_; }
  /// Remembers that such space was returned.
  void claimed() { unclaimed_ = false; }
  /// Remembers that a writer wrote its first frame, perhaps in the place of one that was killed.
  void began() { unclaimed_ = true; }

  /// Remembers that there has been a writer.
  void joined() { joined_ = true; }
  /// The process id that was seen last.
  std::uint64_t pid() const { return process_.pid(); }

  /// Looks at the writer.
  /// @throws Error Corrupt.
  State look() {
    const Oieb& oieb = segment_.oieb();
    const std::uint64_t pid = segment_.bounded(oieb.writer_pid, field::kWriterPid, kMaxPid);
    if (pid == 0) {
      joined_ = joined_ || oieb.written_count.load() > 0 || oieb.metadata_written.load() > 0;
      return joined_ ? State::Gone : State::Awaited;
    }
    joined_ = true;
    if (process_.pid() != pid) {
      process_ = Process(pid);
      unclaimed_ = true;
    }
    if (process_.dead()) {
      unclaimed_ = true;
      return State::Dead;
    }
    return State::Connected;
  }

 private:
  const Segment& segment_;
  bool joined_ = false;
  bool unclaimed_ = false;
  Process process_;
};

}  // namespace parley::ring::detail
