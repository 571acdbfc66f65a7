#include "messages.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <vector>

namespace parley::detail {

namespace {

using Json = nlohmann::json;

/// A mistake in the parameters, to follow the method's name in a sentence.
class ParamsError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// The member of an object in any case; null for one that is absent or null.
const Json* member(const Json& object, std::string_view key) {
  for (const auto& [name, value] : object.items()) {
    if (same_letters(name, key)) {
      return value.is_null() ? nullptr : &value;
    }
  }
  return nullptr;
}

std::string text(const Json& object, const char* key) {
  const Json* value = member(object, key);
  if (value == nullptr) {
    return {};
  }
  if (!value->is_string()) {
    throw ParamsError(std::string(key) + " must be a string");
  }
  return value->get<std::string>();
}

std::optional<std::int64_t> integer(const Json& object, const char* key) {
  const Json* value = member(object, key);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_number_integer()) {
    throw ParamsError(std::string(key) + " must be a whole number");
  }
  return value->get<std::int64_t>();
}

/// A member that must be an array or an object, whichever example is; empty when it is absent.
const Json& collection(const Json& object, const char* key, const Json& example) {
  const Json* value = member(object, key);
  if (value != nullptr && value->type() != example.type()) {
    throw ParamsError(std::string(key) + " must be an " + example.type_name());
  }
  return value == nullptr ? example : *value;
}

const Json& no_array() {
  static const Json array = Json::array();
  return array;
}

const Json& no_object() {
  static const Json object = Json::object();
  return object;
}

/// Null stands for the empty string: a group that took no part.
std::string cell(const Json& value, const char* where) {
  if (!value.is_string() && !value.is_null()) {
    throw ParamsError(std::string(where) + " must hold strings");
  }
  return value.is_null() ? std::string() : value.get<std::string>();
}

std::vector<std::string> texts(const Json& object, const char* key) {
  std::vector<std::string> all;
  for (const Json& element : collection(object, key, no_array())) {
    all.push_back(cell(element, key));
  }
  return all;
}

std::optional<Table> table(const Json& params) {
  const Json* value = member(params, "Table");
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_object()) {
    throw ParamsError("Table must be an object");
  }
  std::vector<std::string> headers = texts(*value, "headers");
  std::vector<std::vector<std::string>> rows;
  for (const Json& row : collection(*value, "rows", no_array())) {
    if (!row.is_object()) {
      throw ParamsError("Table.rows must hold objects");
    }
    std::vector<std::string> cells;
    cells.reserve(headers.size());
    for (const std::string& header : headers) {
      const auto found = row.find(header);
      cells.push_back(found == row.end() ? std::string() : cell(*found, "Table.rows"));
    }
    rows.push_back(std::move(cells));
  }
  return Table(std::move(headers), std::move(rows));
}

std::optional<DocString> doc_string(const Json& params) {
  const Json* value = member(params, "DocString");
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_object()) {
    throw ParamsError("DocString must be an object");
  }
  return DocString{text(*value, "content"), text(*value, "mediaType")};
}

Initialize initialize(const Json& params) {
  Initialize request;
  request.role = text(params, "Role");
  request.platform = text(params, "Platform");
  request.scenario = text(params, "Scenario");
  request.test_run_id = text(params, "TestRunId");
  request.work_dir = text(params, "WorkDir");
  request.host_pid = integer(params, "HostPid").value_or(0);
  request.feature_id = integer(params, "FeatureId").value_or(0);
  request.step_timeout_ms = integer(params, "StepTimeoutMs").value_or(0);
  if (member(params, "ResourcePrefix") != nullptr) {
    request.resource_prefix = text(params, "ResourcePrefix");
  }
  for (const char* key : {"ScenarioId", "ResourcePrefix", "StepTimeoutMs", "WorkDir", "TraceParent"}) {
    request.current = request.current || member(params, key) != nullptr;
  }
  return request;
}

ExecuteStep execute_step(const Json& params) {
  ExecuteStep request;
  request.step_type = text(params, "StepType");
  request.step = text(params, "Step");
  for (const auto& [key, value] : collection(params, "Context", no_object()).items()) {
    request.context[key] = cell(value, "Context");
  }
  request.definition = integer(params, "Definition");
  request.input = {texts(params, "Arguments"), table(params), doc_string(params)};
  request.timeout_ms = integer(params, "TimeoutMs").value_or(0);
  request.step_id = text(params, "StepId");
  for (const char* key : {"Definition", "TimeoutMs", "StepId", "Table", "DocString"}) {
    request.current = request.current || member(params, key) != nullptr;
  }
  if (request.step.empty() && !request.definition) {
    throw ParamsError("neither Definition nor Step is set");
  }
  return request;
}

std::string id_text(const Json& id) {
  if (!id.is_string() && !id.is_number()) {
    throw ParamsError("an id must be a string or a number");
  }
  return id.dump();
}

CancelRequest cancel_request(const Json& params) {
  const Json* id = member(params, "id");
  if (id == nullptr) {
    throw ParamsError("it names no id");
  }
  return {id_text(*id)};
}

/// The one object of the parameters; some peers send it bare.
const Json& one_object(const Json& message) {
  const Json* params = member(message, "params");
  if (params != nullptr && params->is_array() && params->size() == 1) {
    params = &params->front();
  }
  if (params == nullptr || !params->is_object()) {
    throw ParamsError("expected an array with one object");
  }
  return *params;
}

void read_params(Request& request, const Json& message) {
  if (request.method == "initialize") {
    request.params = initialize(one_object(message));
  } else if (request.method == "executeStep") {
    request.params = execute_step(one_object(message));
  } else if (request.method == "$/cancelRequest") {
    request.params = cancel_request(one_object(message));
  }
}

Json parse(std::string_view body) {
  try {
    return Json::parse(body);
  } catch (const Json::exception& e) {
    throw RequestError(RpcCode::unparsable, std::string("the frame's body is not JSON: ") + e.what());
  }
}

}  // namespace

std::optional<Request> parse_request(std::string_view body) {
  const Json message = parse(body);
  if (!message.is_object()) {
    throw RequestError(RpcCode::invalid_request, "a message is one JSON object; batches are not part of the contract");
  }
  Request request;
  if (const Json* id = member(message, "id")) {
    try {
      request.id = id_text(*id);
    } catch (const ParamsError& e) {
      throw RequestError(RpcCode::invalid_request, e.what());
    }
  }
  const Json* method = member(message, "method");
  if (method == nullptr && (message.contains("result") || message.contains("error"))) {
    return std::nullopt;
  }
  if (method == nullptr || !method->is_string()) {
    throw RequestError(RpcCode::invalid_request, "a request needs a method", request);
  }
  request.method = method->get<std::string>();
  try {
    read_params(request, message);
  } catch (const ParamsError& e) {
    throw RequestError(RpcCode::invalid_params, "params of " + request.method + ": " + e.what(), request);
  }
  return request;
}

}  // namespace parley::detail
