#include <filesystem>
#include <fstream>

#include "child.hpp"
#include "support.hpp"

namespace parley::ring {
namespace {

TEST(Stale, BufferOfADeadReaderIsReplaced) {
  const UniqueName name;
  Child reader;
  Child writer;
  ASSERT_EQ(reader.ask("create " + name.text() + " 64 1024"), "ok");
  ASSERT_EQ(writer.ask("connect " + name.text()), "ok");
  ASSERT_EQ(writer.ask("write 100 1"), "ok");
  reader.kill();
  // The reader is dead, its writer is not.
  EXPECT_EQ(error_of(ErrorKind::InUse, [&] { Reader::create(name, {0, 4096}); }).facts().pid, writer.pid());
  EXPECT_EQ(writer.ask("write 100 2"), "ReaderDead");
  EXPECT_EQ(writer.ask("close"), "ok");
  Reader next = Reader::create(name, {0, 4096}, {kLimit});
  ASSERT_EQ(writer.ask("connect " + name.text()), "ok");
  ASSERT_EQ(writer.ask("write 100 1"), "ok");
  read_one(next, 1);
  EXPECT_EQ(writer.ask("close"), "ok");
}

TEST(Stale, BufferOfTwoDeadProcessesIsReplaced) {
  const UniqueName name;
  {
    Child reader;
    Child writer;
    ASSERT_EQ(reader.ask("create " + name.text() + " 64 1024"), "ok");
    ASSERT_EQ(writer.ask("connect " + name.text()), "ok");
  }
  const Reader reader = Reader::create(name, {0, 64});
  const State state = inspect(name);
  EXPECT_EQ(state.reader_pid, static_cast<std::uint64_t>(::getpid()));
  EXPECT_EQ(state.writer_pid, 0U);
  EXPECT_EQ(state.payload_size, 64U);
}

TEST(Stale, LiveOwnerIsNotTouched) {
  const UniqueName name;
  Child reader;
  ASSERT_EQ(reader.ask("create " + name.text() + " 0 1024"), "ok");
  const Bytes before = contents_of(objects(name.text()).segment);
  EXPECT_EQ(error_of(ErrorKind::InUse, [&] { Reader::create(name, {0, 64}); }).facts().pid, reader.pid());
  EXPECT_EQ(contents_of(objects(name.text()).segment), before);
  Writer writer = Writer::connect(name);
  writer.write(content(100, 1));
  EXPECT_EQ(reader.ask("read"), "ok 1 100");
  EXPECT_EQ(reader.ask("close"), "ok");
}

// A reader's pid that now belongs to a younger process does not keep the name.
TEST(Stale, RecycledPidDoesNotKeepTheName) {
  const UniqueName name;
  {
    Child reader;
    ASSERT_EQ(reader.ask("create " + name.text() + " 0 64"), "ok");
  }
  Child younger;
  younger.ask("nothing");
  const std::string path = objects(name.text()).segment;
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(0x58);
    const std::uint64_t pid = younger.pid();
    file.write(reinterpret_cast<const char*>(&pid), sizeof pid);
  }
  EXPECT_EQ(error_of(ErrorKind::InUse, [&] { Reader::create(name, {0, 64}); }).facts().pid, younger.pid());
  std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(24));
  EXPECT_NO_THROW(Reader::create(name, {0, 64}));
}

}  // namespace
}  // namespace parley::ring
