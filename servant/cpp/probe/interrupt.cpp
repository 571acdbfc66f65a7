#include "interrupt.hpp"

#include <pthread.h>

#include <csignal>

namespace parley::probe {

Interrupt::Interrupt() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  listener_ = std::thread([this, signals] {
    int signal = 0;
    while (!over_ && sigwait(&signals, &signal) == 0) {
      requested_ = true;
    }
  });
}

Interrupt::~Interrupt() {
  over_ = true;
  // The listener waits for nothing else.
  pthread_kill(listener_.native_handle(), SIGINT);
  listener_.join();
}

}  // namespace parley::probe
