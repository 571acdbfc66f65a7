#include "support.hpp"

namespace parley::ring {
namespace {

void write_all(Writer& writer, std::uint64_t total) {
  pattern::FrameSizes sizes(3, 1, 900);
  std::uint64_t sequence = 0;
  while (sequence < total) {
    std::vector<Bytes> contents;
    while (contents.size() < 32 && sequence < total) {
      ++sequence;
      contents.push_back(content(sizes.next(), sequence));
    }
    std::size_t written = 0;
    writer.write_batch({contents.begin(), contents.end()}, {}, &written);
    EXPECT_EQ(written, contents.size());
  }
}

TEST(Batches, KeepOrderAndCounts) {
  constexpr std::uint64_t kTotal = 5000;
  Pair ring({0, 4096}, {kLimit});
  auto writing = std::async(std::launch::async, [&] { write_all(ring.writer, kTotal); });
  pattern::FrameSizes sizes(3, 1, 900);
  std::vector<Frame> frames;
  for (std::uint64_t sequence = 0; sequence < kTotal;) {
    const std::size_t count = ring.reader.read_batch(frames, 7);
    ASSERT_EQ(count, frames.size());
    ASSERT_GE(count, 1U);
    ASSERT_LE(count, 7U);
    for (const Frame& frame : frames) {
      ASSERT_TRUE(is_whole(frame, sizes.next(), ++sequence));
    }
    ring.reader.release(frames);
    EXPECT_TRUE(frames.empty());
  }
  writing.get();
  EXPECT_EQ(ring.raw.free(), 4096U);
  EXPECT_EQ(ring.raw.oieb().read_count.load(), ring.raw.oieb().written_count.load());
  EXPECT_EQ(ring.raw.data.value(), 0U);
}

TEST(Batches, WritingStopsAtABadFrame) {
  Pair ring({0, 256});
  std::size_t written = 0;
  const std::vector<View> frames = {std::string_view("a"), std::string_view("b"), View(), std::string_view("c")};
  error_of(ErrorKind::EmptyFrame, [&] { ring.writer.write_batch(frames, {}, &written); });
  EXPECT_EQ(written, 2U);
  EXPECT_EQ(ring.raw.oieb().written_count, 2U);
  EXPECT_EQ(ring.raw.data.value(), 2U);
}

TEST(Batches, ReadingLeavesABadFrameToTheNextCall) {
  Pair ring({0, 1024}, {kNever});
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
    ring.writer.write(content(100, sequence));
  }
  ring.raw.segment.set_header(232, {100, 9});
  EXPECT_EQ(ring.reader.read_batch(5).size(), 2U);
  error_of(ErrorKind::SequenceGap, [&] { ring.reader.read_batch(5); });
  EXPECT_TRUE(ring.reader.read_batch(0).empty());
}

TEST(Batches, ReleaseTakesFramesOfOtherReaders) {
  Pair one({0, 256});
  Pair other({0, 256});
  one.writer.write(content(10, 1));
  other.writer.write(content(10, 1));
  std::vector<Frame> frames = one.reader.read_batch(1);
  other.reader.read_batch(frames, 1);
  frames.emplace_back();
  one.reader.release(frames);
  EXPECT_EQ(one.raw.free(), 256U);
  EXPECT_EQ(other.raw.free(), 256U);
}

}  // namespace
}  // namespace parley::ring
