#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

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

// What cannot be looked at, for want of a descriptor, may be alive.
TEST(Stale, LiveWriterIsKeptWithoutDescriptors) {
  const UniqueName name;
  Child reader;
  ASSERT_EQ(reader.ask("create " + name.text() + " 0 64"), "ok");
  Writer writer = Writer::connect(name);
  reader.kill();
  const Objects paths = objects(name.text());
  // With it, taking the lock would need more descriptors than anything after.
  ASSERT_TRUE(std::filesystem::remove(paths.lock));
  const auto there = [&] {
    std::vector<ino_t> inodes;
    for (const std::string& path : {paths.segment, paths.data_semaphore, paths.space_semaphore}) {
      struct stat status {};
      inodes.push_back(::stat(path.c_str(), &status) == 0 ? status.st_ino : 0);
    }
    return inodes;
  };
  const std::vector<ino_t> before = there();
  struct rlimit limit {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlim_t lowest = [] {
    const detail::Fd next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    return static_cast<rlim_t>(next.get());
  }();
  rlim_t failed = 0;
  for (bool recognised = false; !recognised; ++failed) {
    const struct rlimit few { lowest + failed, limit.rlim_max };
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    std::optional<Error> error;
    try {
      const Reader taken = Reader::create(name, {0, 64});
    } catch (const Error& caught) {
      error = caught;
    }
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    ASSERT_EQ(there(), before) << "with " << failed << " descriptors";
    ASSERT_TRUE(error) << "with " << failed << " descriptors";
    recognised = error->kind() == ErrorKind::InUse;
    ASSERT_TRUE(recognised || error->facts().error_number == EMFILE) << error->what();
  }
  EXPECT_GT(failed, 1U) << "it did not fail for want of descriptors";
  writer.close();
  EXPECT_NO_THROW(Reader::create(name, {0, 64}));
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
