#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "parley/ring/bytes.hpp"
#include "parley/ring/cancel.hpp"
#include "parley/ring/detail/connection.hpp"
#include "parley/ring/detail/metadata.hpp"
#include "parley/ring/detail/plan.hpp"
#include "parley/ring/detail/spin.hpp"
#include "parley/ring/error.hpp"
#include "parley/ring/options.hpp"

namespace parley::ring::detail {

/// What a Writer and its slot share. After close it keeps itself alive until the slot is committed or abandoned.
///
/// mutex_ guards everything but closed_, and is held by the call that writes, also while it waits.
class WriteSide : public std::enable_shared_from_this<WriteSide> {
 public:
  WriteSide(std::string_view name, Options options)
      : name_(name),
        connection_(name),
        sizes_{connection_.segment().metadata_size(), connection_.segment().payload_size()},
        spinner_(options.spin),
        timeout_(options.timeout),
        count_(connection_.oieb().written_count.load()),
        probed_(Clock::now()) {}

  const std::string& name() const { return name_; }
  Sizes sizes() const { return sizes_; }

  void set_timeout(Nanoseconds timeout) {
    const std::lock_guard lock(mutex_);
    timeout_ = timeout;
  }

  void write_metadata(const View& data) {
    const std::lock_guard lock(mutex_);
    check_open();
    check_metadata_room(segment(), data.size);
    connection_.probe_reader();
    store_metadata(segment(), data);
  }

  void write(const View& data, std::optional<Nanoseconds> timeout, const Cancel& cancel) {
    const std::lock_guard lock(mutex_);
    const Placement place = find_place(data.size, timeout.value_or(timeout_), cancel);
    Batch batch;
    std::memcpy(data_of(place), data.data, data.size);
    stage(batch, place);
    publish(batch);
  }

  /// Waits for space for the first frame and writes those that have space, published at once. Gives how many.
  std::size_t write_batch(const View* frames, std::size_t count, const Cancel& cancel) {
    const std::lock_guard lock(mutex_);
    std::optional<Placement> place = find_place(frames->size, timeout_, cancel);
    Batch batch;
    for (std::size_t i = 0; place; ++i) {
      std::memcpy(data_of(*place), frames[i].data, frames[i].size);
      stage(batch, *place);
      const bool more = i + 1 < count && fits(frames[i + 1].size);
      place = more ? plan(sizes_.payload, batch.pos, batch.free, frames[i + 1].size, false) : std::nullopt;
    }
    publish(batch);
    return batch.frames;
  }

  /// Gives space for a frame, which stays the writer's only one until end_slot.
  std::pair<Placement, std::uint8_t*> begin_slot(std::size_t size, std::optional<Nanoseconds> timeout,
                                                 const Cancel& cancel) {
    const std::lock_guard lock(mutex_);
    const Placement place = find_place(size, timeout.value_or(timeout_), cancel);
    slot_open_ = true;
    return {place, data_of(place)};
  }

  /// Publishes the frame of the slot.
  void commit_slot(const Placement& place) {
    // Goes after the lock.
    std::shared_ptr<WriteSide> last;
    const std::lock_guard lock(mutex_);
    last = end_slot();
    check_open();
    connection_.probe_reader();
    Batch batch;
    stage(batch, place);
    publish(batch);
  }

  void abandon_slot() {
    std::shared_ptr<WriteSide> last;
    const std::lock_guard lock(mutex_);
    last = end_slot();
  }

  void close() {
    if (closed_.exchange(true)) {
      return;
    }
    constexpr auto kAgain = std::chrono::microseconds(100);
    std::unique_lock lock(mutex_, std::try_to_lock);
    while (!lock.owns_lock()) {
      connection_.space_semaphore().rouse();
      std::this_thread::sleep_for(kAgain);
      static_cast<void>(lock.try_lock());
    }
    if (connection_.give_up()) {
      connection_.data_semaphore().post(1);
    }
    if (slot_open_) {
      self_ = shared_from_this();
    } else {
      connection_.unmap();
    }
  }

 private:
  /// How often a writer that does not wait asks whether the reader's process lives: less than it takes a process to
  /// die, and seldom enough to cost nothing.
  static constexpr Nanoseconds kProbing = std::chrono::microseconds(20);
  /// The payload size in bytes above which an empty ring is always begun anew, to stay in the cache (P1).
  static constexpr std::uint64_t kRewindAbove = std::uint64_t{1} << 20;

  const Segment& segment() const { return connection_.segment(); }

  void check_open() const {
    if (closed_) {
      throw Error::of(ErrorKind::Closed, name_);
    }
  }

  void check_cancelled(const Cancel& cancel) const {
    if (cancel.requested()) {
      throw Cancelled("ring \"" + name_ + "\": write: cancelled");
    }
  }

  bool fits(std::uint64_t size) const { return size >= 1 && size <= sizes_.payload - kHeaderSize; }
  std::uint8_t* data_of(const Placement& place) const { return segment().payload() + place.start + kHeaderSize; }

