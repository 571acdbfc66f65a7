#include "parley/failure.hpp"

#include <utility>

namespace parley {

namespace {

std::string message_of(const Failure::Parts& parts) {
  if (parts.expected.empty() && parts.actual.empty()) {
    return parts.message;
  }
  return parts.message + ": expected " + parts.expected + ", got " + parts.actual;
}

}  // namespace

Failure::Failure(Parts parts, Location at) : std::runtime_error(message_of(parts)), parts_(std::move(parts)), at_(at) {}

void fail(std::string message, Location at) {
  throw Failure({std::move(message)}, at);
}

void pending(const std::string& reason) {
  throw Pending(reason);
}

void skip(const std::string& reason) {
  throw Skipped(reason);
}

}  // namespace parley
