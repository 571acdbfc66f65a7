#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages.hpp"
#include "outcome.hpp"
#include "parley/definition.hpp"
#include "step_record.hpp"

/// What the servant sends, as JSON. Texts that are no UTF-8 get U+FFFD in place of what is wrong. Contract: "Requests".
namespace parley::detail {

/// The version of the contract that this SDK speaks.
inline constexpr const char* kContractVersion = "1.1";
inline constexpr const char* kSdkVersion = "parley-cpp 0.1";

/// An answer; id and result are JSON.
std::string answer(const std::string& id, const std::string& result);
/// An answer that refuses; without an id, null stands for it.
std::string refusal(const std::optional<std::string>& id, RpcCode code, const std::string& message);

/// Results, to be put into an answer.
std::string health_result(const std::string& platform);
std::string discover_result(const std::vector<Definition>& definitions);
std::string initialize_result(bool current);
std::string step_result(const Outcome& outcome, const StepRecord::Contents& record, std::int64_t elapsed_ns);

/// Notifications.
std::string log_notification(const LogEntry& entry, const std::string& step_id);
std::string progress_notification(double done, double total, const std::string& unit, const std::string& step_id);

}  // namespace parley::detail
