#include "support.hpp"

namespace parley::ring {
namespace {

TEST(Frames, LargestAndEmpty) {
  Pair ring({0, 64});
  const Error error = error_of(ErrorKind::FrameTooLarge, [&] { ring.writer.write(Bytes(49)); });
  EXPECT_EQ(error.facts().value, 49U);
  EXPECT_EQ(error.facts().limit, 48U);
  error_of(ErrorKind::FrameTooLarge, [&] { ring.writer.acquire(SIZE_MAX); });
  error_of(ErrorKind::EmptyFrame, [&] { ring.writer.write(nullptr, 0); });
  error_of(ErrorKind::EmptyFrame, [&] { ring.writer.acquire(0); });
  std::uint64_t sequence = 0;
  for (const std::size_t size : {48, 1, 48, 17, 48}) {
    ring.exchange(size, ++sequence);
  }
}

TEST(Frames, SizesAreRoundedUp) {
  const UniqueName name;
  const Reader reader = Reader::create(name, {65, 1});
  EXPECT_EQ(reader.sizes().metadata, 128U);
  EXPECT_EQ(reader.sizes().payload, 64U);
}

TEST(Frames, Timeouts) {
  const auto timeout = std::chrono::milliseconds(30);
  Pair ring({0, 1024}, {timeout});
  EXPECT_EQ(error_of(ErrorKind::ReadTimeout, [&] { ring.reader.read(); }).facts().timeout, timeout);
  EXPECT_EQ(error_of(ErrorKind::ReadTimeout, [&] { ring.reader.read(kNever); }).facts().timeout, kNever);
  ring.writer.write(content(1008, 1));
  const Bytes before = contents_of(objects(ring.name.text()).segment);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(error_of(ErrorKind::BufferFull, [&] { ring.writer.write(content(1, 2)); }).facts().timeout, timeout);
  EXPECT_GE(std::chrono::steady_clock::now() - start, timeout);
  EXPECT_EQ(contents_of(objects(ring.name.text()).segment), before) << "a write that timed out changed the ring";
  read_one(ring.reader, 1);
  ring.exchange(1, 2);
  ring.reader.set_timeout(kNever);
  EXPECT_EQ(error_of(ErrorKind::ReadTimeout, [&] { ring.reader.read(); }).facts().timeout, kNever);
}

// P4: space grows only over frames whose predecessors are released too.
TEST(Frames, AreReleasedInAnyOrder) {
  Pair ring({0, 1024});
  std::vector<Frame> frames;
  for (std::uint64_t sequence = 1; sequence <= 4; ++sequence) {
    ring.writer.write(content(100, sequence));
    frames.push_back(ring.reader.read());
  }
  struct Step {
    std::size_t release;
    std::uint64_t free;
  };
  for (const Step& step : std::vector<Step>{{2, 560}, {1, 560}, {1, 560}, {0, 560 + 3 * 116}, {3, 1024}, {3, 1024}}) {
    frames[step.release].release();
    EXPECT_EQ(ring.raw.free(), step.free) << "after releasing " << step.release;
  }
}

TEST(Frames, MoveAndAreReleasedOnce) {
  Pair ring({0, 1024});
  ring.writer.write(content(100, 1));
  ring.writer.write(content(100, 2));
  Frame first = ring.reader.read();
  Frame moved = std::move(first);
  first.release();  // NOLINT(bugprone-use-after-move): an empty Frame holds nothing
  EXPECT_EQ(ring.raw.free(), 1024U - 232U);
  moved = ring.reader.read();
  EXPECT_TRUE(is_whole(moved, 100, 2));
  EXPECT_EQ(ring.raw.free(), 1024U - 116U) << "assigning releases what was there";
  moved.release();
  EXPECT_EQ(moved.data(), nullptr);
  EXPECT_EQ(moved.size(), 0U);
  EXPECT_EQ(ring.raw.free(), 1024U);
}

// P1: tail + frame exceed the ring, so the frame is writable only by a rewind, and the write waits for the ring to be
// empty.
TEST(Frames, RewindWaitsForEmpty) {
  Pair ring({0, 10240}, {kLimit});
  ring.writer.write(content(6144, 1));
  Frame first = ring.reader.read();
  auto writing = std::async(std::launch::async, [&] { ring.writer.write(content(7168, 2)); });
  await_sleeper(ring.raw.space);
  first.release();
  writing.get();
  EXPECT_EQ(ring.raw.oieb().write_pos, 7168U + 16U);
  EXPECT_EQ(ring.raw.oieb().read_pos, 0U);
  EXPECT_EQ(ring.raw.oieb().written_count, 2U);
  EXPECT_TRUE(is_whole(ring.reader.read(), 7168, 2));
}

// P1: an empty ring above 1 MiB begins anew.
TEST(Frames, RewindKeepsLargeRingsHot) {
  Pair ring({0, 2 << 20});
  ring.exchange(5000, 1);
  ring.exchange(5000, 2);
  EXPECT_EQ(ring.raw.oieb().write_pos, 5016U);
}

// P6: tokens of earlier releases do not keep a blocked writer awake, and more releases than the writer waits for leave
// one token.
TEST(Frames, StaleTokensAreDrained) {
  Pair ring({0, 1024}, {kLimit});
  for (std::uint64_t sequence = 1; sequence <= 5; ++sequence) {
    ring.exchange(48, sequence);
  }
  EXPECT_EQ(ring.raw.space.value(), 1U);
  // Up to the end; what is free before it is too little for the next.
  ring.writer.write(content(1024 - 5 * 64 - 16, 6));
  auto writing = std::async(std::launch::async, [&] { ring.writer.write(content(400, 7)); });
  eventually("the writer sleeps on no token", [&] { return ring.raw.space.data() == detail::Semaphore::kOneWaiter; });
  read_one(ring.reader, 6);
  writing.get();
}

TEST(Frames, SecondWriterIsRefused) {
  Pair ring({0, 1024});
  const Bytes before = contents_of(objects(ring.name.text()).segment);
  const Error error = error_of(ErrorKind::WriterExists, [&] { Writer::connect(ring.name); });
  EXPECT_EQ(error.facts().pid, static_cast<std::uint64_t>(::getpid()));
  EXPECT_EQ(contents_of(objects(ring.name.text()).segment), before);
  ring.exchange(100, 1);
}

}  // namespace
}  // namespace parley::ring
