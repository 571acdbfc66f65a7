#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace parley::ring::detail {

/// Keeps the frames that were read, in order, until their space is returned (P4).
class Ledger {
 public:
  /// How many frames are held.
  std::size_t open() const { return open_; }
  /// The space in bytes that is not returned.
  std::uint64_t bytes() const { return bytes_; }

  /// Appends a frame of `size` bytes with its header, and gives its ticket.
  std::uint64_t hold(std::uint64_t size) {
    const std::uint64_t ticket = append(size << 1);
    ++open_;
    return ticket;
  }

  /// Appends `size` bytes that nobody holds, but that earlier frames may keep from being returned.
  void skip(std::uint64_t size) { append(size << 1 | kReleased); }

  /// Marks an entry and says whether it was held until now.
  bool release(std::uint64_t ticket) {
    if (ticket - head_ >= tail_ - head_ || (at(ticket) & kReleased) != 0) {
      return false;
    }
    at(ticket) |= kReleased;
    --open_;
    return true;
  }

  /// Removes the released entries before the first held one and gives their bytes.
  std::uint64_t settle() {
    std::uint64_t bytes = 0;
    for (; head_ != tail_ && (at(head_) & kReleased) != 0; ++head_) {
      bytes += at(head_) >> 1;
    }
    bytes_ -= bytes;
    return bytes;
  }

 private:
  static constexpr std::uint64_t kReleased = 1;

  std::uint64_t& at(std::uint64_t ticket) { return entries_[ticket & (entries_.size() - 1)]; }

  std::uint64_t append(std::uint64_t entry) {
    if (tail_ - head_ == entries_.size()) {
      grow();
    }
    at(tail_) = entry;
    bytes_ += entry >> 1;
    return tail_++;
  }

  void grow() {
    constexpr std::size_t kLeast = 16;
    std::vector<std::uint64_t> larger(std::max(kLeast, 2 * entries_.size()));
    for (std::uint64_t ticket = head_; ticket != tail_; ++ticket) {
      larger[ticket & (larger.size() - 1)] = at(ticket);
    }
    entries_ = std::move(larger);
  }

  // A queue from head_ to tail_, its length a power of two. An entry is its size doubled, plus 1 once released.
  std::vector<std::uint64_t> entries_;
  std::uint64_t head_ = 0;
  std::uint64_t tail_ = 0;
  std::size_t open_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace parley::ring::detail
