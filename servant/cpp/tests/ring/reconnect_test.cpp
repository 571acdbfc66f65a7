#include <cstddef>
#include <cstdint>
#include <cstring>
#include <future>
#include <vector>

#include "parley/ring.hpp"
#include "support.hpp"

// P5: under one process id the reader sees nothing of a change of writers but a first frame at 0.
namespace parley::ring {
namespace {

struct Rewind {
  /// The size of the first frame of the second writer in bytes.
  std::size_t size;
  /// Whether the last frame of the first writer is read before it closes.
  bool read_before;
};

class UnseenRewind : public testing::TestWithParam<Rewind> {};

TEST_P(UnseenRewind, IsRead) {
  const auto [size, read_before] = GetParam();
  Pair ring({0, 1024}, {kLimit});
  ring.writer.write(content(size - 8, 1));
  if (read_before) {
    read_one(ring.reader, 1);
  }
  ring.writer.close();
  ring.writer = Writer::connect(ring.name, {kLimit});
  if (!read_before) {
    read_one(ring.reader, 1);
  }
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
    ring.exchange(size, sequence);
  }
  ring.writer.close();
  error_of(ErrorKind::WriterGone, [&] { ring.reader.read(); });
}

INSTANTIATE_TEST_SUITE_P(Sizes, UnseenRewind,
                         testing::Values(Rewind{1000, true}, Rewind{1000, false}, Rewind{1008, true},
                                         Rewind{1008, false}));

TEST(Reconnect, RewindsInTheMidstOfABurst) {
  const std::vector<std::size_t> sizes = {700, 100, 100, 50, 300};
  Pair ring({0, 1024}, {kLimit});
  ring.exchange(700, 1);
  for (int round = 0; round < 200; ++round) {
    ring.writer.close();
    ring.writer = Writer::connect(ring.name, {kLimit});
    auto burst = std::async(std::launch::async, [&] {
      for (std::size_t i = 0; i < sizes.size(); ++i) {
        ring.writer.write(content(sizes[i], i + 1));
      }
    });
    for (std::uint64_t sequence = 1; sequence <= sizes.size(); ++sequence) {
      read_one(ring.reader, sequence);
    }
    burst.get();
  }
}

// What a frame holds does not matter, not even where the frame before ended.
TEST(Reconnect, RewindsWithDataThatLooksLikeAFrame) {
  constexpr std::size_t kSize = 304;
  Pair ring({0, 1024}, {kLimit});
  ring.exchange(kSize, 1);
  ring.writer.close();
  ring.writer = Writer::connect(ring.name, {kLimit});
  Bytes data(1000);
  const detail::FrameHeader header{1, 1};
  std::memcpy(&data[kSize], &header, sizeof header);
  ring.writer.write(data);
  const Frame frame = ring.reader.read();
  EXPECT_EQ(frame.size(), data.size());
}

TEST(Reconnect, APositionAtAnOldFrameIsNoRewind) {
  for (const std::uint64_t old : {1U, 2U}) {
    SCOPED_TRACE(old);
    Pair ring({0, 1024}, {kLimit});
    for (std::uint64_t sequence = 1; sequence <= old; ++sequence) {
      ring.exchange(100, sequence);
    }
    ring.writer.write(content(100, old + 1));
    const std::uint64_t right = ring.raw.oieb().read_pos.exchange(0);
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(error_of(ErrorKind::Corrupt, [&] { ring.reader.read(); }).facts().field, "payload_read_pos");
    }
    ring.raw.oieb().read_pos = right;
    read_one(ring.reader, old + 1);
  }
}

}  // namespace
}  // namespace parley::ring
