#include "child.hpp"
#include "support.hpp"

namespace parley::ring {
namespace {

constexpr std::uint64_t kRingPayload = 1024;

struct Kill {
  /// How many stores of the publication were done: write_pos, the free bytes, written_count.
  int stores;
  /// Whether the reader notices the death before there is another writer.
  bool noticed;
};

class Repair : public testing::TestWithParam<Kill> {};

// A writer can be killed between any two stores of a publication. The next one finds all of the ring, and the reader
// nothing but whole frames.
TEST_P(Repair, WriterKilledWhilePublishing) {
  const auto [stores, noticed] = GetParam();
  Pair ring({0, kRingPayload}, {kLimit});
  ring.exchange(200, 1);
  ring.exchange(200, 2);
  detail::Oieb& oieb = ring.raw.oieb();
  const auto place = detail::plan(kRingPayload, oieb.write_pos, oieb.payload_free, 100, false);
  ASSERT_TRUE(place);
  pattern::fill_frame(ring.raw.segment.payload() + place->start + detail::kHeaderSize, 100, 3);
  ring.raw.segment.set_header(place->start, {100, 3});
  if (stores >= 1) {
    oieb.write_pos = place->start + place->taken();
  }
  if (stores >= 2) {
    oieb.payload_free -= place->taken();
  }
  if (stores >= 3) {
    oieb.written_count += 1;
  }
  oieb.writer_pid = dead_pid();
  std::vector<std::uint64_t> expected = {1, 2, 3};
  if (stores == 3 && !noticed) {
    expected.insert(expected.begin(), 3);
  }
  if (noticed) {
    if (stores == 3) {
      read_one(ring.reader, 3);
    }
    error_of(ErrorKind::WriterDead, [&] { ring.reader.read(); });
  }
  Writer next = Writer::connect(ring.name, {kLimit});
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
    next.write(content(50, sequence));
  }
  for (const std::uint64_t sequence : expected) {
    read_one(ring.reader, sequence);
  }
  auto writing = std::async(std::launch::async, [&] { next.write(content(kRingPayload - detail::kHeaderSize, 4)); });
  read_one(ring.reader, 4);
  writing.get();
  EXPECT_EQ(ring.raw.free(), kRingPayload);
}

INSTANTIATE_TEST_SUITE_P(Stores, Repair,
                         testing::Values(Kill{0, true}, Kill{0, false}, Kill{1, true}, Kill{1, false}, Kill{2, true},
                                         Kill{2, false}, Kill{3, true}, Kill{3, false}));

/// Puts a writer's death into the ring: it had taken space for a frame of `size` bytes, and not counted it.
void die_with_space(Observer& raw, std::uint64_t size) {
  raw.oieb().write_pos += detail::kHeaderSize + size;
  raw.oieb().payload_free -= detail::kHeaderSize + size;
  raw.oieb().writer_pid = dead_pid();
}

struct Heir {
  /// How many frames the dead writer counted.
  int counted;
  /// Whether the reader waited in vain since, and whether it noticed the death.
  bool waited;
  bool noticed;
};

class Inheritance : public testing::TestWithParam<Heir> {};

// Also the first frame of the next writer finds all of the ring.
TEST_P(Inheritance, FirstFrameTakesTheWholeRing) {
  const auto [counted, waited, noticed] = GetParam();
  Pair ring({0, kRingPayload}, {kLimit});
  for (int sequence = 1; sequence <= counted; ++sequence) {
    ring.exchange(200, static_cast<std::uint64_t>(sequence));
  }
  if (waited) {
    error_of(ErrorKind::ReadTimeout, [&] { ring.reader.read(kNever); });
  }
  die_with_space(ring.raw, 100);
  if (noticed) {
    error_of(ErrorKind::WriterDead, [&] { ring.reader.read(); });
  }
  // Another process, as the dead one was.
  Child next;
  ASSERT_EQ(next.ask("connect " + ring.name.text()), "ok");
  next.send("write 1008 1");
  read_one(ring.reader, 1);
  EXPECT_EQ(next.answer(), "ok");
  EXPECT_EQ(ring.raw.free(), kRingPayload);
}

INSTANTIATE_TEST_SUITE_P(Heirs, Inheritance,
                         testing::Values(Heir{0, false, false}, Heir{0, false, true}, Heir{0, true, false},
                                         Heir{2, false, false}, Heir{2, false, true}, Heir{2, true, false},
                                         Heir{2, true, true}));

}  // namespace
}  // namespace parley::ring
