#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "parley/ring/bytes.hpp"
#include "parley/ring/cancel.hpp"
#include "parley/ring/detail/creation.hpp"
#include "parley/ring/detail/intake.hpp"
#include "parley/ring/detail/ledger.hpp"
#include "parley/ring/detail/metadata.hpp"
#include "parley/ring/detail/spin.hpp"
#include "parley/ring/detail/unlocked.hpp"
#include "parley/ring/detail/writer_watch.hpp"
#include "parley/ring/error.hpp"
#include "parley/ring/options.hpp"

namespace parley::ring::detail {

/// No frame has this ticket.
inline constexpr std::uint64_t kNoTicket = std::numeric_limits<std::uint64_t>::max();

/// A frame that was taken from the ring, in place.
struct Taken {
  std::uint64_t ticket = 0;
  std::uint64_t sequence = 0;
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
};

/// What a Reader and its frames share. After close it keeps itself alive until the last frame is released.
///
/// mutex_ guards everything but closed_. A call that waits gives it up while it spins or sleeps, so that frames can be
/// released meanwhile; waiting_ then keeps other reads out.
class ReadSide : public std::enable_shared_from_this<ReadSide> {
 public:
  ReadSide(std::string_view name, Sizes sizes, Options options)
      : own_(name, sizes),
        intake_(own_.segment(), static_cast<std::uint64_t>(::getpid())),
        watch_(own_.segment()),
        sizes_{own_.segment().metadata_size(), own_.segment().payload_size()},
        spinner_(options.spin),
        timeout_(options.timeout) {}

  const std::string& name() const { return own_.name(); }
  Sizes sizes() const { return sizes_; }

  void set_timeout(Nanoseconds timeout) {
    const std::lock_guard lock(mutex_);
    timeout_ = timeout;
  }

  /// Waits for a frame, then takes it and those that are there too, at most `limit`, for `sink`.
  template <typename Sink>
  void read(std::size_t limit, std::optional<Nanoseconds> timeout, const Cancel& cancel, Sink&& sink) {
    std::unique_lock lock(mutex_);
    await(lock, limit, timeout.value_or(timeout_), cancel);
    sink.reserve(std::min<std::uint64_t>(limit, tokens_));
    take(limit, sink);
  }

  std::optional<Bytes> metadata() {
    const std::lock_guard lock(mutex_);
    check_open();
    return read_metadata(own_.segment());
  }

  void wait_writer(const Cancel& cancel) {
    for (const auto start = Clock::now();; std::this_thread::sleep_for(kRecheck)) {
      const std::lock_guard lock(mutex_);
      check_open();
      check_cancelled(cancel, "wait for a writer");
      if (look() == WriterWatch::State::Connected) {
        return;
      }
      if (Clock::now() - start >= timeout_) {
        throw Error::timed_out(ErrorKind::ReadTimeout, name(), timeout_, "no writer connected");
      }
    }
  }

  /// Releases the frames whose tickets `ticket_of` gives and returns their space at once.
  template <typename Frames, typename TicketOf>
  void release(Frames&& frames, const TicketOf& ticket_of) {
    // Goes after the lock.
    std::shared_ptr<ReadSide> last;
    const std::lock_guard lock(mutex_);
    bool released = false;
    for (auto& frame : frames) {
      released = ledger_.release(ticket_of(frame)) || released;
    }
    if (!released) {
      return;
    }
    if (self_ == nullptr) {
      settle();
    } else if (ledger_.open() == 0) {
      own_.unmap();
      last = std::move(self_);
    }
  }

  void close() {
    if (closed_.exchange(true)) {
      return;
    }
    constexpr auto kAgain = std::chrono::microseconds(100);
    std::unique_lock lock(mutex_);
    while (waiting_) {
      own_.data_semaphore().rouse();
      idle_.wait_for(lock, kAgain);
    }
    own_.segment().oieb().reader_pid.store(0);
    own_.space_semaphore().post(1);
    own_.remove();
    if (ledger_.open() == 0) {
      own_.unmap();
    } else {
      self_ = shared_from_this();
    }
  }

 private:
  using Guard = std::unique_lock<std::mutex>;

  /// Marks, under the lock, that a call waits.
  class Waiting {
   public:
    explicit Waiting(ReadSide& side) : side_(side) { side_.waiting_ = true; }
    ~Waiting() {
      side_.waiting_ = false;
      side_.idle_.notify_all();
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    Waiting(Waiting&&) = delete;
    Waiting& operator=(Waiting&&) = delete;

   private:
    ReadSide& side_;
  };

