#include "frame_parser.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <system_error>
#include <utility>

namespace parley::detail {

namespace {

constexpr std::size_t kMaxLine = std::size_t{16} << 10;

std::string_view trimmed(std::string_view text) {
  constexpr const char* kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_length_header(std::string_view name) {
  constexpr std::string_view kWanted = "content-length";
  return std::equal(name.begin(), name.end(), kWanted.begin(), kWanted.end(),
                    [](unsigned char c, char lower) { return std::tolower(c) == lower; });
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && rest == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

void FrameParser::feed(std::string_view bytes) {
  buffer_.erase(0, std::exchange(at_, 0));
  buffer_ += bytes;
}

std::optional<std::string_view> FrameParser::next() {
  const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, rest().size()));
  at_ += skipped;
  skip_ -= skipped;
  while (!in_body_) {
    const auto text = line();
    if (!text) {
      return std::nullopt;
    }
    if (!text->empty()) {
      header(*text);
    } else if (length_ && *length_ > kMaxFrame) {
      skip_ = *length_;
      length_.reset();
      throw FrameTooLarge(skip_);
    } else {
      in_body_ = length_.has_value();
    }
  }
  if (rest().size() < *length_) {
    return std::nullopt;
  }
  const std::string_view body = rest().substr(0, static_cast<std::size_t>(*length_));
  at_ += body.size();
  length_.reset();
  in_body_ = false;
  return body;
}

/// The next line without its end; an overlong one comes in pieces.
std::optional<std::string_view> FrameParser::line() {
  const std::string_view bytes = rest();
  const std::size_t end = bytes.substr(0, kMaxLine).find('\n');
  if (end == std::string_view::npos && bytes.size() < kMaxLine) {
    return std::nullopt;
  }
  at_ += std::min(end == std::string_view::npos ? kMaxLine : end + 1, bytes.size());
  std::string_view text = bytes.substr(0, std::min(end, kMaxLine));
  if (!text.empty() && text.back() == '\r') {
    text.remove_suffix(1);
  }
  return text;
}

void FrameParser::header(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view name = colon == std::string_view::npos ? std::string_view() : trimmed(line.substr(0, colon));
  if (is_length_header(name)) {
    length_ = number(trimmed(line.substr(colon + 1)));
    if (length_) {
      return;
    }
  } else if (!name.empty() && name.find(' ') == std::string_view::npos) {
    return;
  }
  length_.reset();
  stray_(line);
}

}  // namespace parley::detail
