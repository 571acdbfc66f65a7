#include <semaphore.h>

#include <ctime>
#include <memory>

#include "support.hpp"

namespace parley::ring {
namespace {

/// glibc's own view of a named semaphore.
class GlibcSemaphore {
 public:
  /// `flags` are those of sem_open.
  explicit GlibcSemaphore(const std::string& path, int flags = 0)
      : name_("/" + path.substr(std::string("/dev/shm/sem.").size())),
        semaphore_(::sem_open(name_.c_str(), flags, 0600, 0)) {
    if (semaphore_ == SEM_FAILED) {
      throw std::runtime_error("sem_open " + name_);
    }
  }
  ~GlibcSemaphore() { ::sem_close(semaphore_); }
  GlibcSemaphore(const GlibcSemaphore&) = delete;
  GlibcSemaphore& operator=(const GlibcSemaphore&) = delete;
  GlibcSemaphore(GlibcSemaphore&&) = delete;
  GlibcSemaphore& operator=(GlibcSemaphore&&) = delete;

  int value() const {
    int value = -1;
    ::sem_getvalue(semaphore_, &value);
    return value;
  }
  void post() { ::sem_post(semaphore_); }
  /// Whether there was a token within `seconds`.
  bool wait(std::time_t seconds) {
    timespec deadline{};
    ::clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += seconds;
    return detail::retrying([&] { return ::sem_timedwait(semaphore_, &deadline); }) == 0;
  }

 private:
  std::string name_;
  sem_t* semaphore_;
};

constexpr std::time_t kPatience = 30;

TEST(Glibc, OpensOurs) {
  Pair ring({0, 64}, {kLimit, kNever});
  GlibcSemaphore data(objects(ring.name.text()).data_semaphore);
  ring.raw.data.post(3);
  EXPECT_EQ(data.value(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(data.wait(0));
  }
  EXPECT_FALSE(data.wait(0));
  EXPECT_EQ(ring.raw.data.data(), 0U) << "glibc's timeout left a waiter";
  data.post();
  EXPECT_EQ(ring.raw.data.data(), 1U);
  ring.raw.data.drain();
  // glibc sleeps, we post.
  for (int i = 0; i < 20; ++i) {
    auto waiting = std::async(std::launch::async, [&] { return data.wait(kPatience); });
    await_sleeper(ring.raw.data);
    ring.raw.data.post(1);
    EXPECT_TRUE(waiting.get());
  }
  // We sleep, glibc posts.
  for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) {
    auto reading = std::async(std::launch::async, [&] { read_one(ring.reader, sequence); });
    await_sleeper(ring.raw.data);
    detail::Oieb& oieb = ring.raw.oieb();
    ring.raw.segment.set_header(0, {48, sequence});
    pattern::fill_frame(ring.raw.segment.payload() + detail::kHeaderSize, 48, sequence);
    oieb.payload_free -= 64;
    oieb.written_count += 1;
    data.post();
    reading.get();
  }
  // glibc waits for space, we release.
  GlibcSemaphore space(objects(ring.name.text()).space_semaphore);
  while (space.wait(0)) {
  }
  auto waiting = std::async(std::launch::async, [&] { return space.wait(kPatience); });
  await_sleeper(ring.raw.space);
  detail::Oieb& oieb = ring.raw.oieb();
  ring.raw.segment.set_header(0, {48, 21});
  pattern::fill_frame(ring.raw.segment.payload() + detail::kHeaderSize, 48, 21);
  oieb.payload_free -= 64;
  oieb.written_count += 1;
  data.post();
  read_one(ring.reader, 21);
  EXPECT_TRUE(waiting.get());
}

TEST(Glibc, WeOpenItsSemaphores) {
  const UniqueName name(UniqueName::Ends::Abandoned);
  const std::string path = objects(name.text()).data_semaphore;
  GlibcSemaphore theirs(path, O_CREAT | O_EXCL);
  detail::Semaphore ours(name.text(), "sem_w", path);
  theirs.post();
  EXPECT_EQ(ours.value(), 1U);
  EXPECT_EQ(ours.take(1), 1U);
  EXPECT_EQ(theirs.value(), 0);
  for (int i = 0; i < 20; ++i) {
    auto waiting = std::async(std::launch::async, [&] { return theirs.wait(kPatience); });
    await_sleeper(ours);
    ours.post(1);
    EXPECT_TRUE(waiting.get());
  }
  for (int i = 0; i < 20; ++i) {
    auto waiting = std::async(std::launch::async, [&] {
      const detail::Semaphore::Waiter waiter(ours);
      while (ours.take(1) == 0) {
        ours.sleep(kLimit);
      }
    });
    await_sleeper(ours);
    theirs.post();
    waiting.get();
  }
  EXPECT_EQ(ours.data(), 0U);
}

// A waiter that is killed in its sleep leaves the number of waiters one too high; nothing else happens.
TEST(Glibc, LeftWaiterIsHarmless) {
  Pair ring({0, 1024}, {kLimit});
  auto left = std::make_unique<detail::Semaphore::Waiter>(ring.raw.space);
  for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) {
    ring.exchange(700, sequence);
  }
  EXPECT_EQ(inspect(ring.name).space_semaphore.waiters, 1U);
}

// A long sleep, of many slices, is one waiter.
TEST(Glibc, LongSleepIsOneWaiter) {
  const UniqueName name;
  Reader reader = Reader::create(name, {0, 64}, {6 * detail::kSlice});
  const Observer raw(name.text());
  auto reading = std::async(std::launch::async, [&] { reader.read(); });
  while (reading.wait_for(std::chrono::milliseconds(1)) == std::future_status::timeout) {
    ASSERT_LE(raw.data.data() >> 32U, 1U);
  }
  error_of(ErrorKind::ReadTimeout, [&] { reading.get(); });
  EXPECT_EQ(raw.data.data(), 0U);
}

}  // namespace
}  // namespace parley::ring
