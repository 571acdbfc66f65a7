#include <sys/sysmacros.h>

#include <sstream>

#include "support.hpp"

namespace parley::ring {
namespace {

// Whoever looks at a buffer again and again hinders nobody who creates it.
TEST(Inspect, HindersNoCreation) {
  const UniqueName name;
  std::atomic<bool> over{false};
  auto looking = std::async(std::launch::async, [&] {
    while (!over) {
      detail::inspect_lock(name, objects(name.text()).lock, 0);
    }
  });
  for (int i = 0; i < 200; ++i) {
    const Reader reader = Reader::create(name, {0, 64});
    ASSERT_TRUE(inspect(name).lock.held);
  }
  over = true;
  looking.get();
}

TEST(Inspect, ChangesNothing) {
  Pair ring({64, 1024});
  ring.writer.write(content(100, 1));
  const Bytes before = contents_of(objects(ring.name.text()).segment);
  const State state = inspect(ring.name);
  EXPECT_EQ(contents_of(objects(ring.name.text()).segment), before);
  EXPECT_EQ(state.data_semaphore.value, 1U);
  EXPECT_EQ(state.payload_written_count, 1U);
  EXPECT_EQ(state.version, (std::array<std::uint8_t, 4>{1, 0, 0, 0}));
  read_one(ring.reader, 1);
}

TEST(Inspect, FindsTheLock) {
  constexpr const char* kTable =
      "1: POSIX  ADVISORY  WRITE 10 00:1f:77 0 EOF\n"
      "2: FLOCK  ADVISORY  WRITE 20 08:01:1234 0 EOF\n"
      "2: -> FLOCK  ADVISORY  WRITE 30 08:01:1234 0 EOF\n"
      "3: FLOCK  ADVISORY  WRITE 40 00:2a:1234 0 EOF\n";
  struct Case {
    std::string what;
    unsigned major, minor;
    ino_t inode;
    std::uint64_t reader;
    bool held;
  };
  for (const Case& c : std::vector<Case>{{"its device and inode", 8, 1, 1234, 0, true},
                                         {"another device", 9, 1, 1234, 0, false},
                                         {"another device, but the reader's", 9, 1, 1234, 40, true},
                                         {"another inode, the reader's pid", 8, 1, 123, 20, false},
                                         {"a lock of another kind", 0, 31, 77, 10, false}}) {
    struct stat status {};
    status.st_dev = makedev(c.major, c.minor);
    status.st_ino = c.inode;
    std::istringstream table(kTable);
    EXPECT_EQ(detail::locked_in(table, status, c.reader), c.held) << c.what;
  }
}

}  // namespace
}  // namespace parley::ring
