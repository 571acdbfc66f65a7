#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "frame_parser.hpp"

namespace parley::test {

using Json = nlohmann::json;

/// The coordinator's end of a conversation, over descriptors that stay the caller's.
class Client {
 public:
  Client(int from_servant, int to_servant);

  void send(const Json& message);
  /// Sends a body in a frame as it stands.
  void send_body(std::string_view body);
  /// Sends bytes without a frame.
  void send_bytes(std::string_view bytes);

  /// The next message; null at the end. Throws when there is none for half a minute.
  Json receive();

  /// The answer to a request; notifications before it are kept in notifications().
  Json call(const std::string& method, const Json& params = Json::array());
  /// The result of a request.
  Json result(const std::string& method, const Json& params = Json::array());
  /// Begins a scenario with the prefix "cell-".
  void initialize(const Json& more = Json::object());
  /// The result of a step by its text; more is added to the parameters.
  Json step(const std::string& type, const std::string& text, const Json& more = Json::object());
  /// Sends a step and returns its id.
  int send_step(const std::string& type, const std::string& text, const Json& more = Json::object());

  const std::vector<Json>& notifications() const { return notifications_; }
  /// What came outside of frames, line by line.
  const std::vector<std::string>& stray() const { return stray_; }

 private:
  int from_servant_;
  int to_servant_;
  int last_id_ = 0;
  std::vector<std::string> stray_;
  std::vector<Json> notifications_;
  detail::FrameParser parser_;
};

}  // namespace parley::test
