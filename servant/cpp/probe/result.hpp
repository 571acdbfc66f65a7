#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace parley::probe {

enum ExitStatus : int {
  kExitOk = 0,
  kExitFailed = 1,
  kExitWords = 2,
  kExitSetup = 3,
  kExitInterrupted = 130,
};

/// A command that did not succeed, by the name that all languages share: the ring's, or that of a check of the probe.
class Failure : public std::runtime_error {
 public:
  Failure(std::string error, const std::string& message, ExitStatus status = kExitFailed)
      : std::runtime_error(message), error_(std::move(error)), status_(status) {}

  const std::string& error() const { return error_; }
  ExitStatus status() const { return status_; }
  std::string json() const;

 private:
  std::string error_;
  ExitStatus status_;
};

/// The exception that is being handled, as a Failure whose message begins with `progress`. `status` is for the ring's
/// errors.
Failure current_failure(const std::string& progress, ExitStatus status = kExitFailed);

/// Calls `work`; what it throws becomes a Failure of a command that could not begin.
template <typename Work>
auto setting_up(const Work& work) {
  try {
    return work();
  } catch (const std::exception&) {
    throw current_failure("", kExitSetup);
  }
}

/// The result of read, write and pong.
struct Transfer {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::uint64_t metadata_length = 0;
  std::chrono::nanoseconds time{0};

  std::string json() const;
  /// How far it came, for the beginning of an error's message: "after 4 frames: ".
  std::string progress(const std::string& what = "frames") const;
};

/// The result of ping.
struct Latency {
  std::uint64_t size = 0;
  /// At least one.
  std::vector<std::chrono::nanoseconds> samples;

  std::string json() const;
};

}  // namespace parley::probe
