#include "holds.hpp"

namespace parley::steps {

Holds::Next Holds::next(std::uint64_t sequence) {
  const std::uint64_t x = random_.next();
  held_.push_back(sequence);
  Next next{{}, std::chrono::microseconds((x >> 16U) % pauses_)};
  while (!held_.empty() && held_.front() + most_ <= sequence) {
    next.release.push_back(held_.front());
    held_.pop_front();
  }
  while (held_.size() > x % (most_ + 1)) {
    if ((x >> 8U & 1U) == 0) {
      next.release.push_back(held_.front());
      held_.pop_front();
    } else {
      next.release.push_back(held_.back());
      held_.pop_back();
    }
  }
  return next;
}

std::vector<std::uint64_t> Holds::rest() {
  std::vector<std::uint64_t> rest(held_.begin(), held_.end());
  held_.clear();
  return rest;
}

}  // namespace parley::steps
