#include "step_record.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace parley::detail {

namespace {

std::string timestamp() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count() % 1'000'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> date{};
  std::array<char, 16> fraction{};
  const std::size_t length = std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  (void)std::snprintf(fraction.data(), fraction.size(), ".%06ldZ", static_cast<long>(micros));
  return std::string(date.data(), length) + fraction.data();
}

}  // namespace

void StepRecord::log(Level level, std::string message) {
  const std::lock_guard lock(mutex_);
  if (closed_) {
    (void)std::fprintf(stderr, "%s\n", message.c_str());
    return;
  }
  if (message.size() > kMaxLogBytes) {
    message.resize(kMaxLogBytes);
    message += "… (cut)";
  }
  log_bytes_ += message.size();
  logs_.push_back({timestamp(), level, std::move(message)});
  while (logs_.size() > 1 && (logs_.size() > kMaxLogLines || log_bytes_ > kMaxLogBytes)) {
    log_bytes_ -= logs_.front().message.size();
    logs_.pop_front();
    ++dropped_logs_;
  }
  if (live_) {
    live_(logs_.back());
  }
}

void StepRecord::attach(Attachment attachment) {
  const std::lock_guard lock(mutex_);
  if (attachment.body.size() > kMaxAttachments - attached_) {
    throw std::length_error("attachment '" + attachment.name + "' of " + std::to_string(attachment.body.size()) +
                            " bytes, after " + std::to_string(attached_) + " attached before, exceeds the limit of " +
                            std::to_string(kMaxAttachments) + " bytes for one step");
  }
  attached_ += attachment.body.size();
  attachments_.push_back(std::move(attachment));
}

void StepRecord::set(const std::string& key, std::string value) {
  const std::lock_guard lock(mutex_);
  shared_[key] = value;
  changes_[key] = std::move(value);
}

std::map<std::string, std::string> StepRecord::shared() const {
  const std::lock_guard lock(mutex_);
  return shared_;
}

StepRecord::Contents StepRecord::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  Contents contents;
  if (dropped_logs_ > 0) {
    contents.logs.push_back(
        {logs_.front().timestamp, Level::warning, std::to_string(dropped_logs_) + " lines before this one left out"});
  }
  std::move(logs_.begin(), logs_.end(), std::back_inserter(contents.logs));
  contents.attachments = std::exchange(attachments_, {});
  contents.changes = std::exchange(changes_, {});
  logs_.clear();
  return contents;
}

void StepRecord::while_open(const std::function<void()>& send) const {
  const std::lock_guard lock(mutex_);
  if (!closed_) {
    send();
  }
}

}  // namespace parley::detail
