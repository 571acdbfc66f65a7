#include "support.hpp"

namespace parley::ring {
namespace {

TEST(Close, EndsASleepingWriter) {
  Pair ring({0, 64}, {kLimit});
  ring.writer.write(content(48, 1));
  auto writing = std::async(std::launch::async, [&] { ring.writer.write(content(48, 2)); });
  await_sleeper(ring.raw.space);
  ring.writer.close();
  error_of(ErrorKind::Closed, [&] { writing.get(); });
  read_one(ring.reader, 1);
  error_of(ErrorKind::WriterGone, [&] { ring.reader.read(); });
}

// P7: the writer learns of it too.
TEST(Close, EndsASleepingReader) {
  Pair ring({0, 64}, {kLimit});
  auto reading = std::async(std::launch::async, [&] { ring.reader.read(); });
  await_sleeper(ring.raw.data);
  ring.reader.close();
  error_of(ErrorKind::Closed, [&] { reading.get(); });
  EXPECT_EQ(ring.raw.space.value(), 1U) << "the reader closed without a post for its writer";
  error_of(ErrorKind::Closed, [&] { ring.reader.read(); });
  error_of(ErrorKind::Closed, [&] { ring.reader.metadata(); });
  error_of(ErrorKind::Closed, [&] { ring.reader.wait_writer(); });
  error_of(ErrorKind::NoReader, [&] { ring.writer.write("x", 1); });
}

// P7: the sleeping other side is woken, not only told after its time.
TEST(Close, WakesTheOtherSide) {
  Pair ring({0, 64}, {kLimit});
  auto reading = std::async(std::launch::async, [&] { ring.reader.read(); });
  await_sleeper(ring.raw.data);
  ring.writer.close();
  error_of(ErrorKind::WriterGone, [&] { reading.get(); });
  Writer next = Writer::connect(ring.name, {kLimit});
  next.write(content(48, 1));
  auto writing = std::async(std::launch::async, [&] { next.write(content(48, 2)); });
  await_sleeper(ring.raw.space);
  ring.reader.close();
  error_of(ErrorKind::NoReader, [&] { writing.get(); });
}

// What is held when a side closes, or is gone, stays readable and writable.
TEST(Close, HeldMemoryStays) {
  std::optional<Pair> ring(std::in_place, Sizes{0, 1024});
  ring->writer.write(content(100, 1));
  Frame frame = ring->reader.read();
  Slot slot = ring->writer.acquire(100);
  ring->reader.close();
  ring->writer.close();
  error_of(ErrorKind::Closed, [&] { ring->writer.write("x", 1); });
  error_of(ErrorKind::Closed, [&] { ring->writer.write_metadata("x", 1); });
  ring.reset();
  EXPECT_TRUE(is_whole(frame, 100, 1));
  pattern::fill_frame(slot.data(), slot.size(), 2);
  frame.release();
  error_of(ErrorKind::Closed, [&] { slot.commit(); });
}

// P5: the next writer begins at sequence 1, on an empty ring and on one that is not.
TEST(Close, TheNextWriterBeginsAtOne) {
  Pair ring({0, 4096});
  ring.exchange(100, 1);
  ring.exchange(100, 2);
  ring.writer.close();
  ring.writer = Writer::connect(ring.name);
  EXPECT_EQ(ring.raw.data.value(), 0U) << "tokens without frames are left";
  ring.exchange(100, 1);
  ring.writer.write(content(100, 2));
  ring.writer.close();
  ring.writer = Writer::connect(ring.name);
  ring.writer.write(content(100, 1));
  ring.writer.close();
  read_one(ring.reader, 2);
  read_one(ring.reader, 1);
  error_of(ErrorKind::WriterGone, [&] { ring.reader.read(); });
  error_of(ErrorKind::WriterGone, [&] { ring.reader.read(); });
}

TEST(Close, AWriterThatNeverWroteIsGone) {
  Pair ring({0, 64}, {kLimit});
  ring.writer.close();
  error_of(ErrorKind::WriterGone, [&] { ring.reader.read(); });
}

TEST(Close, WaitWriter) {
  const UniqueName name;
  Reader reader = Reader::create(name, {0, 64}, {std::chrono::milliseconds(20)});
  error_of(ErrorKind::ReadTimeout, [&] { reader.wait_writer(); });
  reader.set_timeout(kLimit);
  auto waiting = std::async(std::launch::async, [&] { reader.wait_writer(); });
  const Writer writer = Writer::connect(name);
  waiting.get();
}

TEST(Cancel, EndsACall) {
  Pair ring({0, 64}, {kLimit});
  std::atomic<bool> flag{true};
  EXPECT_THROW(ring.reader.read(&flag), Cancelled);
  EXPECT_THROW(ring.writer.write(content(48, 1), &flag), Cancelled);
  EXPECT_THROW(ring.reader.wait_writer(&flag), Cancelled);
  flag = false;
  auto reading = std::async(std::launch::async, [&] { ring.reader.read(&flag); });
  await_sleeper(ring.raw.data);
  flag = true;
  EXPECT_THROW(reading.get(), Cancelled);
  EXPECT_EQ(ring.raw.data.data(), 0U) << "still counted as a waiter";
  flag = false;
  ring.writer.write(content(48, 1));
  auto writing = std::async(std::launch::async, [&] { ring.writer.write(content(48, 2), &flag); });
  await_sleeper(ring.raw.space);
  flag = true;
  EXPECT_THROW(writing.get(), Cancelled);
  EXPECT_EQ(ring.raw.space.data(), 0U) << "still counted as a waiter";
  EXPECT_THROW(Writer::connect_wait(name_prefix() + "none", kLimit, {}, &flag), Cancelled);
}

}  // namespace
}  // namespace parley::ring
