#include "additions.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <system_error>

namespace parley::steps::additions {

namespace {

/// Keeps the two words apart.
constexpr std::size_t kCacheLine = 64;

struct Words {
  alignas(kCacheLine) std::atomic<std::uint64_t> atomic{0};
  // Volatile, so that each addition is one.
  alignas(kCacheLine) volatile std::uint64_t plain{0};
};

/// A page of shared memory with the two words.
class Page {
 public:
  Page() : memory_(mmap(nullptr, sizeof(Words), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) {
      throw std::system_error(errno, std::generic_category(), "map a page of shared memory");
    }
    words_ = static_cast<Words*>(memory_);
    std::uninitialized_default_construct_n(words_, 1);
  }
  ~Page() { (void)munmap(memory_, sizeof(Words)); }
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;
  Page(Page&&) = delete;
  Page& operator=(Page&&) = delete;

  Words& words() noexcept { return *words_; }

 private:
  void* memory_;
  Words* words_ = nullptr;
};

template <class Add>
double nanoseconds_each(std::uint64_t times, const Add& add) {
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < times; ++i) {
    add();
  }
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  return std::max(took.count(), 1.0) / static_cast<double>(times);
}

void check_sum(const std::string& what, std::uint64_t expected, std::uint64_t actual, Location at) {
  if (expected != actual) {
    mismatch("sum of " + what + " additions", expected, actual, at);
  }
}

}  // namespace

std::vector<figures::Figure> measure(std::uint64_t atomically, std::uint64_t plainly, Location at) {
  if (atomically == 0 || plainly == 0) {
    fail(std::to_string(atomically) + " atomic and " + std::to_string(plainly) +
             " plain additions cannot be compared; both must be at least 1",
         at);
  }
  Page page;
  Words& words = page.words();
  const double atomic = nanoseconds_each(atomically, [&] { words.atomic.fetch_add(1); });
  const double plain = nanoseconds_each(plainly, [&] { words.plain = words.plain + 1; });
  check_sum("atomic", atomically, words.atomic.load(), at);
  check_sum("plain", plainly, words.plain, at);
  return {{"atomic", atomic, figures::kNanoseconds},
          {"plain", plain, figures::kNanoseconds},
          {"atomic of plain", atomic / plain, figures::kRatio}};
}

}  // namespace parley::steps::additions
