#pragma once

#include <atomic>
#include <thread>

#include "parley/ring/cancel.hpp"

namespace parley::probe {

/// Turns SIGINT and SIGTERM into a cancellation, so that an interrupted command ends by itself and removes its buffer.
/// To be made before any other thread, which would not block the signals.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  Interrupt(Interrupt&&) = delete;
  Interrupt& operator=(Interrupt&&) = delete;

  ring::Cancel token() const { return &requested_; }

 private:
  std::atomic<bool> requested_{false};
  std::atomic<bool> over_{false};
  std::thread listener_;
};

}  // namespace parley::probe
