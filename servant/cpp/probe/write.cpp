#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <string>
#include <vector>

#include "parley/ring.hpp"
#include "result.hpp"
#include "run.hpp"

namespace parley::probe {
namespace {

using Clock = std::chrono::steady_clock;

/// A write in progress.
class Writing {
 public:
  Writing(const Command& command, ring::Writer& writer, const ring::Cancel& cancel)
      : command_(command), writer_(writer), cancel_(cancel), sizes_(command.seed, command.min, command.max) {}

  const Transfer& result() const { return result_; }

  void metadata() {
    if (command_.has("metadata-length")) {
      ring::Bytes metadata(command_.metadata_length);
      ring::pattern::fill_metadata(metadata.data(), metadata.size());
      writer_.write_metadata(metadata);
      result_.metadata_length = metadata.size();
    }
  }

  void frames() {
    const auto start = Clock::now();
    while (result_.frames < command_.frames) {
      if (command_.zero_copy) {
        write_in_place();
      } else {
        write_batch(next_batch());
      }
      if (result_.frames == command_.die_after) {
        // As a crash would, without any clean-up.
        ::kill(::getpid(), SIGKILL);
      }
    }
    result_.time = Clock::now() - start;
  }

 private:
  std::size_t next_batch() const {
    std::uint64_t frames = std::min(std::max<std::uint64_t>(command_.batch, 1), command_.frames - result_.frames);
    if (command_.die_after > result_.frames) {
      frames = std::min(frames, command_.die_after - result_.frames);
    }
    return frames;
  }

  void write_in_place() {
    ring::Slot slot = writer_.acquire(sizes_.next(), cancel_);
    const std::size_t size = slot.size();
    ring::pattern::fill_frame(slot.data(), size, result_.frames + 1);
    slot.commit();
    ++result_.frames;
    result_.bytes += size;
  }

  void write_batch(std::size_t count) {
    contents_.resize(std::max(contents_.size(), count));
    views_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t size = sizes_.next();
      contents_[i].resize(std::max(contents_[i].size(), size));
      ring::pattern::fill_frame(contents_[i].data(), size, result_.frames + 1 + i);
      views_.emplace_back(contents_[i].data(), size);
    }
    std::size_t written = 0;
    const auto count_written = [&] {
      for (std::size_t i = 0; i < written; ++i) {
        result_.bytes += views_[i].size;
      }
      result_.frames += written;
    };
    try {
      writer_.write_batch(views_, cancel_, &written);
    } catch (const std::exception&) {
      count_written();
      throw;
    }
    count_written();
  }

  const Command& command_;
  ring::Writer& writer_;
  const ring::Cancel& cancel_;
  ring::pattern::FrameSizes sizes_;
  std::vector<ring::Bytes> contents_;
  std::vector<ring::View> views_;
  Transfer result_;
};

}  // namespace

std::string write(const Command& command, const ring::Cancel& cancel) {
  ring::Writer writer = setting_up(
      [&] { return ring::Writer::connect_wait(command.name, command.connect_timeout, {command.timeout}, cancel); });
  Writing writing(command, writer, cancel);
  try {
    writing.metadata();
    writing.frames();
  } catch (const std::exception&) {
    throw current_failure(writing.result().progress());
  }
  return writing.result().json();
}

}  // namespace parley::probe
