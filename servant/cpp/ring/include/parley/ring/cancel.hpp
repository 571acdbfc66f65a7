#pragma once

#include <atomic>

namespace parley::ring {

/// A token that ends a wait within 100 milliseconds, with Cancelled, once its flag is true. The flag belongs to the
/// caller and outlives the call. An empty token never cancels.
class Cancel {
 public:
  Cancel() = default;
  /// `flag` may be null.
  // A flag is a token wherever one is asked for.
  Cancel(const std::atomic<bool>* flag) : flag_(flag) {}  // NOLINT(google-explicit-constructor)

  bool requested() const { return flag_ != nullptr && flag_->load(std::memory_order_relaxed); }

 private:
  const std::atomic<bool>* flag_ = nullptr;
};

}  // namespace parley::ring