  void check_open() const {
    if (closed_) {
      throw Error::of(ErrorKind::Closed, name());
    }
  }

  void check_cancelled(const Cancel& cancel, const char* doing) const {
    if (cancel.requested()) {
      throw Cancelled("ring \"" + name() + "\": " + doing + ": cancelled");
    }
  }

  /// Waits until at least one token is there whose frame is, and takes up to `most`. Tokens without a frame, such as
  /// the one a closing writer posts, are dropped on the way.
  void await(Guard& lock, std::uint64_t most, Nanoseconds timeout, const Cancel& cancel) {
    idle_.wait(lock, [this] { return !waiting_; });
    check_open();
    check_cancelled(cancel, "read");
    if (tokens_ > 0 && intake_.empty(ledger_.bytes())) {
      tokens_ = 0;
      watch_.joined();
    }
    if (tokens_ == 0 && !arrived(most)) {
      const Waiting waiting(*this);
      wait(lock, most, timeout, cancel);
    }
  }

  void wait(Guard& lock, std::uint64_t most, Nanoseconds timeout, const Cancel& cancel) {
    const auto start = Clock::now();
    if (timeout > Nanoseconds::zero() && spin(lock, start)) {
      check_open();
      if (arrived(most)) {
        spinner_.woke();
        return;
      }
    }
    Semaphore& tokens = own_.data_semaphore();
    const Semaphore::Waiter waiter(tokens);
    while (true) {
      check_open();
      check_cancelled(cancel, "read");
      // The writer's state comes first: it posts before it goes.
      const WriterWatch::State state = look();
      const bool over = WriterWatch::absent(state);
      if (arrived(most)) {
        spinner_.slept(start);
        return;
      }
      if ((over || Clock::now() - start > kSlice) && whole()) {
        tokens_ = 1;
        return;
      }
      if (watch_.unclaimed()) {
        reclaim();
      }
      if (over) {
        throw state == WriterWatch::State::Gone ? Error::of(ErrorKind::WriterGone, name())
                                                : Error::of(ErrorKind::WriterDead, name(), watch_.pid());
      }
      const bool doubtful = contradicted();
      const Nanoseconds left = timeout - (Clock::now() - start);
      if (left <= Nanoseconds::zero()) {
        throw Error::timed_out(ErrorKind::ReadTimeout, name(), timeout);
      }
      const Unlocked unlocked(lock);
      if (doubtful) {
        std::this_thread::sleep_for(kRecheck);
      } else {
        tokens.sleep(std::min(left, kSlice));
      }
    }
  }

  bool spin(Guard& lock, Clock::time_point start) {
    const Semaphore& tokens = own_.data_semaphore();
    const Unlocked unlocked(lock);
    return spinner_.until(start, [&] { return tokens.value() > 0 || closed_; });
  }

  WriterWatch::State look() {
    const WriterWatch::State state = watch_.look();
    if (state == WriterWatch::State::Gone || state == WriterWatch::State::Awaited) {
      intake_.depart();
    }
    return state;
  }

  /// Takes up to `most` tokens that have frames.
  bool arrived(std::uint64_t most) {
    Semaphore& tokens = own_.data_semaphore();
    const std::uint64_t seen = tokens.data();
    if ((seen & Semaphore::kValueMask) == 0) {
      return false;
    }
    if (!intake_.empty(ledger_.bytes())) {
      tokens_ = tokens.take(most);
      return tokens_ > 0;
    }
    // A token posted since it was seen has a frame. While bytes are pending the counters lag or lie, and the tokens are
    // kept.
    if (!intake_.bytes_pending() && tokens.drain_if(seen)) {
      watch_.joined();
    }
    return false;
  }

  /// Whether written_count denies a frame for which both a token and bytes are there.
  /// @throws Error Corrupt once it has done so for too long.
  bool contradicted() {
    if (own_.data_semaphore().value() == 0 || intake_.pending() > 0 || !intake_.bytes_pending()) {
      suspected_.reset();
      return false;
    }
    const auto now = Clock::now();
    suspected_ = suspected_.value_or(now);
    if (now - *suspected_ > kSuspicion) {
      const Segment& segment = own_.segment();
      segment.bounded(segment.oieb().write_pos, field::kWritePos, segment.payload_size());
      segment.bounded(segment.oieb().read_pos, field::kReadPos, segment.payload_size());
      throw intake_.miscounted();
    }
    return true;
  }

