#include "answers.hpp"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base64.hpp"

namespace parley::detail {

namespace {

using Json = nlohmann::json;

std::string written(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string notification(const char* method, Json params) {
  return written({{"jsonrpc", "2.0"}, {"method", method}, {"params", Json::array({std::move(params)})}});
}

Json log_entry(const LogEntry& entry) {
  return {{"timestamp", entry.timestamp}, {"level", static_cast<int>(entry.level)}, {"message", entry.message}};
}

Json failure(const Outcome& outcome) {
  if (outcome.failure_type.empty()) {
    return nullptr;
  }
  Json parts{{"type", outcome.failure_type}, {"message", outcome.error}};
  const auto add = [&parts](const char* key, const std::string& text) {
    if (!text.empty()) {
      parts[key] = text;
    }
  };
  add("stack", outcome.stack);
  add("expected", outcome.expected);
  add("actual", outcome.actual);
  return parts;
}

}  // namespace

std::string answer(const std::string& id, const std::string& result) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + result + "}";
}

std::string refusal(const std::optional<std::string>& id, RpcCode code, const std::string& message) {
  const Json error{{"code", static_cast<int>(code)}, {"message", message}};
  return R"({"jsonrpc":"2.0","id":)" + id.value_or("null") + R"(,"error":)" + written(error) + "}";
}

std::string health_result(const std::string& platform) {
  return written({{"ok", true},
                  {"contract", kContractVersion},
                  {"platform", platform},
                  {"sdk", kSdkVersion},
                  {"pid", getpid()},
                  {"capabilities", {"table", "docString", "cancel", "logs", "reset"}}});
}

std::string discover_result(const std::vector<Definition>& definitions) {
  Json steps = Json::array();
  for (const Definition& definition : definitions) {
    Json step{{"id", steps.size() + 1},
              {"type", definition.type()},
              {"pattern", definition.pattern()},
              {"source", to_string(definition.location())}};
    if (!definition.summary().empty()) {
      step["summary"] = definition.summary();
    }
    steps.push_back(std::move(step));
  }
  return written({{"steps", std::move(steps)}});
}

std::string initialize_result(bool current) {
  return current ? R"({"ok":true})" : "true";
}

std::string step_result(const Outcome& outcome, const StepRecord::Contents& record, std::int64_t elapsed_ns) {
  const bool passed = outcome.status == Status::passed;
  Json logs = Json::array();
  for (const LogEntry& entry : record.logs) {
    logs.push_back(log_entry(entry));
  }
  Json attachments = Json::array();
  for (const Attachment& attachment : record.attachments) {
    attachments.push_back(
        {{"name", attachment.name}, {"mediaType", attachment.media_type}, {"body", base64(attachment.body)}});
  }
  return written({{"success", passed},
                  {"error", passed ? Json() : Json(outcome.error)},
                  {"context", Json::object_t(record.changes.begin(), record.changes.end())},
                  {"logs", std::move(logs)},
                  {"status", to_string(outcome.status)},
                  {"elapsedNs", elapsed_ns},
                  {"attachments", std::move(attachments)},
                  {"failure", failure(outcome)}});
}

std::string log_notification(const LogEntry& entry, const std::string& step_id) {
  Json line = log_entry(entry);
  if (!step_id.empty()) {
    line["stepId"] = step_id;
  }
  return notification("log", std::move(line));
}

std::string progress_notification(double done, double total, const std::string& unit, const std::string& step_id) {
  return notification("progress", {{"stepId", step_id}, {"done", done}, {"total", total}, {"unit", unit}});
}

}  // namespace parley::detail
