#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "parley/detail/binding.hpp"

/// What the coordinator sends. Contract: "Requests".
namespace parley::detail {

/// Parameters of initialize. Absent texts are empty, absent numbers 0.
struct Initialize {
  std::string role;
  std::string platform;
  std::string scenario;
  std::string test_run_id;
  std::string work_dir;
  std::int64_t host_pid = 0;
  std::int64_t feature_id = 0;
  std::int64_t step_timeout_ms = 0;
  /// Absent from a coordinator of contract 1.0.
  std::optional<std::string> resource_prefix;
  /// Whether a key of contract 1.1 came.
  bool current = false;
};

/// Parameters of executeStep.
struct ExecuteStep {
  std::string step_type;
  std::string step;
  std::map<std::string, std::string> context;
  /// The id that discover gave; absent when the servant is to match the text itself.
  std::optional<std::int64_t> definition;
  StepInput input;
  std::int64_t timeout_ms = 0;
  std::string step_id;
  bool current = false;
};

/// Parameters of $/cancelRequest: the id of a request as JSON.
struct CancelRequest {
  std::string id;
};

/// A request or, without an id, a notification.
struct Request {
  /// As JSON, to be sent back as it came.
  std::optional<std::string> id;
  std::string method;
  std::variant<std::monostate, Initialize, ExecuteStep, CancelRequest> params;
};

/// JSON-RPC's codes of errors.
enum class RpcCode {
  unparsable = -32700,
  invalid_request = -32600,
  unknown_method = -32601,
  invalid_params = -32602,
  internal = -32603
};

/// A request that is broken, and is answered with an error.
class RequestError : public std::runtime_error {
 public:
  RequestError(RpcCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  RequestError(RpcCode code, const std::string& message, Request request)
      : std::runtime_error(message), code_(code), request_(std::move(request)) {}

  RpcCode code() const noexcept { return code_; }
  /// Id and method as far as they are known; a notification has a method and no id.
  const Request& request() const noexcept { return request_; }

 private:
  RpcCode code_;
  Request request_;
};

/// Reads the body of a frame; nothing for an answer, as a servant asks nothing. Throws RequestError.
std::optional<Request> parse_request(std::string_view body);

}  // namespace parley::detail
