#include "support.hpp"

namespace parley::ring {
namespace {

Bytes memory_of(const Pair& ring) {
  return contents_of(objects(ring.name.text()).segment);
}

// P3: an acquired frame takes no sequence and no wrap before commit, and abandoned it changes nothing.
TEST(Slots, AreInvisibleUntilCommitted) {
  Pair ring({0, 1024}, {kNever});
  const State before = inspect(ring.name);
  Slot slot = ring.writer.acquire(400);
  EXPECT_EQ(slot.size(), 400U);
  pattern::fill_frame(slot.data(), slot.size(), 1);
  EXPECT_EQ(inspect(ring.name).payload_free_bytes, before.payload_free_bytes);
  EXPECT_EQ(inspect(ring.name).payload_write_pos, before.payload_write_pos);
  error_of(ErrorKind::ReadTimeout, [&] { ring.reader.read(); });
  EXPECT_EQ(error_of(ErrorKind::System, [&] { ring.writer.write("x", 1); }).facts().error_number, EBUSY);
  EXPECT_EQ(error_of(ErrorKind::System, [&] { ring.writer.acquire(1); }).facts().error_number, EBUSY);
  slot.abandon();
  slot.abandon();
  EXPECT_EQ(slot.data(), nullptr);
  EXPECT_EQ(error_of(ErrorKind::System, [&] { slot.commit(); }).facts().error_number, EINVAL);
  slot = ring.writer.acquire(400);
  pattern::fill_frame(slot.data(), slot.size(), 1);
  slot.commit();
  EXPECT_TRUE(is_whole(ring.reader.read(), 400, 1));
}

TEST(Slots, TakeTheirWrapAtCommit) {
  Pair ring({0, 1024});
  ring.exchange(400, 1);
  ring.exchange(400, 2);
  const Bytes before = memory_of(ring);
  Slot slot = ring.writer.acquire(500);
  EXPECT_EQ(memory_of(ring), before);
  pattern::fill_frame(slot.data(), slot.size(), 3);
  slot.commit();
  EXPECT_TRUE(is_whole(ring.reader.read(), 500, 3));
  EXPECT_EQ(ring.raw.oieb().written_count, 4U);
}

TEST(Slots, AreAbandonedWithTheirOwner) {
  Pair ring({0, 1024}, {kNever});
  {
    Slot slot = ring.writer.acquire(400);
    const Slot moved = std::move(slot);
    EXPECT_EQ(slot.data(), nullptr);  // NOLINT(bugprone-use-after-move): an empty Slot holds nothing
  }
  ring.exchange(1008, 1);
}

}  // namespace
}  // namespace parley::ring
