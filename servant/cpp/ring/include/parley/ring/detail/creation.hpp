#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parley/ring/detail/draft.hpp"
#include "parley/ring/detail/layout.hpp"
#include "parley/ring/detail/lock.hpp"
#include "parley/ring/detail/process.hpp"
#include "parley/ring/detail/segment.hpp"
#include "parley/ring/detail/semaphore.hpp"
#include "parley/ring/error.hpp"
#include "parley/ring/name.hpp"
#include "parley/ring/options.hpp"

namespace parley::ring::detail {

/// The shared objects of a buffer that this process reads; they are removed with their owner.
class Creation {
 public:
  /// Makes the buffer called `name`, which was checked (ring protocol, "Creating, connecting, closing").
  /// @throws Error InUse, System. A failed creation leaves nothing.
  Creation(std::string_view name, Sizes asked) : name_(name), sizes_(rounded(name, asked)), lock_(Lock::acquire(name)) {
    try {
      make();
    } catch (...) {
      withdraw();
      throw;
    }
  }

  Creation(Creation&&) = delete;
  Creation& operator=(Creation&&) = delete;
  Creation(const Creation&) = delete;
  Creation& operator=(const Creation&) = delete;
  ~Creation() { remove(); }

  const std::string& name() const { return name_; }
  Segment& segment() { return segment_; }
  const Segment& segment() const { return segment_; }
  Semaphore& data_semaphore() { return data_; }
  Semaphore& space_semaphore() { return space_; }

  /// Takes the buffer's names away and gives up the lock.
  void remove() noexcept {
    withdraw();
    lock_.release();
  }

  /// Unmaps everything.
  void unmap() noexcept {
    segment_ = Segment();
    data_ = Semaphore();
    space_ = Semaphore();
  }

 private:
  static Sizes rounded(std::string_view name, Sizes asked) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max() - kOiebSize - 2 * kAlign;
    const std::string sizes =
        "metadata size " + std::to_string(asked.metadata) + " and payload size " + std::to_string(asked.payload);
    if (asked.payload == 0) {
      throw Error::system(name, "create", sizes + ", which is below 1", EINVAL);
    }
    if (asked.metadata > kMost || asked.payload > kMost - asked.metadata) {
      throw Error::system(name, "create", sizes + " exceed the address space", EFBIG);
    }
    const auto round_up = [](std::uint64_t size) { return (size + kAlign - 1) / kAlign * kAlign; };
    return {round_up(asked.metadata), round_up(asked.payload)};
  }

  void make() {
    remove_stale();
    const Objects paths = objects(name_);
    data_ = make_semaphore("sem_w", paths.data_semaphore);
    space_ = make_semaphore("sem_r", paths.space_semaphore);
    make_segment(paths.segment);
    if (const std::string lost = taken_away(); !lost.empty()) {
      throw Error::of(ErrorKind::InUse, name_, Pids::of(name_).reader,
                      lost + " was replaced while the buffer was created; choose another name");
    }
  }

  Semaphore make_semaphore(const std::string& kind, const std::string& path) {
    Draft draft(name_, kShmDir, path);
    const SemaphoreFile content;
    draft.fill(&content, sizeof content);
    publish(std::move(draft));
    return {name_, kind, path};
  }

  void make_segment(const std::string& path) {
    Draft draft(name_, kShmDir, path);
    const std::uint64_t size = kOiebSize + sizes_.metadata + sizes_.payload;
    draft.reserve(size);
    Oieb oieb;
    oieb.metadata_size = sizes_.metadata;
    oieb.metadata_free = sizes_.metadata;
    oieb.payload_size = sizes_.payload;
    oieb.payload_free = sizes_.payload;
    oieb.reader_pid = static_cast<std::uint64_t>(::getpid());
    draft.fill(&oieb, sizeof oieb);
    segment_ = Segment(name_, Mapping(name_, path, draft.fd(), size));
    publish(std::move(draft));
  }

  void publish(Draft draft) {
    made_.reserve(made_.size() + 1);
    draft.publish();
    static_cast<void>(draft.take());
    made_.push_back(std::move(draft));
  }

  /// The path of an object that somebody took from us meanwhile.
  std::string taken_away() const {
    if (!lock_.in_place()) {
      return lock_.path();
    }
    for (const Draft& draft : made_) {
      if (!draft.identity().at(draft.path())) {
        return draft.path();
      }
    }
    return {};
  }

  /// Removes the segment and the semaphores of a dead buffer, under its lock.
  void remove_stale() {
    const Objects paths = objects(name_);
    const Pids pids = Pids::of(name_);
    struct stat status {};
    const bool reader_lives = pids.reader != 0 && !process_dead(pids.reader) &&
                              ::lstat(paths.segment.c_str(), &status) == 0 &&
                              !started_after(pids.reader, status.st_mtim.tv_sec);
    const bool writer_lives = pids.writer != 0 && !process_dead(pids.writer);
    if (reader_lives || writer_lives) {
      throw Error::of(ErrorKind::InUse, name_, reader_lives ? pids.reader : pids.writer,
                      "close or end that process, or choose another name");
    }
    for (const std::string& path : {paths.segment, paths.data_semaphore, paths.space_semaphore}) {
      if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        throw Error::system(name_, "unlink", path, errno);
      }
    }
  }

  /// The segment's name goes first, so that nobody finds a segment without its semaphores.
  void withdraw() noexcept {
    for (; !made_.empty(); made_.pop_back()) {
      made_.back().withdraw();
    }
  }

  std::string name_;
  Sizes sizes_;
  Lock lock_;
  std::vector<Draft> made_;
  Segment segment_;
  Semaphore data_;
  Semaphore space_;
};

}  // namespace parley::ring::detail
