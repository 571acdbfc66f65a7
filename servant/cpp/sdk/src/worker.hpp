#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace parley::detail {

/// A thread for what may block: steps and clean-ups, one at a time.
class Worker {
 public:
  Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  Worker(Worker&&) = delete;
  Worker& operator=(Worker&&) = delete;
  /// Waits for the task that runs.
  ~Worker();

  /// Runs a task that throws nothing; the one before has ended.
  void run(std::function<void()> task);

  /// Gives up the task that runs, which may never end: its thread goes on alone and ends with it, and another takes its
  /// place.
  void replace();

 private:
  struct Mailbox {
    std::mutex mutex;
    std::condition_variable changed;
    std::function<void()> task;
    bool closed = false;
  };

  static void work(Mailbox& mailbox);
  void start();
  void close();

  std::shared_ptr<Mailbox> mailbox_;
  std::thread thread_;
};

}  // namespace parley::detail