  /// Whether the next frame is there, whatever the tokens say: its writer may have been killed before it posted.
  bool whole() const {
    try {
      const Cursor cursor = intake_.next();
      if (cursor.pending == 0) {
        return false;
      }
      const Located found = intake_.locate(cursor);
      const std::uint64_t taken = ledger_.bytes() + found.wasted + found.taken();
      const std::uint64_t payload = sizes_.payload;
      const std::uint64_t free = own_.segment().oieb().payload_free.load();
      return taken <= payload && free <= payload - taken;
    } catch (const Error&) {
      // What is wrong is said by whoever reads the frame.
      return false;
    }
  }

  /// Returns the space that a dead writer took for a frame it never counted. While a writer lives it may be publishing,
  /// and shows it by a write_pos that is ahead, unless the frame takes the whole ring.
  void reclaim() {
    Oieb& oieb = own_.segment().oieb();
    std::uint64_t free = oieb.payload_free.load();
    const std::uint64_t all = sizes_.payload - ledger_.bytes();
    if (intake_.pending() != 0 || oieb.write_pos.load() != oieb.read_pos.load() || free > all) {
      return;
    }
    if (free < all) {
      // A writer that connects after the look at the free bytes changes them before it counts, and the exchange fails.
      const bool claimable = free > 0 || WriterWatch::absent(look());
      if (!claimable || intake_.pending() != 0 || !oieb.payload_free.compare_exchange_strong(free, all)) {
        return;
      }
      own_.space_semaphore().nudge();
    }
    watch_.claimed();
  }

  /// Takes the next frames, as many as there are tokens for, and shows the writer the new position once. An error of a
  /// later frame is left to the call that begins with it.
  template <typename Sink>
  void take(std::size_t limit, Sink& sink) {
    Cursor next = intake_.next();
    for (std::size_t count = 0; count < limit && tokens_ > 0 && (count == 0 || intake_.more(next)); ++count) {
      try {
        const Located found = intake_.locate(next);
        check_unheld(found);
        sink.add(hold(found));
        next = intake_.accept(found, next);
      } catch (const Error&) {
        if (count == 0) {
          throw;
        }
        break;
      }
    }
    intake_.show(next);
  }

  /// Checks that a frame and those that are held fit into the ring together: otherwise it was written over them.
  /// @throws Error Corrupt.
  void check_unheld(const Located& found) const {
    const std::uint64_t before = ledger_.bytes() + found.wasted + kHeaderSize;
    const std::uint64_t room = sizes_.payload - std::min(before, sizes_.payload);
    if (found.header.size > room) {
      throw intake_.corrupt(field::kFrameSize, found.header.size, room);
    }
  }

  Taken hold(const Located& found) {
    if (found.wasted > 0) {
      // The tail before the wrap is free now, unless earlier frames are held.
      ledger_.skip(found.wasted);
      return_space(ledger_.settle());
    }
    if (found.header.sequence == 1) {
      watch_.began();
    }
    --tokens_;
    return {ledger_.hold(found.taken()), found.header.sequence, own_.segment().payload() + found.start + kHeaderSize,
            found.header.size};
  }

  /// Returns the space that releases made free, and tells the writer.
  void settle() {
    if (const std::uint64_t bytes = ledger_.settle(); bytes > 0) {
      return_space(bytes);
      own_.space_semaphore().nudge();
    }
  }

  void return_space(std::uint64_t bytes) {
    if (bytes > 0) {
      const Segment& segment = own_.segment();
      segment.bounded(segment.oieb().payload_free, field::kPayloadFree, sizes_.payload - bytes);
      segment.oieb().payload_free.fetch_add(bytes);
    }
  }

  Creation own_;
  Intake intake_;
  WriterWatch watch_;
  Ledger ledger_;
  Sizes sizes_;
  Spinner spinner_;
  Nanoseconds timeout_;
  /// Tokens that were taken and whose frames were not.
  std::uint64_t tokens_ = 0;
  /// Since when the counters contradict a token.
  std::optional<Clock::time_point> suspected_;

  std::mutex mutex_;
  std::condition_variable idle_;
  bool waiting_ = false;
  std::shared_ptr<ReadSide> self_;
  std::atomic<bool> closed_{false};
};

}  // namespace parley::ring::detail
