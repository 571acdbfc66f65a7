#pragma once

#include <cstdint>
#include <string>
#include <thread>

#include "parley/ring/detail/layout.hpp"
#include "parley/ring/detail/plan.hpp"
#include "parley/ring/detail/repair.hpp"
#include "parley/ring/detail/segment.hpp"
#include "parley/ring/detail/spin.hpp"
#include "parley/ring/error.hpp"

namespace parley::ring::detail {

/// Where the next frame is sought.
struct Cursor {
  std::uint64_t pos = 0;
  /// How many counts the writer is ahead: frames and wrap markers.
  std::uint64_t pending = 0;
  /// The position is 0, which is not where the frame before ended.
  bool moved = false;
};

/// The next frame, checked.
struct Located {
  std::uint64_t start = 0;
  FrameHeader header;
  /// The tail before a wrap, marked if a marker says so.
  std::uint64_t wasted = 0;
  bool marked = false;
  /// The frame follows a wrap without a marker.
  bool unmarked = false;

  std::uint64_t counts() const { return marked ? 2 : 1; }
  std::uint64_t taken() const { return kHeaderSize + header.size; }
};

/// The frames of a ring in the order of reading: where the next one is, and whether it can be true (ring protocol,
/// "Reading a frame", P5).
class Intake {
 public:
  Intake(const Segment& segment, std::uint64_t reader) : segment_(segment), reader_(reader) {}

  std::uint64_t pending() const { return oieb().written_count.load() - count_; }

  /// Whether the positions differ; P means 0.
  bool bytes_pending() const {
    const std::uint64_t write = oieb().write_pos.load();
    const std::uint64_t read = oieb().read_pos.load();
    return write != read && (write != payload() || read != 0);
  }

  /// Whether every frame that is counted was read. `held` is the space in bytes that is not returned.
  bool empty(std::uint64_t held) {
    if (unmarked_ > 0 && !bytes_pending()) {
      recount(held);
    }
    return pending() == 0;
  }

  /// Loads the cursor and checks what only the reader writes. A position that moved to 0 is the writer's rewind, or
  /// damage.
  /// @throws Error Corrupt.
  Cursor next() const {
    if (const std::uint64_t reader = oieb().reader_pid.load(); reader != reader_) {
      throw corrupt(field::kReaderPid, reader, reader_);
    }
    if (const std::uint64_t count = oieb().read_count.load(); count != count_) {
      throw corrupt(field::kReadCount, count, count_);
    }
    const std::uint64_t ahead = pending();
    if (const std::uint64_t most = most_pending(payload()) + unmarked_; ahead > most) {
      throw corrupt(field::kWrittenCount, count_ + ahead, count_ + most);
    }
    const std::uint64_t pos = segment_.bounded(oieb().read_pos, field::kReadPos, payload());
    if (pos != pos_ && pos != 0) {
      throw corrupt(field::kReadPos, pos, pos_);
    }
    return {pos, ahead, pos != pos_};
  }

  /// Finds and checks the frame at the cursor and changes nothing.
  /// @throws Error SequenceGap, Corrupt.
  Located locate(const Cursor& cursor) const {
    Located found;
    found.start = cursor.pos;
    if (const std::uint64_t tail = payload() - cursor.pos; tail < kHeaderSize) {
      found.start = 0;
      found.wasted = tail;
      found.unmarked = true;
    }
    found.header = segment_.header(found.start);
    if (found.header.marker() && found.start > 0 && cursor.pending >= 2) {
      found.start = 0;
      found.wasted = payload() - cursor.pos;
      found.marked = true;
      found.header = segment_.header(0);
    }
    if (fits(found) && (found.header.sequence == expected_ || restarted(found, cursor))) {
      return found;
    }
    throw explain(found, cursor);
  }

  /// Counts a located frame as read and gives the cursor behind it.
  Cursor accept(const Located& frame, const Cursor& cursor) {
    std::uint64_t end = frame.start + frame.taken();
    if (end == payload()) {
      end = 0;
    }
    if (frame.unmarked || end == 0) {
      ++unmarked_;
    }
    count_ += frame.counts();
    expected_ = frame.header.sequence + 1;
    if (frame.header.sequence == 1) {
      stream_ = oieb().writer_pid.load();
      departed_ = false;
    }
    return {end, cursor.pending - frame.counts(), false};
  }

