#include <csignal>

#include "child.hpp"
#include "support.hpp"

namespace parley::ring {
namespace {

constexpr auto kAbandoned = UniqueName::Ends::Abandoned;

TEST(Death, OfTheReaderWhileTheRingIsFull) {
  const UniqueName name(kAbandoned);
  Child reader;
  ASSERT_EQ(reader.ask("create " + name.text() + " 0 1024"), "ok");
  Writer writer = Writer::connect(name, {kLimit});
  const Observer raw(name.text());
  writer.write(content(1008, 1));
  auto writing = std::async(std::launch::async, [&] { writer.write(content(10, 2)); });
  await_sleeper(raw.space);
  const std::uint64_t pid = reader.pid();
  reader.kill();
  EXPECT_EQ(error_of(ErrorKind::ReaderDead, [&] { writing.get(); }).facts().pid, pid);
}

// A zombie is dead, before anybody waits for it.
TEST(Death, OfAZombie) {
  const UniqueName name(kAbandoned);
  Child reader;
  ASSERT_EQ(reader.ask("create " + name.text() + " 0 1024"), "ok");
  Writer writer = Writer::connect(name, {kLimit});
  writer.write(content(1008, 1));
  reader.signal(SIGKILL);
  eventually("the reader is a zombie", [&] { return reader.state() == 'Z'; });
  error_of(ErrorKind::ReaderDead, [&] { writer.write(content(10, 2)); });
  error_of(ErrorKind::NoReader, [&] { Writer::connect(name); });
}

TEST(Death, OfTheWriterWhileTheReaderSleeps) {
  const UniqueName name;
  Reader reader = Reader::create(name, {0, 1024}, {kLimit});
  const Observer raw(name.text());
  Child writer;
  ASSERT_EQ(writer.ask("connect " + name.text()), "ok");
  auto reading = std::async(std::launch::async, [&] { reader.read(); });
  await_sleeper(raw.data);
  const std::uint64_t pid = writer.pid();
  writer.kill();
  EXPECT_EQ(error_of(ErrorKind::WriterDead, [&] { reading.get(); }).facts().pid, pid);
}

// Every complete frame is delivered first, the one in the middle is not, and the next writer begins at sequence 1.
TEST(Death, OfTheWriterInTheMiddleOfASlot) {
  const UniqueName name;
  Reader reader = Reader::create(name, {0, 16384}, {kLimit});
  Child child;
  ASSERT_EQ(child.ask("connect " + name.text()), "ok");
  ASSERT_EQ(child.ask("write 500 1"), "ok");
  ASSERT_EQ(child.ask("write 600 2"), "ok");
  ASSERT_EQ(child.ask("acquire 8192"), "ok");
  child.kill();
  read_one(reader, 1);
  read_one(reader, 2);
  error_of(ErrorKind::WriterDead, [&] { reader.read(); });
  error_of(ErrorKind::WriterDead, [&] { reader.read(); });
  Writer writer = Writer::connect(name);
  for (std::uint64_t sequence = 1; sequence <= 10; ++sequence) {
    writer.write(content(8192, sequence));
    read_one(reader, sequence);
  }
  EXPECT_EQ(inspect(name).payload_free_bytes, 16384U);
}

TEST(Death, OfTheReaderWhileTheWriterHoldsASlot) {
  const UniqueName name(kAbandoned);
  Child reader;
  ASSERT_EQ(reader.ask("create " + name.text() + " 64 16384"), "ok");
  Writer writer = Writer::connect(name);
  Slot slot = writer.acquire(8192);
  reader.kill();
  error_of(ErrorKind::ReaderDead, [&] { slot.commit(); });
  error_of(ErrorKind::ReaderDead, [&] { writer.write("x", 1); });
  error_of(ErrorKind::ReaderDead, [&] { writer.write_metadata("x", 1); });
}

TEST(Death, OfTheWriterFreesItsPlace) {
  const UniqueName name;
  const Reader reader = Reader::create(name, {0, 64});
  Child writer;
  ASSERT_EQ(writer.ask("connect " + name.text()), "ok");
  EXPECT_EQ(error_of(ErrorKind::WriterExists, [&] { Writer::connect(name); }).facts().pid, writer.pid());
  writer.kill();
  EXPECT_NO_THROW(Writer::connect(name));
}

// A paused process is not a dead one.
TEST(Death, IsNotAPause) {
  const UniqueName name;
  Child reader;
  ASSERT_EQ(reader.ask("create " + name.text() + " 0 1024"), "ok");
  Writer writer = Writer::connect(name, {std::chrono::milliseconds(50)});
  reader.signal(SIGSTOP);
  eventually("the reader is paused", [&] { return reader.state() == 'T'; });
  writer.write(content(1008, 1));
  error_of(ErrorKind::BufferFull, [&] { writer.write(content(10, 2)); });
  reader.signal(SIGCONT);
  EXPECT_EQ(reader.ask("read"), "ok 1 1008");
  EXPECT_EQ(reader.ask("release"), "ok");
  writer.write(content(10, 2));
  EXPECT_EQ(reader.ask("read"), "ok 2 10");
  EXPECT_EQ(reader.ask("close"), "ok");
}

// Sleepers are woken across processes, in both directions.
TEST(Death, AcrossProcessesSleepersWake) {
  const UniqueName name;
  Reader reader = Reader::create(name, {0, 1024}, {kLimit, kNever});
  const Observer raw(name.text());
  Child writer;
  ASSERT_EQ(writer.ask("connect " + name.text()), "ok");
  for (std::uint64_t sequence = 1; sequence <= 20; sequence += 2) {
    auto reading = std::async(std::launch::async, [&] { return reader.read(); });
    await_sleeper(raw.data);
    ASSERT_EQ(writer.ask("write 900 " + std::to_string(sequence)), "ok");
    Frame frame = reading.get();
    writer.send("write 900 " + std::to_string(sequence + 1));
    await_sleeper(raw.space);
    frame.release();
    ASSERT_EQ(writer.answer(), "ok");
    read_one(reader, sequence + 1);
  }
  EXPECT_EQ(writer.ask("close"), "ok");
}

TEST(Death, IsSeenInProc) {
  Child child;
  child.ask("nothing");
  const std::uint64_t pid = child.pid();
  const detail::Sighting seen = detail::sight(pid);
  EXPECT_FALSE(seen.dead);
  EXPECT_GT(seen.start, 0U);
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  EXPECT_TRUE(detail::started_after(pid, 1));
  EXPECT_FALSE(detail::started_after(pid, now + 3600));
  detail::Process process(pid);
  EXPECT_FALSE(process.dead());
  child.signal(SIGKILL);
  eventually("it is a zombie", [&] { return child.state() == 'Z'; });
  EXPECT_TRUE(process.dead());
  EXPECT_TRUE(detail::process_dead(pid));
  child.kill();
  EXPECT_TRUE(process.dead());
  EXPECT_TRUE(detail::Process(pid).dead());
  EXPECT_FALSE(detail::process_dead(1)) << "a process of somebody else is alive";
}

}  // namespace
}  // namespace parley::ring
