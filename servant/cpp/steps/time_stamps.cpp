#include "time_stamps.hpp"

#include <array>
#include <cstring>
#include <ctime>
#include <string>
#include <thread>

namespace parley::steps::time_stamps {

namespace {

using std::chrono::nanoseconds;

struct Stamp {
  std::uint64_t written;
  std::uint64_t number;
};

/// How much later than asked a sleeping thread may wake.
constexpr std::chrono::microseconds kSlack{200};

nanoseconds now() {
  timespec time{};
  (void)clock_gettime(CLOCK_MONOTONIC, &time);
  return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

/// Waits for a time, the last part without sleeping, and gives the time then.
nanoseconds wait_until(nanoseconds due, const Cancellation& cancel) {
  while (true) {
    const nanoseconds time = now();
    if (time >= due) {
      return time;
    }
    if (due - time > kSlack) {
      (void)cancel.wait_for(due - time - kSlack);
      cancel.check();
    } else {
      std::this_thread::yield();
    }
  }
}

}  // namespace

void write(WriterEnd& writer, std::uint64_t count, std::uint64_t rate, const Cancellation& cancel, Location at) {
  if (rate == 0) {
    fail("0 time stamps a second are none; the rate must be at least 1", at);
  }
  const nanoseconds start = now();
  for (std::uint64_t number = 1; number <= count; ++number) {
    const std::chrono::duration<double> after(static_cast<double>(number - 1) / static_cast<double>(rate));
    const nanoseconds time = wait_until(start + std::chrono::duration_cast<nanoseconds>(after), cancel);
    const Stamp stamp{static_cast<std::uint64_t>(time.count()), number};
    writer.write_content({&stamp, sizeof stamp}, cancel);
  }
}

std::vector<nanoseconds> read(ReaderEnd& reader, std::uint64_t count, const Cancellation& cancel, Location at) {
  if (count == 0) {
    fail("0 time stamps are none; read at least 1", at);
  }
  std::vector<nanoseconds> delays;
  delays.reserve(count);
  for (std::uint64_t number = 1; number <= count; ++number) {
    const ring::Frame& frame = reader.take(cancel);
    const nanoseconds time = now();
    Stamp stamp{};
    if (frame.size() != sizeof stamp) {
      mismatch("bytes of time stamp " + std::to_string(number), sizeof stamp, frame.size(), at);
    }
    std::memcpy(&stamp, frame.data(), sizeof stamp);
    if (stamp.number != number) {
      mismatch("number of the time stamp", number, stamp.number, at);
    }
    const nanoseconds written(static_cast<std::int64_t>(stamp.written));
    if (written > time) {
      mismatch("time stamp " + std::to_string(number) + " was written", "before it was read",
               std::to_string((written - time).count()) + " ns after", at);
    }
    delays.push_back(time - written);
    reader.release(reader.last(), at);
  }
  return delays;
}

}  // namespace parley::steps::time_stamps
