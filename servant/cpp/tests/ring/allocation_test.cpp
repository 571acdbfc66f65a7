#include <atomic>
#include <cstdlib>
#include <new>

#include "support.hpp"

namespace {

// Counts what the program allocates; replacing the operators needs a variable that they can reach.
std::atomic<std::size_t>& allocations() {
  static std::atomic<std::size_t> count{0};
  return count;
}

}  // namespace

// Inlined, the compiler would take malloc and delete for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations();
  if (void* memory = std::malloc(size); memory != nullptr) {
    return memory;
  }
  throw std::bad_alloc();
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace parley::ring {
namespace {

TEST(Allocation, NonePerFrame) {
  Pair ring({0, 4096});
  const Bytes data = content(100, 1);
  const std::vector<View> views(8, View(data));
  std::vector<Frame> frames;
  const auto round = [&] {
    ring.writer.write(data);
    ring.reader.read().release();
    Slot slot = ring.writer.acquire(100);
    slot.commit();
    ring.reader.read().release();
    ring.writer.write_batch(views);
    ring.reader.read_batch(frames, views.size());
    ring.reader.release(frames);
  };
  round();
  const std::size_t before = allocations();
  EXPECT_GT(before, 0U) << "the count does not count";
  for (int i = 0; i < 100; ++i) {
    round();
  }
  EXPECT_EQ(allocations() - before, 0U);
}

}  // namespace
}  // namespace parley::ring
