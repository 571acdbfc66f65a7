#include "parley/cancellation.hpp"

namespace parley {

void Cancellation::check() const {
  if (requested()) {
    throw Cancelled();
  }
}

bool Cancellation::wait_for(std::chrono::nanoseconds duration) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, duration, [this] { return requested(); });
}

void Cancellation::request() const {
  {
    const std::lock_guard lock(state_->mutex);
    state_->requested.store(true, std::memory_order_release);
  }
  state_->changed.notify_all();
}

}  // namespace parley
