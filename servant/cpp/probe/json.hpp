#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::probe {

/// Writes one JSON object on one line, its members in the order of the calls.
class JsonObject {
 public:
  JsonObject& add(std::string_view key, bool value);
  JsonObject& add(std::string_view key, std::uint64_t value);
  /// `value` is finite.
  JsonObject& add(std::string_view key, double value);
  JsonObject& add(std::string_view key, std::string_view value);
  /// `json` is JSON already.
  JsonObject& add_json(std::string_view key, const std::string& json);

  std::string text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

}  // namespace parley::probe
