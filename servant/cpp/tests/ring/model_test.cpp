#include <algorithm>
#include <deque>

#include "support.hpp"

namespace parley::ring {
namespace {

/// A ring and what must hold for it, in terms of queues.
class Model {
 public:
  explicit Model(std::uint64_t seed)
      : random_(seed), payload_(kPayloads.at(random_.next() % kPayloads.size())), ring_({0, payload_}, {kNever}) {}

  void step() {
    switch (random_.next() % 8) {
      case 0:
      case 1:
        write();
        break;
      case 2:
        write_batch();
        break;
      case 3:
        acquire();
        break;
      case 4:
        end_slot();
        break;
      case 5:
        read();
        break;
      case 6:
        read_batch();
        break;
      default:
        release();
    }
    check();
  }

 private:
  static constexpr std::array<std::uint64_t, 5> kPayloads = {64, 128, 192, 1024, 4096};

  std::uint64_t written() const { return sizes_.size(); }

  std::size_t size() {
    const std::uint64_t largest = payload_ - 16;
    const std::uint64_t most = random_.next() % 3 == 0 ? std::min<std::uint64_t>(largest, 40) : largest;
    return random_.next() % 4 == 0 ? largest - random_.next() % std::min<std::uint64_t>(largest, 24)
                                   : 1 + random_.next() % most;
  }

  /// Calls `call` and says whether it had space, which it must have in an empty ring. `before` counts the frames that
  /// the call itself wrote before it found no space.
  template <typename Call>
  bool had_space(const Call& call, const std::size_t& before = 0) {
    try {
      call();
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(to_string(error.kind()), "BufferFull") << error.what();
      EXPECT_FALSE(before == 0 && written() == read_ && held_.empty()) << "an empty ring is full: " << error.what();
      return false;
    }
  }

  void write() {
    const std::size_t bytes = size();
    if (!slot_.data() && had_space([&] { ring_.writer.write(content(bytes, written() + 1)); })) {
      sizes_.push_back(bytes);
    }
  }

  void write_batch() {
    if (slot_.data() != nullptr) {
      return;
    }
    std::vector<Bytes> contents;
    for (std::uint64_t i = 1 + random_.next() % 6; i > 0; --i) {
      contents.push_back(content(size(), written() + 1 + contents.size()));
    }
    std::size_t count = 0;
    had_space([&] { ring_.writer.write_batch({contents.begin(), contents.end()}, {}, &count); }, count);
    for (std::size_t i = 0; i < count; ++i) {
      sizes_.push_back(contents[i].size());
    }
  }

  void acquire() {
    const std::size_t bytes = size();
    if (!slot_.data() && had_space([&] { slot_ = ring_.writer.acquire(bytes); })) {
      pattern::fill_frame(slot_.data(), bytes, written() + 1);
    }
  }

  void end_slot() {
    if (slot_.data() == nullptr) {
      return;
    }
    if (random_.next() % 3 == 0) {
      slot_.abandon();
    } else {
      const std::size_t bytes = slot_.size();
      slot_.commit();
      sizes_.push_back(bytes);
    }
  }

  void read() {
    if (read_ == written()) {
      error_of(ErrorKind::ReadTimeout, [&] { ring_.reader.read(); });
    } else {
      take(ring_.reader.read());
    }
  }

  void read_batch() {
    if (read_ == written()) {
      return;
    }
    const std::size_t most = 1 + random_.next() % 5;
    std::vector<Frame> frames = ring_.reader.read_batch(most);
    EXPECT_EQ(frames.size(), std::min(most, written() - read_));
    for (Frame& frame : frames) {
      take(std::move(frame));
    }
  }

  void take(Frame frame) {
    ++read_;
    EXPECT_TRUE(is_whole(frame, sizes_[read_ - 1], read_));
    held_.push_back(std::move(frame));
  }

  void release() {
    if (!held_.empty()) {
      const auto which = held_.begin() + static_cast<std::ptrdiff_t>(random_.next() % held_.size());
      which->release();
      which->release();
      held_.erase(which);
    }
  }

  void check() {
    for (const Frame& frame : held_) {
      EXPECT_TRUE(is_whole(frame, sizes_[frame.sequence() - 1], frame.sequence())) << "a held frame was overwritten";
    }
    const detail::Oieb& oieb = ring_.raw.oieb();
    EXPECT_LE(oieb.payload_free, payload_);
    EXPECT_LE(oieb.write_pos, payload_);
    EXPECT_LT(oieb.read_pos, payload_);
    const std::uint64_t tail = payload_ - oieb.write_pos;
    EXPECT_TRUE(tail == 0 || tail >= 16 || sizes_.back() + 16 == payload_ - tail) << "a tail of " << tail << " is left";
    EXPECT_EQ(ring_.raw.data.value(), written() - read_);
    EXPECT_LE(ring_.raw.space.value(), 1U);
    if (written() == read_ && held_.empty()) {
      EXPECT_EQ(oieb.payload_free, payload_) << "space of an empty ring is lost";
    }
  }

  pattern::SplitMix64 random_;
  std::uint64_t payload_;
  Pair ring_;
  std::vector<std::size_t> sizes_;
  std::uint64_t read_ = 0;
  std::deque<Frame> held_;
  Slot slot_;
};

class Seeded : public testing::TestWithParam<std::uint64_t> {};

// Any mix of writes, batches, slots, reads and releases in any order behaves as a queue.
TEST_P(Seeded, RingIsAQueue) {
  Model model(GetParam());
  for (int i = 0; i < 400 && !HasFailure(); ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    model.step();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Seeded, testing::Range<std::uint64_t>(1, 41));

}  // namespace
}  // namespace parley::ring
