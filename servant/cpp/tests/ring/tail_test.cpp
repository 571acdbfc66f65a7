#include <algorithm>

#include "child.hpp"
#include "support.hpp"

namespace parley::ring {
namespace {

class Tail : public testing::TestWithParam<std::uint64_t> {};
/// Of 1 to 15 bytes, where no marker fits.
class ShortTail : public Tail {};

// P2: whatever tail a frame leaves before the end, frames stay whole, also over old data; and ours never leaves a tail
// of 1 to 15 bytes, except after a frame at 0.
TEST_P(Tail, FramesStayWhole) {
  constexpr std::uint64_t payload = 1024;
  const std::uint64_t tail = GetParam();
  Pair ring({0, payload});
  std::fill_n(ring.raw.segment.payload(), payload, std::uint8_t{0xa5});
  std::uint64_t sequence = 0;
  const auto next = [&](std::size_t size) { ring.exchange(size, ++sequence); };
  for (int round = 0; round < 3; ++round) {
    // The first frame fills the half, the second leaves the tail.
    next(512 - 16);
    next(512 - 16 - tail);
    const std::uint64_t pos = ring.raw.oieb().write_pos;
    EXPECT_FALSE(pos > 600 && pos < payload && payload - pos < 16) << "a tail of " << payload - pos << " is left";
    next(100);
    next(1008);
    // A frame at 0 may leave any tail.
    next(1008 - tail);
    next(300);
    next(1008);
  }
  EXPECT_EQ(ring.raw.free(), payload);
}

/// Writes as peers do: a wrap is counted, and marked only where a marker fits.
void peer_write(Observer& raw, std::uint64_t size, std::uint64_t sequence) {
  detail::Oieb& oieb = raw.oieb();
  const std::uint64_t payload = raw.segment.payload_size();
  if (const std::uint64_t tail = payload - oieb.write_pos; tail < detail::kHeaderSize + size) {
    if (tail >= detail::kHeaderSize) {
      raw.segment.set_header(oieb.write_pos, {0, 0});
    }
    oieb.payload_free -= tail;
    oieb.write_pos = 0;
    oieb.written_count += 1;
  }
  const std::uint64_t pos = oieb.write_pos;
  raw.segment.set_header(pos, {size, sequence});
  pattern::fill_frame(raw.segment.payload() + pos + detail::kHeaderSize, size, sequence);
  oieb.write_pos += detail::kHeaderSize + size;
  oieb.payload_free -= detail::kHeaderSize + size;
  oieb.written_count += 1;
  raw.data.post(1);
}

// Peers leave tails without a marker and count the wraps over them. However many there were, frames keep coming, and
// the next writer's close is seen as what it is.
TEST_P(Tail, PeersCountWrapsWithoutAMarker) {
  constexpr std::uint64_t payload = 1024;
  Pair ring({0, payload}, {kLimit});
  const std::size_t size = (payload - GetParam()) / 2 - detail::kHeaderSize;
  // The peer is another process than the next writer.
  ring.raw.oieb().writer_pid = dead_pid();
  for (std::uint64_t sequence = 1; sequence <= 1000; ++sequence) {
    peer_write(ring.raw, size, sequence);
    read_one(ring.reader, sequence);
  }
  ring.raw.oieb().writer_pid = 0;
  {
    Writer next = Writer::connect(ring.name);
    next.write(content(10, 1));
    read_one(ring.reader, 1);
  }
  error_of(ErrorKind::WriterGone, [&] { ring.reader.read(); });
  EXPECT_EQ(ring.raw.oieb().read_count.load(), ring.raw.oieb().written_count.load());
}

// A wrap over a tail of 1 to 15 bytes that nobody counted.
TEST_P(ShortTail, ForeignTailIsAWrapWithoutMarker) {
  const std::uint64_t tail = GetParam();
  Pair ring({0, 1024}, {kLimit});
  detail::Oieb& oieb = ring.raw.oieb();
  peer_write(ring.raw, 400, 1);
  peer_write(ring.raw, 1024 - 416 - 16 - tail, 2);
  read_one(ring.reader, 1);
  read_one(ring.reader, 2);
  oieb.payload_free -= tail;
  oieb.write_pos = 0;
  peer_write(ring.raw, 50, 3);
  read_one(ring.reader, 3);
  EXPECT_EQ(ring.raw.free(), 1024U);
  EXPECT_EQ(oieb.read_pos, 66U);
  EXPECT_EQ(oieb.read_count, 3U);
}

INSTANTIATE_TEST_SUITE_P(Lengths, Tail, testing::Values(0, 1, 8, 15, 16, 17));
INSTANTIATE_TEST_SUITE_P(Lengths, ShortTail, testing::Values(1, 8, 15));

}  // namespace
}  // namespace parley::ring
