#include <algorithm>
#include <mutex>

#include "support.hpp"

namespace parley::ring {
namespace {

/// Runs `work`, which ends with one of `kinds`.
template <typename Work>
std::future<void> until(std::initializer_list<ErrorKind> kinds, Work work) {
  return std::async(std::launch::async, [kinds = std::vector<ErrorKind>(kinds), work] {
    try {
      while (true) {
        work();
      }
    } catch (const Error& error) {
      EXPECT_NE(std::find(kinds.begin(), kinds.end(), error.kind()), kinds.end()) << error.what();
    }
  });
}

// Close while calls wait, read, write and hold: each ends, and no memory is unmapped under it.
TEST(Threads, CloseWhileBusy) {
  for (int round = 0; round < 100; ++round) {
    Pair ring({64, 4096}, {kLimit});
    std::uint64_t sequence = 0;
    auto reading = until({ErrorKind::Closed, ErrorKind::WriterGone}, [&] {
      const Frame frame = ring.reader.read();
      EXPECT_TRUE(is_whole(frame, 700, frame.sequence()));
      ring.reader.metadata();
    });
    auto writing =
        until({ErrorKind::Closed, ErrorKind::NoReader}, [&] { ring.writer.write(content(700, ++sequence)); });
    auto closing = std::async(std::launch::async, [&] { ring.reader.close(); });
    ring.writer.close();
    closing.get();
    reading.get();
    writing.get();
  }
}

// Several threads read and write one ring.
TEST(Threads, ShareASide) {
  constexpr std::uint64_t kTotal = 4000;
  Pair ring({0, 4096}, {kLimit});
  std::atomic<std::uint64_t> left{kTotal};
  std::atomic<std::uint64_t> sum{0};
  std::mutex turn;
  std::uint64_t sequence = 0;
  std::vector<std::future<void>> threads;
  for (int i = 0; i < 2; ++i) {
    threads.push_back(std::async(std::launch::async, [&] {
      for (std::uint64_t n = 0; n < kTotal / 2; ++n) {
        const std::lock_guard lock(turn);
        ++sequence;
        ring.writer.write(content(1 + sequence % 500, sequence));
      }
    }));
    threads.push_back(std::async(std::launch::async, [&] {
      while (left.fetch_sub(1) - 1 < kTotal) {
        const Frame frame = ring.reader.read();
        EXPECT_TRUE(is_whole(frame, 1 + frame.sequence() % 500, frame.sequence()));
        sum += frame.sequence();
      }
    }));
  }
  for (auto& thread : threads) {
    thread.get();
  }
  EXPECT_EQ(sum, kTotal * (kTotal + 1) / 2);
  EXPECT_EQ(ring.raw.free(), 4096U);
}

// A frame may be released by another thread while its reader waits for the next.
TEST(Threads, ReleaseWhileTheReaderWaits) {
  Pair ring({0, 64}, {kLimit});
  ring.writer.write(content(48, 1));
  Frame held = ring.reader.read();
  auto reading = std::async(std::launch::async, [&] { read_one(ring.reader, 2); });
  await_sleeper(ring.raw.data);
  held.release();
  ring.writer.write(content(48, 2));
  reading.get();
}

}  // namespace
}  // namespace parley::ring
