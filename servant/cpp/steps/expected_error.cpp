#include "expected_error.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <variant>
#include <vector>

namespace parley::steps {

namespace {

constexpr std::string_view kNaming = " naming ";
constexpr const char* kSee = "; see the errors of the ring's documentation";

/// The names of the details that a kind carries.
std::vector<std::string> carried(ring::ErrorKind kind) {
  std::vector<std::string> names;
  for (const auto& [name, value] : ring::Error(kind, {}).details()) {
    names.push_back(name);
  }
  return names;
}

/// The symbol of an errno, such as ENOSPC; its number if it has none.
std::string symbol(std::uint64_t number) {
  const char* name = strerrorname_np(static_cast<int>(number));
  return name == nullptr ? std::to_string(number) : name;
}

/// What an error carries, as features write it.
std::vector<std::pair<std::string, std::string>> details_of(const ring::Error& error) {
  std::vector<std::pair<std::string, std::string>> details;
  for (const auto& [name, value] : error.details()) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      details.emplace_back(name, *text);
    } else {
      const auto number = std::get<std::uint64_t>(value);
      details.emplace_back(name, name == "errno" ? symbol(number) : std::to_string(number));
    }
  }
  return details;
}

}  // namespace

ExpectedError::ExpectedError(std::string text) : text_(std::move(text)) {
  const std::size_t naming = text_.find(kNaming);
  if (naming != std::string::npos) {
    words_ = text_.substr(naming + kNaming.size());
    if (words_.empty()) {
      throw std::invalid_argument("the error '" + text_ +
                                  "' names nothing; put the words that its message must have behind 'naming'");
    }
  }
  std::istringstream parts(text_.substr(0, naming));
  std::string part;
  if (!(parts >> part)) {
    throw std::invalid_argument("the error '" + text_ + "' has no name" + kSee);
  }
  const std::optional<ring::ErrorKind> kind = ring::parse_kind(part);
  if (!kind) {
    throw std::invalid_argument("the ring has no error named '" + part + "'" + kSee);
  }
  kind_ = *kind;
  while (parts >> part) {
    add(part);
  }
}

void ExpectedError::add(const std::string& part) {
  const std::size_t equals = part.find('=');
  if (equals == std::string::npos) {
    throw std::invalid_argument("'" + part + "' in the error '" + text_ + "' is no detail; write detail=value");
  }
  const std::string name = part.substr(0, equals);
  const std::vector<std::string> names = carried(kind_);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    throw std::invalid_argument("the error " + std::string(to_string(kind_)) + " carries no detail named '" + name +
                                "'" + kSee);
  }
  if (!details_.emplace(name, part.substr(equals + 1)).second) {
    throw std::invalid_argument("the error '" + text_ + "' has the detail '" + name + "' twice");
  }
}

bool ExpectedError::is_met_by(const ring::Error& error) const {
  if (error.kind() != kind_ || std::string_view(error.what()).find(words_) == std::string_view::npos) {
    return false;
  }
  const auto found = details_of(error);
  return std::all_of(details_.begin(), details_.end(), [&found](const auto& wanted) {
    return std::find(found.begin(), found.end(), std::pair<std::string, std::string>(wanted)) != found.end();
  });
}

void ExpectedError::check(const std::string& doing, const ring::Error& error, Location at) const {
  if (!is_met_by(error)) {
    throw Failure({doing + ": error", text_, describe(error), std::string(to_string(error.kind()))}, at);
  }
}

std::string describe(const ring::Error& error) {
  std::string all(to_string(error.kind()));
  for (const auto& [name, value] : details_of(error)) {
    all += " " + name + "=" + value;
  }
  return all + " (" + error.what() + ")";
}

void expect_error(const ExpectedError& expected, const std::string& doing, const std::function<std::string()>& action,
                  Location at) {
  std::string success;
  try {
    success = action();
  } catch (const ring::Error& error) {
    expected.check(doing, error, at);
    return;
  }
  mismatch(doing + ": error", expected.text(), success, at);
}

}  // namespace parley::steps
