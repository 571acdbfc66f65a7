#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parley/ring/bytes.hpp"
#include "parley/ring/cancel.hpp"
#include "parley/ring/detail/read_side.hpp"
#include "parley/ring/error.hpp"
#include "parley/ring/name.hpp"
#include "parley/ring/options.hpp"

namespace parley::ring {

/// A frame that was read, in place. It is released with its owner; an empty Frame holds nothing.
class Frame {
 public:
  Frame() = default;
  Frame(Frame&& other) noexcept : side_(std::exchange(other.side_, nullptr)), taken_(std::exchange(other.taken_, {})) {}
  Frame& operator=(Frame&& other) noexcept {
    Frame moved(std::move(other));
    std::swap(side_, moved.side_);
    std::swap(taken_, moved.taken_);
    return *this;
  }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  ~Frame() {
    try {
      release();
    } catch (const Error&) {
      // Nobody can be told here. Damage of the free bytes stays, and the next call that returns space reports it.
    }
  }

  /// The frame's number, from 1 on for each writer.
  std::uint64_t sequence() const { return taken_.sequence; }
  /// The content in shared memory, null once it is released.
  const std::uint8_t* data() const { return taken_.data; }
  /// The number of bytes of the content.
  std::size_t size() const { return taken_.size; }
  View view() const { return {data(), size()}; }

  /// Gives the frame's space back. Frames may be released in any order; space returns to the writer once every earlier
  /// frame is released too (ring protocol, "Reading a frame", P4). A second release does nothing.
  /// @throws Error Corrupt if more space would be free than there is.
  void release() {
    if (detail::ReadSide* side = std::exchange(side_, nullptr); side != nullptr) {
      side->release(std::array{std::exchange(taken_, {}).ticket}, [](std::uint64_t ticket) { return ticket; });
    }
  }

 private:
  friend class Reader;
  Frame(detail::ReadSide* side, const detail::Taken& taken) : side_(side), taken_(taken) {}

  // A side outlives its frames.
  detail::ReadSide* side_ = nullptr;
  detail::Taken taken_;
};

/// The reading side of a buffer; it owns the buffer. A Reader that was moved from can be destroyed or assigned to.
class Reader {
 public:
  /// Makes the buffer called `name` and becomes its reader (ring protocol, "Creating, connecting, closing"). What a
  /// dead reader left under that name is removed.
  /// @throws Error InvalidName; InUse with the owner's pid; System, for instance with ENOSPC when shared memory is
  /// full. A failed create leaves nothing.
  static Reader create(std::string_view name, Sizes sizes, Options options = {}) {
    check_name(name);
    return Reader(std::make_shared<detail::ReadSide>(name, sizes, options));
  }

  Reader(Reader&&) noexcept = default;
  Reader& operator=(Reader&& other) noexcept {
    Reader moved(std::move(other));
    std::swap(side_, moved.side_);
    return *this;
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    if (side_ != nullptr) {
      side_->close();
    }
  }

  /// Gives the next frame, in place, waiting for it at most the read timeout (ring protocol, "Reading a frame").
  /// @throws Error ReadTimeout; WriterDead or WriterGone once every complete frame is read, until another writer
  /// connects; SequenceGap; Corrupt; Closed. Cancelled.
  Frame read(Cancel cancel = {}) { return read_one(std::nullopt, cancel); }

  /// The same, with a timeout for this call; 0 or less looks once and never waits.
  Frame read(std::chrono::nanoseconds timeout, Cancel cancel = {}) { return read_one(timeout, cancel); }

  /// Waits like read for one frame, then reads as many as are there, and appends at most `limit` to `frames`. An error
  /// of a later frame is reported by the call that begins with it.
  /// @return How many were appended; 0 only if `limit` is 0.
  std::size_t read_batch(std::vector<Frame>& frames, std::size_t limit, Cancel cancel = {}) {
    const std::size_t before = frames.size();
    if (limit > 0) {
      side_->read(limit, std::nullopt, cancel, List{side_.get(), frames});
    }
    return frames.size() - before;
  }

  /// The same into a vector of its own.
  std::vector<Frame> read_batch(std::size_t limit, Cancel cancel = {}) {
    std::vector<Frame> frames;
    read_batch(frames, limit, cancel);
    return frames;
  }

  /// Releases all frames, returns their space at once, and empties the vector.
  /// @throws Error Corrupt, as Frame::release.
  void release(std::vector<Frame>& frames) {
    side_->release(frames, [this](Frame& frame) {
      // A frame of another reader, or one that is released, is left to clear.
      const bool mine = frame.side_ == side_.get();
      if (!mine) {
        return detail::kNoTicket;
      }
      frame.side_ = nullptr;
      return std::exchange(frame.taken_, {}).ticket;
    });
    frames.clear();
  }

  /// A copy of the metadata; nothing while none is written. Metadata of 0 bytes is empty, not nothing.
  /// @throws Error NoMetadataBlock, Corrupt, Closed.
  std::optional<Bytes> metadata() const { return side_->metadata(); }

  /// Waits until a live writer is connected, at most the read timeout.
  /// @throws Error ReadTimeout, Corrupt, Closed. Cancelled.
  void wait_writer(Cancel cancel = {}) const { side_->wait_writer(cancel); }

  /// Changes the read timeout from the next call on; 0 or less looks once and never waits.
  void set_timeout(std::chrono::nanoseconds timeout) { side_->set_timeout(timeout); }

  const std::string& name() const { return side_->name(); }
  /// The sizes of the metadata and the payload block in bytes, rounded up.
  Sizes sizes() const { return side_->sizes(); }

  /// Ends the reader and removes the buffer: a call that waits ends with Closed, the writer learns of it at once (P7),
  /// the objects are unlinked. Held frames stay readable until they are released. A second close does nothing.
  void close() { side_->close(); }

 private:
  /// Receives one frame.
  struct One {
    detail::ReadSide* side;
    Frame& frame;

    void reserve(std::size_t /*count*/) const {}
    void add(const detail::Taken& taken) const { frame = Frame(side, taken); }
  };

  /// Receives several frames.
  struct List {
    detail::ReadSide* side;
    std::vector<Frame>& frames;

    void reserve(std::size_t count) const { frames.reserve(frames.size() + count); }
    void add(const detail::Taken& taken) const { frames.push_back(Frame(side, taken)); }
  };

  explicit Reader(std::shared_ptr<detail::ReadSide> side) : side_(std::move(side)) {}

  Frame read_one(std::optional<std::chrono::nanoseconds> timeout, const Cancel& cancel) {
    Frame frame;
    side_->read(1, timeout, cancel, One{side_.get(), frame});
    return frame;
  }

  std::shared_ptr<detail::ReadSide> side_;
};

}  // namespace parley::ring
