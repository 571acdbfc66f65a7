#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "parley/ring.hpp"
#include "result.hpp"
#include "run.hpp"

namespace parley::probe {
namespace {

using Clock = std::chrono::steady_clock;

/// A read in progress.
class Reading {
 public:
  Reading(const Command& command, ring::Reader& reader, const ring::Cancel& cancel)
      : command_(command), reader_(reader), cancel_(cancel) {
    if (command.has("seed")) {
      sizes_.emplace(command.seed, command.min, command.max);
    }
  }

  const Transfer& result() const { return result_; }

  /// Reads and checks all frames; the time runs from the first to the last.
  void frames() {
    const std::size_t at_once = std::max<std::size_t>(command_.batch, 1);
    std::optional<Clock::time_point> start;
    while (result_.frames < command_.frames) {
      const std::size_t before = frames_.size();
      reader_.read_batch(frames_, std::min(at_once, command_.frames - result_.frames), cancel_);
      start = start.value_or(Clock::now());
      for (std::size_t i = before; i < frames_.size(); ++i) {
        check(frames_[i]);
      }
      // With --hold frames gather until there are enough.
      if (frames_.size() >= command_.hold) {
        release();
      }
    }
    release();
    if (start) {
      result_.time = Clock::now() - *start;
    }
  }

  /// Reports the metadata's length and checks it, if it is to be checked.
  void metadata() {
    const bool checked = command_.has("metadata-length");
    if (command_.metadata == 0 && !checked) {
      return;
    }
    auto metadata = reader_.metadata();
    // Without a frame to wait for, the metadata may still be on its way.
    for (const auto start = Clock::now(); !metadata && command_.metadata_length > 0 && result_.frames == 0 &&
                                          Clock::now() - start < command_.timeout && !cancel_.requested();) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      metadata = reader_.metadata();
    }
    result_.metadata_length = metadata ? metadata->size() : 0;
    if (!checked) {
      return;
    }
    if (result_.metadata_length != command_.metadata_length) {
      throw Failure("MetadataMismatch", "metadata has " + std::to_string(result_.metadata_length) +
                                            " bytes, expected " + std::to_string(command_.metadata_length));
    }
    if (metadata) {
      if (const auto wrong = ring::pattern::check_metadata(metadata->data(), metadata->size()); !wrong.empty()) {
        throw Failure("MetadataMismatch", wrong);
      }
    }
  }

 private:
  void check(const ring::Frame& frame) {
    const std::uint64_t number = result_.frames + 1;
    if (frame.sequence() != number) {
      throw Failure("SequenceGap",
                    "frame " + std::to_string(number) + " has sequence " + std::to_string(frame.sequence()));
    }
    if (sizes_) {
      if (const std::size_t expected = sizes_->next(); frame.size() != expected) {
        throw Failure("SizeMismatch", "frame " + std::to_string(number) + " has " + std::to_string(frame.size()) +
                                          " bytes, expected " + std::to_string(expected));
      }
    }
    const std::uint8_t* data = frame.data();
    if (command_.copy) {
      copy_.assign(data, data + frame.size());
      data = copy_.data();
    }
    if (const auto wrong = ring::pattern::check_frame(data, frame.size(), number); !wrong.empty()) {
      throw Failure("DataMismatch", wrong);
    }
    ++result_.frames;
    result_.bytes += frame.size();
    if (command_.delay > std::chrono::microseconds::zero()) {
      std::this_thread::sleep_for(command_.delay);
    }
  }

  /// Releases what is held: in reverse order with --hold, otherwise at once.
  void release() {
    if (command_.hold > 0) {
      for (; !frames_.empty(); frames_.pop_back()) {
        frames_.back().release();
      }
    }
    reader_.release(frames_);
  }

  const Command& command_;
  ring::Reader& reader_;
  const ring::Cancel& cancel_;
  std::optional<ring::pattern::FrameSizes> sizes_;
  std::vector<ring::Frame> frames_;
  ring::Bytes copy_;
  Transfer result_;
};

}  // namespace

std::string read(const Command& command, const ring::Cancel& cancel) {
  ring::Reader reader = setting_up([&] {
    return ring::Reader::create(command.name, {command.metadata, command.payload}, {command.timeout});
  });
  say_ready();
  Reading reading(command, reader, cancel);
  try {
    reading.frames();
    reading.metadata();
  } catch (const std::exception&) {
    throw current_failure(reading.result().progress());
  }
  return reading.result().json();
}

}  // namespace parley::probe
