#pragma once

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "parley/ring/bytes.hpp"
#include "parley/ring/cancel.hpp"
#include "parley/ring/detail/plan.hpp"
#include "parley/ring/detail/spin.hpp"
#include "parley/ring/detail/write_side.hpp"
#include "parley/ring/error.hpp"
#include "parley/ring/name.hpp"
#include "parley/ring/options.hpp"

namespace parley::ring {

/// Space in the ring for one frame, to be filled in place. It is abandoned with its owner; an empty Slot holds nothing.
class Slot {
 public:
  Slot() = default;
  Slot(Slot&& other) noexcept
      : side_(std::exchange(other.side_, nullptr)), place_(other.place_), data_(std::exchange(other.data_, nullptr)) {}
  Slot& operator=(Slot&& other) noexcept {
    Slot moved(std::move(other));
    std::swap(side_, moved.side_);
    std::swap(place_, moved.place_);
    std::swap(data_, moved.data_);
    return *this;
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  ~Slot() { abandon(); }

  /// The frame's content in shared memory, to be filled; null once the slot is committed or abandoned. Its bytes are
  /// undefined at first.
  std::uint8_t* data() { return data_; }
  /// The number of bytes of the content.
  std::size_t size() const { return data_ == nullptr ? 0 : place_.size; }

  /// Makes the frame visible (ring protocol, "Writing a frame", P3). After a failure, and after abandon, the slot is
  /// gone and the ring as it was before acquire.
  /// @throws Error ReaderDead, NoReader, Corrupt, Closed; System with EINVAL for a slot that was committed or
  /// abandoned.
  void commit() {
    detail::WriteSide* side = take();
    if (side == nullptr) {
      throw Error::system("", "commit", "the slot was committed or abandoned", EINVAL);
    }
    side->commit_slot(place_);
  }

  /// Gives the space up. A second abandon, or one after commit, does nothing.
  void abandon() {
    if (detail::WriteSide* side = take(); side != nullptr) {
      side->abandon_slot();
    }
  }

 private:
  friend class Writer;
  Slot(detail::WriteSide* side, std::pair<detail::Placement, std::uint8_t*> begun)
      : side_(side), place_(begun.first), data_(begun.second) {}

  detail::WriteSide* take() {
    data_ = nullptr;
    return std::exchange(side_, nullptr);
  }

  // A side outlives its slot.
  detail::WriteSide* side_ = nullptr;
  detail::Placement place_;
  std::uint8_t* data_ = nullptr;
};

/// The writing side of a buffer. A Writer that was moved from can be destroyed or assigned to.
class Writer {
 public:
  /// Joins the buffer called `name` as its writer (ring protocol, "Creating, connecting, closing").
  /// @throws Error InvalidName; NotFound; NoReader if its reader closed or died; WriterExists with the other writer's
  /// pid; VersionMismatch and Corrupt for a segment that cannot be one; System. A failed connect changes nothing.
  static Writer connect(std::string_view name, Options options = {}) {
    check_name(name);
    return Writer(std::make_shared<detail::WriteSide>(name, options));
  }

  /// connect that waits until there is a whole buffer with a live reader, at most `patience`: peers do not create a
  /// buffer at once, and what they have made of it so far looks broken.
  /// @throws Error as connect. Cancelled.
  static Writer connect_wait(std::string_view name, std::chrono::nanoseconds patience, Options options = {},
                             Cancel cancel = {}) {
    for (const auto start = detail::Clock::now();; std::this_thread::sleep_for(detail::kRecheck)) {
      try {
        return connect(name, options);
      } catch (const Error& error) {
        const bool may_come = error.kind() == ErrorKind::NotFound || error.kind() == ErrorKind::NoReader ||
                              error.kind() == ErrorKind::Corrupt;
        if (!may_come || detail::Clock::now() - start >= patience) {
          throw;
        }
      }
      if (cancel.requested()) {
        throw Cancelled("ring \"" + std::string(name) + "\": connect: cancelled");
      }
    }
  }

  Writer(Writer&&) noexcept = default;
  Writer& operator=(Writer&& other) noexcept {
    Writer moved(std::move(other));
    std::swap(side_, moved.side_);
    return *this;
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    if (side_ != nullptr) {
      side_->close();
    }
  }

  /// Writes `size` bytes at `data` as one frame, waiting for space at most the write timeout (ring protocol, "Writing a
  /// frame").
  /// @throws Error EmptyFrame; FrameTooLarge; BufferFull; ReaderDead if the reader's process ended; NoReader if it
  /// closed; Corrupt; Closed; System with EBUSY while a slot is acquired. Cancelled. A failed write leaves the ring as
  /// it was.
  void write(const void* data, std::size_t size, Cancel cancel = {}) {
    side_->write({data, size}, std::nullopt, cancel);
  }
  void write(const View& data, Cancel cancel = {}) { side_->write(data, std::nullopt, cancel); }

  /// The same, with a timeout for this call; 0 or less looks once and never waits.
  void write(const View& data, std::chrono::nanoseconds timeout, Cancel cancel = {}) {
    side_->write(data, timeout, cancel);
  }

  /// Writes each element of `frames` as one frame, in order, and publishes as many at once as there is space for.
  /// `written`, if given, counts them also when an error, which concerns the next one, ends the call.
  /// @throws Error as write. Cancelled.
  void write_batch(const std::vector<View>& frames, Cancel cancel = {}, std::size_t* written = nullptr) {
    if (written != nullptr) {
      *written = 0;
    }
    for (std::size_t done = 0; done < frames.size();) {
      done += side_->write_batch(&frames[done], frames.size() - done, cancel);
      if (written != nullptr) {
        *written = done;
      }
    }
  }

  /// Writes the metadata block, once per buffer; `data` may be empty.
  /// @throws Error NoMetadataBlock, MetadataTooLarge, MetadataAlreadyWritten, NoReader, ReaderDead, Corrupt, Closed.
  void write_metadata(const void* data, std::size_t size) { side_->write_metadata({data, size}); }
  void write_metadata(const View& data) { side_->write_metadata(data); }

  /// Gives space for a frame of `size` bytes, waiting like write. Nothing is visible to the reader, and no sequence
  /// number is taken, before Slot::commit. A writer has one slot at a time; until it is committed or abandoned, writing
  /// is System with EBUSY.
  /// @throws Error as write. Cancelled.
  Slot acquire(std::size_t size, Cancel cancel = {}) {
    return {side_.get(), side_->begin_slot(size, std::nullopt, cancel)};
  }

  /// The same, with a timeout for this call; 0 or less looks once and never waits.
  Slot acquire(std::size_t size, std::chrono::nanoseconds timeout, Cancel cancel = {}) {
    return {side_.get(), side_->begin_slot(size, timeout, cancel)};
  }

  /// Changes the write timeout from the next call on; 0 or less looks once and never waits. It returns once a call that
  /// writes has ended.
  void set_timeout(std::chrono::nanoseconds timeout) { side_->set_timeout(timeout); }

  const std::string& name() const { return side_->name(); }
  /// The sizes of the metadata and the payload block in bytes.
  Sizes sizes() const { return side_->sizes(); }

  /// Ends the writer: a call that waits ends with Closed, the reader learns of it at once (P7). A second close does
  /// nothing. An acquired slot's memory stays until it is committed, which fails, or abandoned.
  void close() { side_->close(); }

 private:
  explicit Writer(std::shared_ptr<detail::WriteSide> side) : side_(std::move(side)) {}

  std::shared_ptr<detail::WriteSide> side_;
};

}  // namespace parley::ring
