#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "child.hpp"
#include "support.hpp"

namespace parley::ring {
namespace {

std::vector<std::string> paths_of(std::string_view name) {
  const Objects paths = objects(name);
  return {paths.segment, paths.data_semaphore, paths.space_semaphore, paths.lock};
}

TEST(Create, ObjectsAreAsTheProtocolSays) {
  const UniqueName name;
  Reader reader = Reader::create(name, {100, 1000});
  const std::vector<std::string> paths = paths_of(name);
  EXPECT_EQ(paths, (std::vector<std::string>{"/dev/shm/" + name.text(), "/dev/shm/sem.sem-w-" + name.text(),
                                             "/dev/shm/sem.sem-r-" + name.text(),
                                             "/tmp/zerobuffer/" + name.text() + ".lock"}));
  const std::vector<off_t> sizes = {128 + 128 + 1024, 32, 32, 0};
  for (std::size_t i = 0; i < paths.size(); ++i) {
    struct stat status {};
    ASSERT_EQ(::lstat(paths[i].c_str(), &status), 0) << paths[i];
    EXPECT_EQ(status.st_mode, mode_t{S_IFREG | 0600}) << paths[i];
    EXPECT_EQ(status.st_size, sizes[i]) << paths[i];
  }
  struct stat segment {};
  ASSERT_EQ(::stat(paths[0].c_str(), &segment), 0);
  EXPECT_GE(segment.st_blocks * 512, 128 + 128 + 1024) << "the space is not reserved";
  const detail::Fd lock(::open(paths[3].c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_NE(::flock(lock.get(), LOCK_EX | LOCK_NB), 0) << "the lock can be taken";
  reader.close();
  reader.close();
  EXPECT_TRUE(leftovers(name).empty());
}

TEST(Create, ModesWhateverTheUmask) {
  const UniqueName name;
  const mode_t before = ::umask(0777);
  const Reader reader = Reader::create(name, {0, 64});
  ::umask(before);
  for (const std::string& path : paths_of(name)) {
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U) << path;
  }
}

// An obstacle that cannot be removed, at each object's name in turn.
TEST(Create, ObstaclesAreNamedAndLeft) {
  for (std::size_t i = 0; i < 4; ++i) {
    const UniqueName name;
    { const Reader once = Reader::create(name, {0, 64}); }
    const std::string path = paths_of(name)[i];
    ASSERT_EQ(::mkdir(path.c_str(), 0700), 0);
    const Error error = error_of(ErrorKind::System, [&] { Reader::create(name, {64, 64}); });
    EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
    EXPECT_EQ(leftovers(name), std::vector<std::string>{path});
    ASSERT_EQ(::rmdir(path.c_str()), 0);
    EXPECT_NO_THROW(Reader::create(name, {64, 64}));
  }
}

// Stale objects of each kind alone, of no process.
TEST(Create, StrayObjectsAreReplaced) {
  for (std::size_t i = 0; i < 4; ++i) {
    const UniqueName name;
    std::ofstream(paths_of(name)[i]) << "stray";
    Reader reader = Reader::create(name, {64, 64}, {kLimit});
    Writer writer = Writer::connect(name);
    writer.write(content(10, 1));
    read_one(reader, 1);
  }
}

TEST(Create, FullSharedMemoryIsAnError) {
  struct statvfs files {};
  ASSERT_EQ(::statvfs("/dev/shm", &files), 0);
  const std::uint64_t total = std::uint64_t{files.f_blocks} * files.f_frsize;
  if (total == 0 || total > (std::uint64_t{1} << 50)) {
    GTEST_SKIP() << "/dev/shm has no limit";
  }
  const UniqueName name;
  const Error error = error_of(ErrorKind::System, [&] { Reader::create(name, {0, total}); });
  EXPECT_EQ(error.facts().call, "fallocate");
  EXPECT_EQ(error.facts().error_number, ENOSPC);
  EXPECT_TRUE(leftovers(name).empty());
  EXPECT_NO_THROW(Reader::create(name, {0, 64}));
}

TEST(Create, SizesAreChecked) {
  const UniqueName name;
  constexpr std::uint64_t kHuge = std::uint64_t{1} << 62;
  for (const Sizes sizes : {Sizes{0, 0}, Sizes{kHuge, kHuge}, Sizes{0, INT64_MAX}, Sizes{UINT64_MAX, 64},
                            Sizes{64, UINT64_MAX}, Sizes{UINT64_MAX, UINT64_MAX}}) {
    error_of(ErrorKind::System, [&] { Reader::create(name, sizes); });
    EXPECT_TRUE(leftovers(name).empty());
  }
}

// Create runs out of file descriptors at every point, until it has enough.
TEST(Create, WithoutDescriptorsLeavesNothing) {
  const UniqueName name;
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlim_t lowest = 0;
  {
    const detail::Fd next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    lowest = static_cast<rlim_t>(next.get());
  }
  rlim_t failed = 0;
  for (bool created = false; !created; ++failed) {
    const struct rlimit few { lowest + failed, before.rlim_max };
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    std::optional<Error> error;
    try {
      const Reader reader = Reader::create(name, {64, 64});
      created = true;
    } catch (const Error& caught) {
      error = caught;
    }
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    if (error) {
      ASSERT_EQ(error->facts().error_number, EMFILE) << error->what();
    }
    ASSERT_TRUE(leftovers(name).empty()) << "with " << failed << " descriptors";
  }
  EXPECT_GT(failed, 2U) << "it did not fail at several points";
}

// Where a file system has no files without a name, a temporary name does the same.
TEST(Create, DraftsWithANameLeaveNothing) {
  const std::filesystem::path dir = std::filesystem::temp_directory_path() / (name_prefix() + "drafts");
  std::filesystem::create_directory(dir);
  const auto files = [&] {
    return std::distance(std::filesystem::directory_iterator(dir), std::filesystem::directory_iterator());
  };
  const std::string path = dir / "published";
  {
    auto draft = detail::Draft::named("n", dir, path);
    EXPECT_EQ(files(), 1);
    draft.publish();
    EXPECT_EQ(files(), 1) << "the temporary name is left";
    EXPECT_TRUE(draft.identity().at(path));
    {
      auto other = detail::Draft::named("n", dir, path);
      EXPECT_FALSE(other.try_publish());
      EXPECT_EQ(error_of(ErrorKind::System, [&] { other.publish(); }).facts().error_number, EEXIST);
      other.withdraw();
      EXPECT_TRUE(draft.identity().at(path)) << "withdraw removed a file that is not its own";
    }
    EXPECT_EQ(files(), 1);
    draft.withdraw();
  }
  EXPECT_EQ(files(), 0);
  std::filesystem::remove(dir);
}

// Several processes create the same buffer: exactly one wins.
TEST(Create, RacersHaveOneWinner) {
  std::array<Child, 3> children;
  for (int round = 0; round < 20; ++round) {
    const UniqueName name;
    if (round % 2 == 1) {
      // Half of the rounds fight over a dead process's buffer.
      Child dead;
      ASSERT_EQ(dead.ask("create " + name.text() + " 64 64"), "ok");
    }
    for (const Child& child : children) {
      child.send("create " + name.text() + " 0 1024");
    }
    std::optional<Reader> reader;
    try {
      reader.emplace(Reader::create(name, {0, 1024}, {kLimit}));
    } catch (const Error& error) {
      EXPECT_EQ(to_string(error.kind()), "InUse") << error.what();
    }
    int winners = reader ? 1 : 0;
    Child* owner = nullptr;
    for (Child& child : children) {
      if (const std::string answer = child.answer(); answer == "ok") {
        ++winners;
        owner = &child;
      } else {
        EXPECT_EQ(answer, "InUse");
      }
    }
    ASSERT_EQ(winners, 1);
    Writer writer = Writer::connect(name);
    writer.write(content(700, 1));
    if (reader) {
      read_one(*reader, 1);
    } else {
      EXPECT_EQ(owner->ask("read"), "ok 1 700");
      EXPECT_EQ(owner->ask("release"), "ok");
      EXPECT_EQ(owner->ask("close"), "ok");
    }
  }
}

// A writer that connects while the buffer comes and goes sees a whole buffer or none.
TEST(Create, ConnectSeesAllOrNothing) {
  const UniqueName name;
  std::atomic<bool> over{false};
  int connected = 0;
  auto connecting = std::async(std::launch::async, [&] {
    while (!over) {
      try {
        Writer writer = Writer::connect(name);
        ++connected;
        writer.write("x", 1);
      } catch (const Error& error) {
        EXPECT_TRUE(error.kind() == ErrorKind::NotFound || error.kind() == ErrorKind::NoReader) << error.what();
      }
    }
  });
  for (int i = 0; i < 200; ++i) {
    const Reader reader = Reader::create(name, {64, 64});
  }
  {
    const Reader reader = Reader::create(name, {64, 64}, {kLimit});
    reader.wait_writer();
  }
  over = true;
  connecting.get();
  EXPECT_GT(connected, 0);
}

TEST(Create, NothingLeaks) {
  const auto count = [] {
    const auto descriptors =
        std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
    std::ifstream maps("/proc/self/maps");
    std::ptrdiff_t mappings = 0;
    for (std::string line; std::getline(maps, line);) {
      mappings += line.find(name_prefix()) == std::string::npos ? 0 : 1;
    }
    return descriptors + mappings;
  };
  const UniqueName name;
  const auto cycle = [&] {
    {
      Reader reader = Reader::create(name, {64, 64});
      Writer writer = Writer::connect(name);
      error_of(ErrorKind::WriterExists, [&] { Writer::connect(name); });
      error_of(ErrorKind::InUse, [&] { Reader::create(name, {64, 64}); });
      writer.write(content(20, 1));
      read_one(reader, 1);
    }
    error_of(ErrorKind::NotFound, [&] { Writer::connect(name); });
  };
  cycle();
  const auto before = count();
  for (int i = 0; i < 50; ++i) {
    cycle();
  }
  EXPECT_EQ(count(), before);
}

TEST(Connect, ToNothing) {
  const UniqueName name;
  error_of(ErrorKind::NotFound, [&] { Writer::connect(name); });
  error_of(ErrorKind::NotFound, [&] { Writer::connect_wait(name, std::chrono::milliseconds(20)); });
  error_of(ErrorKind::NotFound, [&] { inspect(name); });
}

TEST(Connect, WaitsForTheBuffer) {
  const UniqueName name;
  auto connecting = std::async(std::launch::async, [&] { return Writer::connect_wait(name, kLimit, {kLimit}); });
  Reader reader = Reader::create(name, {0, 64}, {kLimit});
  Writer writer = connecting.get();
  writer.write(content(10, 1));
  read_one(reader, 1);
}

// Peers do not create a buffer at once: its segment is too short, or all zeros, at first.
TEST(Connect, WaitsForAWholeBuffer) {
  for (const std::size_t size : {0U, 100U, 4096U}) {
    SCOPED_TRACE(size);
    const UniqueName name;
    const std::string path = objects(name.text()).segment;
    std::ofstream(path, std::ios::binary) << std::string(size, '\0');
    constexpr auto kPatience = std::chrono::milliseconds(20);
    const auto start = std::chrono::steady_clock::now();
    error_of(ErrorKind::Corrupt, [&] { Writer::connect_wait(name, kPatience); });
    EXPECT_GE(std::chrono::steady_clock::now() - start, kPatience) << "it gave up before its time";
    auto connecting = std::async(std::launch::async, [&] { return Writer::connect_wait(name, kLimit, {kLimit}); });
    std::filesystem::remove(path);
    Reader reader = Reader::create(name, {0, 64}, {kLimit});
    Writer writer = connecting.get();
    writer.write(content(10, 1));
    read_one(reader, 1);
  }
}

TEST(Connect, DoesNotWaitForAnotherVersion) {
  Pair ring({0, 64});
  ring.writer.close();
  ring.raw.oieb().major = 2;
  error_of(ErrorKind::VersionMismatch, [&] { Writer::connect_wait(ring.name, std::chrono::hours(1)); });
}

TEST(Connect, SemaphoreOfAnotherLibraryIsRefused) {
  const UniqueName name;
  const Reader reader = Reader::create(name, {0, 64});
  std::fstream file(objects(name.text()).space_semaphore, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(8);
  file.put(0);
  file.close();
  const Error error = error_of(ErrorKind::Corrupt, [&] { Writer::connect(name); });
  EXPECT_EQ(error.facts().field, "sem_r_private");
  EXPECT_NE(std::string(error.what()).find("glibc"), std::string::npos);
  EXPECT_EQ(inspect(name).writer_pid, 0U) << "a failed connect claimed the buffer";
}

// A FIFO, a link or a directory under the segment's name neither hangs nor leads elsewhere.
TEST(Connect, ToWhatIsNoSegment) {
  const std::vector<std::function<int(const char*)>> places = {
      [](const char* path) { return ::mkfifo(path, 0600); },
      [](const char* path) { return ::symlink("/etc/passwd", path); },
      [](const char* path) { return ::mkdir(path, 0700); },
  };
  for (const auto& place : places) {
    const UniqueName name;
    const std::string path = objects(name.text()).segment;
    ASSERT_EQ(place(path.c_str()), 0);
    const auto refused = [](const Error& error) { return error.kind() != ErrorKind::NotFound; };
    try {
      Writer::connect(name);
      ADD_FAILURE() << "connected";
    } catch (const Error& error) {
      EXPECT_TRUE(refused(error)) << error.what();
    }
    error_of(ErrorKind::System, [&] { inspect(name); });
    std::filesystem::remove(path);
  }
}

}  // namespace
}  // namespace parley::ring
