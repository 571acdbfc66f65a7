#include "support.hpp"

namespace parley::ring::detail {
namespace {

constexpr std::uint64_t kPayload = 1024;

struct Case {
  std::string what;
  std::uint64_t pos, free, size;
  bool eager;
  std::optional<Placement> expected;
};

Placement at(std::uint64_t start) {
  return {start, 0, 0, 0, 0, false};
}
Placement wrapping(std::uint64_t wasted) {
  return {0, 0, 0, wasted, 0, false};
}
Placement rewinding() {
  return {0, 0, 0, 0, 0, true};
}

TEST(Plan, PlacesFrames) {
  const std::vector<Case> cases = {
      {"empty, at 0", 0, kPayload, 100, false, at(0)},
      {"exactly the space", 0, 116, 100, false, at(0)},
      {"one byte short", 0, 115, 100, false, {}},
      {"the whole ring", 0, kPayload, 1008, false, at(0)},
      {"after an exact fit", kPayload, kPayload, 1008, false, at(0)},
      {"up to the end", 500, 800, 508, false, at(500)},
      {"wrap with a marker", 832, kPayload, 300, false, wrapping(192)},
      {"wrap, space short of the tail", 832, 507, 300, false, {}},
      {"wrap over a tail of 16", 1008, 132, 100, false, wrapping(16)},
      {"would leave 15", 800, kPayload, kPayload - 800 - 16 - 15, false, wrapping(224)},
      {"would leave 1", 800, kPayload, kPayload - 800 - 16 - 1, false, wrapping(224)},
      {"would leave 16", 800, kPayload, kPayload - 800 - 16 - 16, false, at(800)},
      {"leaves 8, but starts at 0", 0, kPayload, 1000, false, at(0)},
      {"on a tail of 8, not empty", 1016, 900, 10, false, {}},
      {"on a tail of 8, empty", 1016, kPayload, 10, false, rewinding()},
      {"tail and frame exceed the ring", 600, 1000, 700, false, {}},
      {"tail and frame exceed the ring, empty", 600, kPayload, 700, false, rewinding()},
      {"empty, eager", 100, kPayload, 100, true, rewinding()},
      {"not empty, eager", 100, kPayload - 1, 100, true, at(100)},
      {"empty at 0, eager", 0, kPayload, 100, true, at(0)},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    const auto place = plan(kPayload, c.pos, c.free, c.size, c.eager);
    ASSERT_EQ(place.has_value(), c.expected.has_value());
    if (place) {
      EXPECT_EQ(place->start, c.expected->start);
      EXPECT_EQ(place->wasted, c.expected->wasted);
      EXPECT_EQ(place->rewind, c.expected->rewind);
      EXPECT_EQ(place->from, c.pos);
      EXPECT_EQ(place->size, c.size);
      EXPECT_EQ(place->free, c.free);
    }
  }
}

// Whatever the ring's state: every frame that fits an empty ring has a place in it, and no place breaks a rule.
TEST(Plan, KeepsTheRules) {
  pattern::SplitMix64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t payload = 64 * (1 + random.next() % 8);
    const std::uint64_t pos = random.next() % (payload + 1);
    const std::uint64_t free = random.next() % 4 == 0 ? payload : random.next() % (payload + 1);
    const std::uint64_t size = 1 + random.next() % (payload - 16);
    const auto place = plan(payload, pos, free, size, random.next() % 2 == 0);
    SCOPED_TRACE("payload " + std::to_string(payload) + " pos " + std::to_string(pos) + " free " +
                 std::to_string(free) + " size " + std::to_string(size));
    if (!place) {
      ASSERT_NE(free, payload) << "an empty ring has no place";
      continue;
    }
    const std::uint64_t end = place->start + 16 + size;
    ASSERT_LE(end, payload);
    ASSERT_LE(place->taken(), free);
    ASSERT_TRUE(!place->rewind || free == payload) << "a ring in use is rewound";
    ASSERT_TRUE(place->wasted == 0 || place->wasted >= 16) << "no room for a marker";
    ASSERT_TRUE(place->start == 0 || place->start == pos);
    ASSERT_TRUE(place->start == 0 || end == payload || payload - end >= 16) << "a tail of " << payload - end;
  }
}

}  // namespace
}  // namespace parley::ring::detail
