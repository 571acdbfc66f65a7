#include "json.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace parley::probe {
namespace {

std::string quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < ' ') {
      std::array<char, 8> escape{};
      static_cast<void>(
          std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c))));
      quoted += escape.data();
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace

JsonObject& JsonObject::add(std::string_view key, bool value) {
  return add_json(key, value ? "true" : "false");
}

JsonObject& JsonObject::add(std::string_view key, std::uint64_t value) {
  return add_json(key, std::to_string(value));
}

JsonObject& JsonObject::add(std::string_view key, double value) {
  std::array<char, 32> digits{};
  auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return add_json(key, std::string(digits.data(), end));
}

JsonObject& JsonObject::add(std::string_view key, std::string_view value) {
  return add_json(key, quoted(value));
}

JsonObject& JsonObject::add_json(std::string_view key, const std::string& json) {
  members_ += (members_.empty() ? "" : ",") + quoted(key) + ":" + json;
  return *this;
}

}  // namespace parley::probe
