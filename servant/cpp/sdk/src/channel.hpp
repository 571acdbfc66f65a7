#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "frame_parser.hpp"

namespace parley::detail {

/// The connection to the coordinator: frames in on one descriptor, out on another. Contract: "Framing".
class Channel {
 public:
  /// The descriptors stay the caller's.
  Channel(int input, int output);

  int input() const noexcept { return input_; }

  /// Reads what there is, blocking for the first byte; false at the end of the input.
  bool receive();
  /// The next body that has been received; see FrameParser::next.
  std::optional<std::string_view> next() { return parser_.next(); }

  /// Sends a body in one frame. For any thread. A coordinator that is gone is no error: the end of the input tells.
  void send(std::string_view body);

 private:
  int input_;
  int output_;
  FrameParser parser_;
  std::mutex sending_;
};

}  // namespace parley::detail
