#include "ends.hpp"

#include <array>
#include <cstdio>
#include <utility>

namespace parley::steps {

namespace {

std::string hex(std::uint8_t byte) {
  std::array<char, 8> digits{};
  (void)std::snprintf(digits.data(), digits.size(), "0x%02x", static_cast<unsigned>(byte));
  return digits.data();
}

void check_content(const ring::Frame& frame, Location at) {
  check_pattern("frame", frame.view(), frame.sequence(), at);
}

}  // namespace

const ring::Frame& ReaderEnd::take(const Cancellation& cancel) {
  cancel.check();
  return hold(reader_.read(watched(cancel)));
}

std::string ReaderEnd::read_any(const Cancellation& cancel) {
  const ring::Frame& frame = take(cancel);
  return "frame " + std::to_string(frame.sequence()) + " of " + std::to_string(frame.size()) + " bytes";
}

const ring::Frame& ReaderEnd::expect(std::uint64_t sequence, std::uint64_t size, const Cancellation& cancel,
                                     Location at) {
  const ring::Frame& frame = take(cancel);
  judge(frame, sequence, size, at);
  return frame;
}

void ReaderEnd::read(std::uint64_t sequence, std::uint64_t size, const Cancellation& cancel, Location at) {
  check_content(expect(sequence, size, cancel, at), at);
}

void ReaderEnd::check(std::uint64_t sequence, Location at) const {
  check_content(holding(sequence, at), at);
}

void ReaderEnd::release(std::uint64_t sequence, Location at) {
  (void)holding(sequence, at);
  held_.extract(sequence).mapped().release();
}

void ReaderEnd::release_unchanged(const std::vector<std::uint64_t>& sequences, Location at) {
  for (const std::uint64_t sequence : sequences) {
    check(sequence, at);
    release(sequence, at);
  }
}

void ReaderEnd::close() {
  for (auto& [sequence, frame] : held_) {
    frame.release();
  }
  held_.clear();
  reader_.close();
}

const ring::Frame& ReaderEnd::hold(ring::Frame frame) {
  const std::uint64_t sequence = frame.sequence();
  last_ = sequence;
  return held_.insert_or_assign(sequence, std::move(frame)).first->second;
}

const ring::Frame& ReaderEnd::holding(std::uint64_t sequence, Location at) const {
  const auto found = held_.find(sequence);
  if (found == held_.end()) {
    fail("this process does not hold frame " + std::to_string(sequence) + "; a step that reads it must come first", at);
  }
  return found->second;
}

void WriterEnd::write(std::size_t size, const Cancellation& cancel) {
  if (scratch_.size() < size) {
    scratch_.resize(size);
  }
  ring::pattern::fill_frame(scratch_.data(), size, written_ + 1);
  write_content({scratch_.data(), size}, cancel);
}

void WriterEnd::write_content(ring::View content, const Cancellation& cancel) {
  cancel.check();
  writer_.write(content.data, content.size, watched(cancel));
  ++written_;
}

void WriterEnd::write_metadata(std::size_t size) {
  writer_.write_metadata(metadata_of(size));
}

std::uint8_t* WriterEnd::acquire(std::size_t size, const Cancellation& cancel) {
  cancel.check();
  slot_.emplace(writer_.acquire(size, watched(cancel)));
  return slot_->data();
}

void WriterEnd::fill(Location at) {
  check_acquired(at);
  ring::pattern::fill_frame(slot_->data(), slot_->size(), written_ + 1);
}

void WriterEnd::commit(Location at) {
  check_acquired(at);
  ring::Slot slot = std::move(*slot_);
  slot_.reset();
  slot.commit();
  ++written_;
}

void WriterEnd::abandon(Location at) {
  check_acquired(at);
  ring::Slot slot = std::move(*slot_);
  slot_.reset();
  slot.abandon();
}

void WriterEnd::close() {
  if (slot_) {
    abandon();
  }
  writer_.close();
}

void WriterEnd::check_acquired(Location at) const {
  if (!slot_) {
    fail("this process has acquired no frame; a step that acquires one must come first", at);
  }
}

ring::Bytes metadata_of(std::size_t size) {
  ring::Bytes data(size);
  ring::pattern::fill_metadata(data.data(), data.size());
  return data;
}

ring::Cancel watched(const Cancellation& cancel) {
  return {&cancel.flag()};
}

void check_pattern(const std::string& what, ring::View content, std::uint64_t sequence, Location at) {
  if (ring::pattern::is_frame(content.data, content.size, sequence)) {
    return;
  }
  const std::string named = what + " " + std::to_string(sequence);
  ring::Bytes expected(content.size);
  ring::pattern::fill_frame(expected.data(), expected.size(), sequence);
  compare(named, expected, content, at);
  fail(named + " changes while it is read", at);
}

void judge(const ring::Frame& frame, std::uint64_t sequence, std::uint64_t size, Location at) {
  if (frame.sequence() != sequence) {
    mismatch("sequence number of the frame", sequence, frame.sequence(), at);
  }
  if (frame.size() != size) {
    mismatch("bytes of frame " + std::to_string(sequence), size, frame.size(), at);
  }
}

void check_range(std::uint64_t first, std::uint64_t last, Location at) {
  if (first > last) {
    fail("frames " + std::to_string(first) + " to " + std::to_string(last) +
             " are none; the first number must not be above the second",
         at);
  }
}

void compare(const std::string& what, ring::View expected, ring::View actual, Location at) {
  for (std::size_t i = 0; i < expected.size; ++i) {
    if (const std::uint8_t byte = actual.data[i]; byte != expected.data[i]) {
      mismatch("byte " + std::to_string(i) + " of " + what, hex(expected.data[i]), hex(byte), at);
    }
  }
}

}  // namespace parley::steps