  /// Shows the writer that everything before the cursor was read.
  void show(const Cursor& cursor) {
    pos_ = cursor.pos;
    // The writer acts on the free bytes alone, whose atomic addition at release comes after these.
    oieb().read_pos.store(pos_, std::memory_order_relaxed);
    oieb().read_count.store(count_, std::memory_order_relaxed);
  }

  /// Whether another frame follows those that were accepted and not shown, so that write_pos has not passed them.
  bool more(const Cursor& cursor) const {
    if (cursor.pending == 0 || unmarked_ == 0) {
      return cursor.pending > 0;
    }
    return cursor.pos % payload() != oieb().write_pos.load() % payload();
  }

  /// The writer of the frames so far has closed: sequence 1 may follow.
  void depart() { departed_ = true; }

  Error corrupt(const char* field, std::uint64_t value, std::uint64_t limit) const {
    return Error::corrupt(segment_.name(), field, value, limit);
  }

  /// That written_count denies frames whose tokens and bytes are there.
  Error miscounted() const { return corrupt(field::kWrittenCount, oieb().written_count.load(), count_ + 1); }

 private:
  Oieb& oieb() const { return segment_.oieb(); }
  std::uint64_t payload() const { return segment_.payload_size(); }

  bool fits(const Located& frame) const {
    return frame.header.size >= 1 && frame.header.size <= segment_.largest_frame() - frame.start;
  }

  /// Whether the frame is the first of another writer. A writer that reconnects under the same pid shows in nothing but
  /// its sequence numbers, which are believed where the next frame was expected, and at 0 where the writer rewound to.
  bool restarted(const Located& frame, const Cursor& cursor) const {
    if (frame.header.sequence != 1 || !cursor.moved) {
      return frame.header.sequence == 1;
    }
    return departed_ || oieb().writer_pid.load() != stream_ || rewound(frame);
  }

  /// Whether nothing was unread when the position went back to the frame at 0: all that is counted then lies between 0
  /// and write_pos. A writer that publishes meanwhile updates the two one after the other.
  bool rewound(const Located& frame) const {
    for (const auto start = Clock::now();; std::this_thread::sleep_for(kRecheck)) {
      const std::uint64_t target = oieb().write_pos.load();
      const auto end = end_of_counted(segment_, frame.taken(), target, pending() - 1);
      if (end && *end % payload() == target % payload()) {
        return true;
      }
      if (Clock::now() - start > kSuspicion) {
        return false;
      }
    }
  }

  /// Why what was located cannot be the next frame.
  Error explain(const Located& frame, const Cursor& cursor) const {
    if (cursor.moved && fits(frame)) {
      // The header is as good as any where no frame begins.
      return corrupt(field::kReadPos, cursor.pos, pos_);
    }
    if (!fits(frame)) {
      return corrupt(field::kFrameSize, frame.header.size, segment_.largest_frame() - frame.start);
    }
    return Error::sequence_gap(segment_.name(), expected_, frame.header.sequence);
  }

  /// Believes written_count once the ring is empty. Peers count a wrap without a marker, and a reader cannot see
  /// whether they did.
  void recount(std::uint64_t held) {
    const std::uint64_t written = oieb().written_count.load();
    if (bytes_pending() || oieb().payload_free.load() != payload() - held) {
      return;
    }
    if (written - count_ <= unmarked_) {
      count_ = written;
      unmarked_ = 0;
      oieb().read_count.store(written);
    }
  }

  const Segment& segment_;
  std::uint64_t reader_;
  /// The next sequence number, from the writer `stream_`; departed: that writer closed.
  std::uint64_t expected_ = 1;
  std::uint64_t stream_ = 0;
  bool departed_ = false;
  /// What read_pos and read_count must be, unless the writer rewinds.
  std::uint64_t pos_ = 0;
  std::uint64_t count_ = 0;
  /// How many wraps without a marker the writer may have counted.
  std::uint64_t unmarked_ = 0;
};

}  // namespace parley::ring::detail
