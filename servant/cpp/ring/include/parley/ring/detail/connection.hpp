#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "parley/ring/detail/file.hpp"
#include "parley/ring/detail/layout.hpp"
#include "parley/ring/detail/mapping.hpp"
#include "parley/ring/detail/process.hpp"
#include "parley/ring/detail/repair.hpp"
#include "parley/ring/detail/segment.hpp"
#include "parley/ring/detail/semaphore.hpp"
#include "parley/ring/error.hpp"
#include "parley/ring/name.hpp"

namespace parley::ring::detail {

/// The shared objects of a buffer that this process writes, and its claim to be the writer.
class Connection {
 public:
  /// Joins the buffer called `name`, which was checked (ring protocol, "Creating, connecting, closing").
  /// @throws Error NotFound, NoReader, WriterExists, VersionMismatch, Corrupt, System. A failed connection changes
  /// nothing.
  explicit Connection(std::string_view name) : self_(static_cast<std::uint64_t>(::getpid())) {
    const Objects paths = objects(name);
    const SharedFile file = open_shared(name, paths.segment, O_RDWR);
    if (!file.regular() || file.size() < kOiebSize) {
      throw Error::corrupt(name, field::kSegmentSize, file.size(), kOiebSize);
    }
    segment_ = Segment(std::string(name), Mapping(name, paths.segment, file.fd.get(), file.size()));
    find_reader();
    open_semaphores(paths);
    claim();
    // A reader that closed meanwhile may have taken its semaphores with it, and another may have made new ones: these
    // would not belong together.
    try {
      find_reader();
    } catch (const Error&) {
      give_up();
      throw;
    }
    if (oieb().payload_free.load() == segment_.payload_size()) {
      // Tokens without frames would wake the reader in vain.
      data_.drain();
    }
  }

  const Segment& segment() const { return segment_; }
  Oieb& oieb() const { return segment_.oieb(); }
  Semaphore& data_semaphore() { return data_; }
  Semaphore& space_semaphore() { return space_; }

  /// Whether there still is somebody who reads and nobody else who writes.
  /// @throws Error NoReader, ReaderDead, Corrupt.
  void check_reader() const {
    check_pid(oieb().writer_pid, field::kWriterPid, self_);
    if (oieb().reader_pid.load() == 0) {
      throw Error::of(ErrorKind::NoReader, segment_.name());
    }
    check_pid(oieb().reader_pid, field::kReaderPid, reader_.pid());
    if (reader_.ended()) {
      throw Error::of(ErrorKind::ReaderDead, segment_.name(), reader_.pid());
    }
  }

  /// The same, and asks the system whether the reader's process lives.
  void probe_reader() {
    check_reader();
    if (reader_.dead()) {
      throw Error::of(ErrorKind::ReaderDead, segment_.name(), reader_.pid());
    }
  }

  /// Stops being the writer; false if this process was not.
  bool give_up() {
    std::uint64_t self = self_;
    return oieb().writer_pid.compare_exchange_strong(self, 0);
  }

  /// Unmaps everything.
  void unmap() {
    segment_ = Segment();
    data_ = Semaphore();
    space_ = Semaphore();
  }

 private:
  void check_pid(const Word& word, const char* field, std::uint64_t expected) const {
    if (const std::uint64_t pid = word.load(); pid != expected) {
      throw Error::corrupt(segment_.name(), field, pid, expected);
    }
  }

  /// Checks that the reader lives, and is the one that was found first.
  void find_reader() {
    const std::uint64_t pid = segment_.bounded(oieb().reader_pid, field::kReaderPid, kMaxPid);
    const bool first = reader_.pid() == 0;
    if (first && pid != 0) {
      reader_ = Process(pid);
    }
    if (pid == 0 || pid != reader_.pid()) {
      throw Error::of(ErrorKind::NoReader, segment_.name());
    }
    if (reader_.dead()) {
      throw Error::of(ErrorKind::NoReader, segment_.name(), pid);
    }
  }

  void open_semaphores(const Objects& paths) {
    try {
      data_ = Semaphore(segment_.name(), "sem_w", paths.data_semaphore);
      space_ = Semaphore(segment_.name(), "sem_r", paths.space_semaphore);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::NotFound) {
        // A reader that is closing explains it.
        find_reader();
      }
      throw;
    }
  }

  /// Makes this process the writer, if there is none or a dead one.
  void claim() {
    while (true) {
      std::uint64_t pid = segment_.bounded(oieb().writer_pid, field::kWriterPid, kMaxPid);
      if (pid != 0 && !process_dead(pid)) {
        throw Error::of(ErrorKind::WriterExists, segment_.name(), pid, "close it first");
      }
      if (oieb().writer_pid.compare_exchange_strong(pid, self_)) {
        if (pid != 0) {
          resume(segment_);
        }
        return;
      }
    }
  }

  std::uint64_t self_;
  Segment segment_;
  Semaphore data_;
  Semaphore space_;
  Process reader_;
};

}  // namespace parley::ring::detail
