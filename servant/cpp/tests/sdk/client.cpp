#include "client.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace parley::test {

Client::Client(int from_servant, int to_servant)
    : from_servant_(from_servant),
      to_servant_(to_servant),
      parser_([this](std::string_view line) { stray_.emplace_back(line); }) {}

void Client::send(const Json& message) {
  send_body(message.dump());
}

void Client::send_body(std::string_view body) {
  send_bytes("Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}

void Client::send_bytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::write(to_servant_, bytes.data(), bytes.size());
    if (sent < 0) {
      throw std::runtime_error("the servant does not read");
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

Json Client::receive() {
  constexpr int kStuckMs = 30'000;
  while (true) {
    if (const auto body = parser_.next()) {
      return Json::parse(*body);
    }
    pollfd polled{from_servant_, POLLIN, 0};
    if (::poll(&polled, 1, kStuckMs) == 0) {
      throw std::runtime_error("the servant says nothing");
    }
    std::array<char, 4096> chunk{};
    const ssize_t got = ::read(from_servant_, chunk.data(), chunk.size());
    if (got <= 0) {
      return nullptr;
    }
    parser_.feed({chunk.data(), static_cast<std::size_t>(got)});
  }
}

Json Client::call(const std::string& method, const Json& params) {
  const int id = ++last_id_;
  send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
  while (true) {
    Json message = receive();
    if (message.is_null()) {
      throw std::runtime_error("the servant ended before it answered " + method);
    }
    if (message.contains("id") && message["id"] == id) {
      return message;
    }
    notifications_.push_back(std::move(message));
  }
}

Json Client::result(const std::string& method, const Json& params) {
  const Json answer = call(method, params);
  if (!answer.contains("result")) {
    throw std::runtime_error(answer.dump());
  }
  return answer["result"];
}

void Client::initialize(const Json& more) {
  Json params{{"Role", "reader"}, {"Scenario", "Test 0.1 - An example"}, {"ResourcePrefix", "cell-"}};
  params.update(more);
  (void)result("initialize", Json::array({params}));
}

Json Client::step(const std::string& type, const std::string& text, const Json& more) {
  Json params{{"StepType", type}, {"Step", text}, {"StepId", "s1"}};
  params.update(more);
  return result("executeStep", Json::array({params}));
}

int Client::send_step(const std::string& type, const std::string& text, const Json& more) {
  Json params{{"StepType", type}, {"Step", text}, {"StepId", "s1"}};
  params.update(more);
  const int id = ++last_id_;
  send({{"jsonrpc", "2.0"}, {"id", id}, {"method", "executeStep"}, {"params", Json::array({params})}});
  return id;
}

}  // namespace parley::test