  /// Checks everything and waits until there is space for a frame of `size` bytes. Changes nothing but sem-r.
  Placement find_place(std::uint64_t size, Nanoseconds timeout, const Cancel& cancel) {
    check_open();
    if (slot_open_) {
      throw Error::system(name_, "write", "an acquired slot is neither committed nor abandoned", EBUSY);
    }
    if (size == 0) {
      throw Error::of(ErrorKind::EmptyFrame, name_);
    }
    if (!fits(size)) {
      throw Error::exceeds(ErrorKind::FrameTooLarge, name_, size, sizes_.payload - kHeaderSize);
    }
    check_cancelled(cancel);
    if (const auto now = Clock::now(); now - probed_ > kProbing) {
      connection_.probe_reader();
      probed_ = now;
    }
    const std::optional<Placement> place = fit(size);
    return place ? *place : wait_for_place(size, timeout, cancel);
  }

  Placement wait_for_place(std::uint64_t size, Nanoseconds timeout, const Cancel& cancel) {
    const auto start = Clock::now();
    std::optional<Placement> place;
    const auto ready = [&] { return (place = fit(size)) || closed_ || connection_.oieb().reader_pid.load() == 0; };
    if (timeout > Nanoseconds::zero() && spinner_.until(start, ready) && place) {
      spinner_.woke();
      return *place;
    }
    Semaphore& tokens = connection_.space_semaphore();
    // Tokens of earlier releases would wake us in vain; what they announced is looked at again below, after the drain
    // (P6).
    tokens.drain();
    const Semaphore::Waiter waiter(tokens);
    while (true) {
      check_open();
      if ((place = fit(size))) {
        spinner_.slept(start);
        return *place;
      }
      check_cancelled(cancel);
      connection_.probe_reader();
      const Nanoseconds left = timeout - (Clock::now() - start);
      if (left <= Nanoseconds::zero()) {
        throw Error::timed_out(ErrorKind::BufferFull, name_, timeout);
      }
      tokens.sleep(std::min(left, kSlice));
      tokens.drain();
    }
  }

  /// Finds a place for a frame of `size` bytes in the ring as it is.
  std::optional<Placement> fit(std::uint64_t size) const {
    const std::uint64_t payload = sizes_.payload;
    const std::uint64_t pos = segment().bounded(connection_.oieb().write_pos, field::kWritePos, payload);
    const std::uint64_t free = segment().bounded(connection_.oieb().payload_free, field::kPayloadFree, payload);
    // The first frame of a writer stays where the reader expects it, which is how a reader tells a new stream from a
    // damaged one.
    return plan(payload, pos, free, size, payload > kRewindAbove && next_ > 1);
  }

  /// Writes the frame's header, and the marker before it if it wraps; its data is there already. The reader sees none
  /// of it before publish.
  void stage(Batch& batch, const Placement& place) const {
    if (place.wasted > 0) {
      segment().set_header(place.from, FrameHeader{});
    }
    segment().set_header(place.start, {place.size, next_ + batch.frames});
    batch.add(place);
  }

  /// Makes the batch visible. The counter grows last, so that a reader never sees a frame whose space counts as free,
  /// and write_pos moves first, so that space which is taken without a frame shows (repair.hpp).
  void publish(const Batch& batch) {
    Oieb& oieb = connection_.oieb();
    Semaphore& tokens = connection_.data_semaphore();
    connection_.check_reader();
    if (const std::uint64_t count = oieb.written_count.load(); count != count_) {
      throw Error::corrupt(name_, field::kWrittenCount, count, count_);
    }
    if (const std::uint64_t value = tokens.value(); value > Semaphore::kMaxValue - batch.frames) {
      throw Error::corrupt(name_, field::kSemWValue, value, Semaphore::kMaxValue - batch.frames);
    }
    if (batch.rewind) {
      oieb.read_pos.store(0, std::memory_order_release);
    }
    oieb.write_pos.store(batch.pos, std::memory_order_release);
    oieb.payload_free.fetch_sub(batch.bytes);
    count_ += batch.counts;
    next_ += batch.frames;
    oieb.written_count.store(count_, std::memory_order_release);
    tokens.post(batch.frames);
  }

  /// Gives the side that only the slot kept alive.
  std::shared_ptr<WriteSide> end_slot() {
    slot_open_ = false;
    if (self_ != nullptr) {
      connection_.unmap();
    }
    return std::move(self_);
  }

  std::string name_;
  Connection connection_;
  Sizes sizes_;
  Spinner spinner_;
  Nanoseconds timeout_;
  std::uint64_t count_;
  std::uint64_t next_ = 1;
  Clock::time_point probed_;
  bool slot_open_ = false;

  std::mutex mutex_;
  std::shared_ptr<WriteSide> self_;
  std::atomic<bool> closed_{false};
};

}  // namespace parley::ring::detail
