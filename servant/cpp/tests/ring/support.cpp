#include "support.hpp"

#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

namespace parley::ring {

std::string name_prefix() {
  return "cppring-" + std::to_string(::getpid()) + "-";
}

std::vector<std::string> leftovers(const std::string& prefix) {
  std::vector<std::string> found;
  for (const std::string& pattern :
       {"/dev/shm/" + prefix + "*", "/dev/shm/sem.sem-?-" + prefix + "*", "/tmp/zerobuffer/" + prefix + "*",
        "/dev/shm/.ring-" + std::to_string(::getpid()) + "-*"}) {
    glob_t matches{};
    if (::glob(pattern.c_str(), 0, nullptr, &matches) == 0) {
      found.insert(found.end(), matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
    }
    ::globfree(&matches);
  }
  return found;
}

UniqueName::UniqueName(Ends ends) : ends_(ends) {
  static std::atomic<int> last{0};
  text_ = name_prefix() + std::to_string(++last) + "-";
}

UniqueName::~UniqueName() {
  for (const std::string& path : leftovers(text_)) {
    ::unlink(path.c_str());
    if (ends_ == Ends::Clean) {
      ADD_FAILURE() << "left behind: " << path;
    }
  }
}

Observer::Observer(std::string_view name) {
  const Objects paths = objects(name);
  const detail::SharedFile file = detail::open_shared(name, paths.segment, O_RDWR);
  segment = detail::Segment(std::string(name), detail::Mapping(name, paths.segment, file.fd.get(), file.size()));
  data = detail::Semaphore(name, "sem_w", paths.data_semaphore);
  space = detail::Semaphore(name, "sem_r", paths.space_semaphore);
}

void Pair::exchange(std::size_t size, std::uint64_t sequence) {
  writer.write(content(size, sequence));
  Frame frame = reader.read();
  EXPECT_TRUE(is_whole(frame, size, sequence));
  frame.release();
}

Bytes content(std::size_t size, std::uint64_t sequence) {
  Bytes bytes(size);
  pattern::fill_frame(bytes.data(), size, sequence);
  return bytes;
}

testing::AssertionResult is_whole(const Frame& frame, std::size_t size, std::uint64_t sequence) {
  if (frame.sequence() != sequence || frame.size() != size) {
    return testing::AssertionFailure() << "frame " << frame.sequence() << " of " << frame.size() << " bytes, expected "
                                       << sequence << " of " << size;
  }
  if (const std::string wrong = pattern::check_frame(frame.data(), frame.size(), sequence); !wrong.empty()) {
    return testing::AssertionFailure() << wrong;
  }
  return testing::AssertionSuccess();
}

void read_one(Reader& reader, std::uint64_t sequence) {
  const Frame frame = reader.read();
  EXPECT_TRUE(is_whole(frame, frame.size(), sequence));
}

void eventually(const std::string& what, const std::function<bool()>& met) {
  const auto start = std::chrono::steady_clock::now();
  while (!met()) {
    ASSERT_LT(std::chrono::steady_clock::now() - start, kLimit) << "not in time: " << what;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void await_sleeper(const detail::Semaphore& semaphore) {
  eventually("somebody sleeps", [&] { return semaphore.data() >= detail::Semaphore::kOneWaiter; });
}

Bytes contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace parley::ring
