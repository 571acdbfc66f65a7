#pragma once

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): struct timespec
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <climits>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "parley/ring/detail/file.hpp"
#include "parley/ring/detail/mapping.hpp"
#include "parley/ring/detail/spin.hpp"
#include "parley/ring/error.hpp"

namespace parley::ring::detail {

/// The file of a glibc named semaphore (ring protocol, "glibc named semaphore").
struct SemaphoreFile {
  static constexpr std::uint32_t kShared = 128;

  /// The value in the low, the number of waiters in the high 32 bits.
  std::atomic<std::uint64_t> data{0};
  std::uint32_t private_flag = kShared;
  std::array<std::uint32_t, 5> unused{};
};
static_assert(sizeof(SemaphoreFile) == 32 && std::atomic<std::uint64_t>::is_always_lock_free);

/// A glibc named semaphore, mapped.
class Semaphore {
 public:
  static constexpr std::uint64_t kMaxValue = 0x7fffffff;
  static constexpr std::uint64_t kOneWaiter = std::uint64_t{1} << 32;
  static constexpr std::uint64_t kValueMask = kOneWaiter - 1;

  Semaphore() = default;
  /// Maps the semaphore at `path`; `kind` is "sem_w" or "sem_r" and begins the field's name in errors.
  /// @throws Error NotFound, Corrupt, System.
  Semaphore(std::string_view name, const std::string& kind, const std::string& path) {
    const SharedFile file = open_shared(name, path, O_RDWR);
    if (!file.regular() || file.size() < sizeof(SemaphoreFile)) {
      throw Error::corrupt(name, kind + "_size", file.size(), sizeof(SemaphoreFile));
    }
    mapping_ = Mapping(name, path, file.fd.get(), sizeof(SemaphoreFile));
    file_ = reinterpret_cast<SemaphoreFile*>(mapping_.bytes());
    if (const std::uint32_t flag = file_->private_flag; flag != SemaphoreFile::kShared) {
      throw Error::corrupt(name, kind + "_private", flag, SemaphoreFile::kShared,
                           "not a semaphore of glibc 2.21 or later; musl's semaphores differ, so build the peer with "
                           "glibc");
    }
  }

  std::uint64_t data() const { return file_->data.load(); }
  std::uint64_t value() const { return data() & kValueMask; }

  /// Takes up to `most` tokens at once and returns how many it took.
  std::uint64_t take(std::uint64_t most) {
    std::uint64_t data = file_->data.load();
    std::uint64_t taken = std::min(data & kValueMask, most);
    while (taken > 0 && !file_->data.compare_exchange_weak(data, data - taken)) {
      taken = std::min(data & kValueMask, most);
    }
    return taken;
  }

  /// Sets the value to 0.
  void drain() { take(kValueMask); }

  /// Sets the value to 0 if nothing changed since `seen` was loaded.
  bool drain_if(std::uint64_t seen) { return file_->data.compare_exchange_strong(seen, seen & ~kValueMask); }

  /// Adds `count` tokens and wakes a waiter, if any; false, and nothing done, if the value would pass SEM_VALUE_MAX.
  bool post(std::uint64_t count) {
    std::uint64_t data = file_->data.load();
    do {
      if ((data & kValueMask) + count > kMaxValue) {
        return false;
      }
    } while (!file_->data.compare_exchange_weak(data, data + count));
    if (data >= kOneWaiter) {
      wake(1);
    }
    return true;
  }

  /// Posts one token unless one is there that nobody waits for (P6).
  void nudge() {
    if (const std::uint64_t data = file_->data.load(); (data & kValueMask) == 0 || data >= kOneWaiter) {
      post(1);
    }
  }

  /// Sleeps while the value is 0, at most `time`; only while a Waiter of it exists. Returns early for any reason.
  void sleep(Nanoseconds time) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
    struct timespec timeout {
      seconds.count(), (time - seconds).count()
    };
    ::syscall(SYS_futex, word(), FUTEX_WAIT, 0, &timeout, nullptr, 0);
  }

  /// Wakes every sleeper without a token.
  void rouse() { wake(INT_MAX); }

  /// The time in which its owner may sleep on the semaphore.
  class Waiter {
   public:
    explicit Waiter(Semaphore& semaphore) : file_(semaphore.file_) { file_->data.fetch_add(kOneWaiter); }
    ~Waiter() { file_->data.fetch_sub(kOneWaiter); }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    Waiter(Waiter&&) = delete;
    Waiter& operator=(Waiter&&) = delete;

   private:
    SemaphoreFile* file_;
  };

 private:
  /// The low word, which holds the value.
  std::uint32_t* word() const { return reinterpret_cast<std::uint32_t*>(&file_->data); }
  void wake(int most) const { ::syscall(SYS_futex, word(), FUTEX_WAKE, most, nullptr, nullptr, 0); }

  Mapping mapping_;
  SemaphoreFile* file_ = nullptr;
};

}  // namespace parley::ring::detail
