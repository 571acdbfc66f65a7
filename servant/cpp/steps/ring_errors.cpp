#include "ring_errors.hpp"

#include <optional>
#include <stdexcept>

namespace parley {

ring::ErrorKind Argument<ring::ErrorKind>::from(std::string_view text) {
  const std::optional<ring::ErrorKind> kind = ring::parse_kind(text);
  if (!kind) {
    throw std::invalid_argument("the ring has no error named '" + std::string(text) +
                                "'; see the errors of the ring's documentation");
  }
  return *kind;
}

namespace steps {

void expect_error(ring::ErrorKind expected, const std::string& doing, const std::function<std::string()>& action,
                  Location at) {
  const std::string wanted(to_string(expected));
  std::string success;
  try {
    success = action();
  } catch (const ring::Error& e) {
    if (e.kind() == expected) {
      return;
    }
    const std::string kind(to_string(e.kind()));
    throw Failure({doing + ": error", wanted, kind + " (" + e.what() + ")", kind}, at);
  }
  mismatch(doing + ": error", wanted, success, at);
}

}  // namespace steps

}  // namespace parley
