#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parley/scenario.hpp"

namespace parley::detail {

/// Contract: "Result of executeStep", logs.
struct LogEntry {
  /// UTC, in microseconds: 2026-01-31T10:00:00.123456Z.
  std::string timestamp;
  Level level;
  std::string message;
};

/// Contract: "Result of executeStep", attachments.
struct Attachment {
  std::string name;
  std::string media_type;
  std::string body;
};

/// What one step leaves for the coordinator. For any thread, also one that outlives its step.
class StepRecord {
 public:
  /// The size of all attachments of one step, in bytes. It keeps a result, whose attachments travel as base64, below
  /// the limit of a frame.
  static constexpr std::size_t kMaxAttachments = std::size_t{32} << 20;

  using LiveLog = std::function<void(const LogEntry&)>;

  /// shared is the scenario's map as it came with the step; live is told each log line at once, and may be empty.
  StepRecord(std::map<std::string, std::string> shared, LiveLog live)
      : shared_(std::move(shared)), live_(std::move(live)) {}

  void log(Level level, std::string message);
  void attach(Attachment attachment);
  void set(const std::string& key, std::string value);
  std::map<std::string, std::string> shared() const;

  struct Contents {
    std::vector<LogEntry> logs;
    std::vector<Attachment> attachments;
    /// Only what this step set: an echo of the whole map would undo what another process set meanwhile.
    std::map<std::string, std::string> changes;
  };

  /// Takes everything: the step is being answered. What is logged after that goes to standard error.
  Contents close();

  /// Calls send unless the step has been answered; no answer is sent meanwhile.
  void while_open(const std::function<void()>& send) const;

 private:
  // A result carries the last lines; live notifications carry all of them.
  static constexpr std::size_t kMaxLogLines = 10'000;
  static constexpr std::size_t kMaxLogBytes = std::size_t{4} << 20;

  mutable std::mutex mutex_;
  std::map<std::string, std::string> shared_;
  std::map<std::string, std::string> changes_;
  LiveLog live_;
  std::deque<LogEntry> logs_;
  std::size_t log_bytes_ = 0;
  std::size_t dropped_logs_ = 0;
  std::vector<Attachment> attachments_;
  std::size_t attached_ = 0;
  bool closed_ = false;
};

}  // namespace parley::detail
