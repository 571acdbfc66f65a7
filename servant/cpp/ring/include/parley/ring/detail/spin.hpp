#pragma once

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace parley::ring::detail {

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::nanoseconds;

/// How long a wait keeps the processor to itself.
inline constexpr Nanoseconds kBusySpin = std::chrono::microseconds(2);
/// Bounds one sleep, and so how late a dead peer or a cancellation is noticed.
inline constexpr Nanoseconds kSlice = std::chrono::milliseconds(20);
/// How long counters may contradict each other before they count as corrupt: the other side updates them one after the
/// other.
inline constexpr Nanoseconds kSuspicion = std::chrono::milliseconds(10);
/// Between two looks at what cannot be waited for.
inline constexpr Nanoseconds kRecheck = std::chrono::milliseconds(1);

/// Tells the processor that this is a spin loop.
inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");
#endif
}

/// The part of a wait before it sleeps (ring protocol, "Waiting, and speed").
class Spinner {
 public:
  explicit Spinner(Nanoseconds yield) : yield_(std::max(yield, Nanoseconds::zero())) {}

  /// Calls `done` again and again, first with pauses, then yielding the processor, and says whether it became true.
  /// When recent waits ended asleep it gives up after the first phase.
  template <typename Done>
  bool until(Clock::time_point start, const Done& done) {
    if (yield_ == Nanoseconds::zero()) {
      return false;
    }
    if (!alone_) {
      while (Clock::now() - start < kBusySpin) {
        for (int i = 0; i < kPauses; ++i) {
          pause();
        }
        if (done()) {
          return true;
        }
      }
    }
    if (missed_ >= kLongWaits) {
      return false;
    }
    while (Clock::now() - start < yield_) {
      ::sched_yield();
      if (done()) {
        return true;
      }
    }
    return false;
  }

  /// Learns from a wait that began at `start` and had to sleep.
  void slept(Clock::time_point start) { missed_ = Clock::now() - start > yield_ ? missed_ + 1 : 0; }
  /// Learns from a wait that did not have to sleep.
  void woke() { missed_ = 0; }

 private:
  static constexpr int kPauses = 4;
  // After how many sleeps in a row yielding is not worth it.
  static constexpr int kLongWaits = 3;

  Nanoseconds yield_;
  bool alone_ = std::thread::hardware_concurrency() == 1;
  int missed_ = 0;
};

}  // namespace parley::ring::detail
