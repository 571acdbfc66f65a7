#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/ring.hpp"
#include "parley/servant.hpp"

namespace parley::steps {

/// A buffer that this process created, and the frames of it that it holds.
class ReaderEnd {
 public:
  explicit ReaderEnd(ring::Reader reader) : reader_(std::move(reader)) {}

  void set_timeout(std::chrono::nanoseconds timeout) { reader_.set_timeout(timeout); }
  std::optional<ring::Bytes> metadata() const { return reader_.metadata(); }

  const std::string& name() const { return reader_.name(); }

  /// The sequence number of the frame that was read last; 0 before the first.
  std::uint64_t last() const noexcept { return last_; }

  /// Reads the next frame, whatever it is, and holds it.
  const ring::Frame& take(const Cancellation& cancel);
  /// take, which returns the frame in words.
  std::string read_any(const Cancellation& cancel);

  /// Reads the next frame, holds it, and checks its sequence number and size.
  const ring::Frame& expect(std::uint64_t sequence, std::uint64_t size, const Cancellation& cancel,
                            Location at = Location::here());
  /// Reads the next frame, holds it, and checks its sequence number, size and every byte.
  void read(std::uint64_t sequence, std::uint64_t size, const Cancellation& cancel, Location at = Location::here());

  /// Checks every byte of a frame that is held.
  void check(std::uint64_t sequence, Location at = Location::here()) const;

  void release(std::uint64_t sequence, Location at = Location::here());
  /// Checks held frames once more and releases them, in this order.
  void release_unchanged(const std::vector<std::uint64_t>& sequences, Location at = Location::here());

  /// Releases what is held and closes the buffer.
  void close();

 private:
  const ring::Frame& hold(ring::Frame frame);
  const ring::Frame& holding(std::uint64_t sequence, Location at) const;

  ring::Reader reader_;
  std::map<std::uint64_t, ring::Frame> held_;  // destroyed before the reader
  std::uint64_t last_ = 0;
};

/// A buffer that this process is connected to, and the frame that it has acquired.
class WriterEnd {
 public:
  explicit WriterEnd(ring::Writer writer) : writer_(std::move(writer)) {}

  void set_timeout(std::chrono::nanoseconds timeout) { writer_.set_timeout(timeout); }

  /// The frames written since the writer connected: the next one has this number plus 1.
  std::uint64_t written() const noexcept { return written_; }

  /// Writes the next frame, of size bytes.
  void write(std::size_t size, const Cancellation& cancel);
  /// Writes a frame of other content than the test pattern.
  void write_content(ring::View content, const Cancellation& cancel);
  void write_metadata(std::size_t size);

  /// Acquires the next frame, of size bytes, and gives its place in shared memory.
  std::uint8_t* acquire(std::size_t size, const Cancellation& cancel);
  /// Fills the acquired frame in the shared memory itself.
  void fill(Location at = Location::here());
  void commit(Location at = Location::here());
  void abandon(Location at = Location::here());

  /// Abandons an acquired frame and closes the buffer.
  void close();

 private:
  void check_acquired(Location at) const;

  ring::Writer writer_;
  std::optional<ring::Slot> slot_;  // destroyed before the writer
  ring::Bytes scratch_;
  // Counted here, not asked of the ring: the reader checks the ring's own count against it.
  std::uint64_t written_ = 0;
};

/// The pattern of metadata, in size bytes.
ring::Bytes metadata_of(std::size_t size);

/// How a ring watches a step's cancellation.
ring::Cancel watched(const Cancellation& cancel);

/// Fails where content is not that of the frame with that sequence number; what names it, as in frame or request.
void check_pattern(const std::string& what, ring::View content, std::uint64_t sequence, Location at = Location::here());

/// Fails where a frame has another sequence number or size.
void judge(const ring::Frame& frame, std::uint64_t sequence, std::uint64_t size, Location at = Location::here());

/// Fails where the first of some frames has a number above that of the last.
void check_range(std::uint64_t first, std::uint64_t last, Location at = Location::here());

/// Fails where content differs from what is expected; both have the same size.
void compare(const std::string& what, ring::View expected, ring::View actual, Location at = Location::here());

}  // namespace parley::steps
