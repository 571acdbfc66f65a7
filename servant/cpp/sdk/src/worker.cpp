#include "worker.hpp"

#include <utility>

namespace parley::detail {

Worker::Worker() {
  start();
}

Worker::~Worker() {
  close();
  thread_.join();
}

void Worker::run(std::function<void()> task) {
  {
    const std::lock_guard lock(mailbox_->mutex);
    mailbox_->task = std::move(task);
  }
  mailbox_->changed.notify_one();
}

void Worker::replace() {
  close();
  thread_.detach();
  start();
}

void Worker::work(Mailbox& mailbox) {
  std::unique_lock lock(mailbox.mutex);
  while (true) {
    mailbox.changed.wait(lock, [&mailbox] { return mailbox.task || mailbox.closed; });
    if (!mailbox.task) {
      return;
    }
    std::function<void()> task = std::exchange(mailbox.task, nullptr);
    lock.unlock();
    task();
    // It may hold the last reference to a scenario, whose end may block.
    task = nullptr;
    lock.lock();
  }
}

void Worker::start() {
  mailbox_ = std::make_shared<Mailbox>();
  thread_ = std::thread([mailbox = mailbox_] { work(*mailbox); });
}

void Worker::close() {
  {
    const std::lock_guard lock(mailbox_->mutex);
    mailbox_->closed = true;
  }
  mailbox_->changed.notify_one();
}

}  // namespace parley::detail
