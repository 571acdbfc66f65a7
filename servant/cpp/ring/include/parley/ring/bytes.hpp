#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace parley::ring {

using Bytes = std::vector<std::uint8_t>;

/// Bytes that belong to somebody else.
struct View {
  View() = default;
  View(const void* bytes, std::size_t length) : data(static_cast<const std::uint8_t*>(bytes)), size(length) {}
  // Any container of bytes is a view of them, as for std::span.
  View(const Bytes& bytes) : View(bytes.data(), bytes.size()) {}   // NOLINT(google-explicit-constructor)
  View(std::string_view text) : View(text.data(), text.size()) {}  // NOLINT(google-explicit-constructor)

  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
};

}  // namespace parley::ring
