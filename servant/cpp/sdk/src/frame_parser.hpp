#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace parley::detail {

/// The largest body of a frame, in bytes. Contract: "Framing".
inline constexpr std::size_t kMaxFrame = std::size_t{64} << 20;

/// A frame announced more than kMaxFrame; it is passed over.
class FrameTooLarge : public std::runtime_error {
 public:
  explicit FrameTooLarge(std::uint64_t length)
      : std::runtime_error("frame of " + std::to_string(length) + " bytes refused; the limit is " +
                           std::to_string(kMaxFrame) + " bytes (64 MiB)") {}
};

/// Finds frames in a stream of bytes: headers in any case, unknown ones ignored, lines that are no header passed over
/// up to the next Content-Length. Contract: "Framing".
class FrameParser {
 public:
  /// stray is told each line that belongs to no frame.
  explicit FrameParser(std::function<void(std::string_view)> stray) : stray_(std::move(stray)) {}

  /// Adds bytes as they arrive.
  void feed(std::string_view bytes);

  /// The body of the next frame, valid until the next feed; nothing until more bytes come. Throws FrameTooLarge; the
  /// next call goes on behind that frame.
  std::optional<std::string_view> next();

 private:
  std::optional<std::string_view> line();
  void header(std::string_view line);
  std::string_view rest() const { return std::string_view(buffer_).substr(at_); }

  std::function<void(std::string_view)> stray_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t skip_ = 0;
  std::optional<std::uint64_t> length_;  // of the frame whose headers are being read
  bool in_body_ = false;
};

}  // namespace parley::detail
