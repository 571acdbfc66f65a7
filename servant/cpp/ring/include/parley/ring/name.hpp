#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "parley/ring/error.hpp"

namespace parley::ring {

/// The greatest length of a buffer's name in bytes.
inline constexpr std::size_t kMaxName = 245;

/// The paths of the four objects of a buffer (ring protocol, "Objects of a buffer").
struct Objects {
  std::string segment;
  std::string data_semaphore;
  std::string space_semaphore;
  std::string lock;
};

namespace detail {

inline constexpr const char* kShmDir = "/dev/shm";
inline constexpr const char* kLockDir = "/tmp/zerobuffer";

constexpr bool name_may_have(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace detail

/// Says whether `name` may name a buffer: 1 to 245 bytes of A-Z a-z 0-9 . _ -, not starting with a dot (ring protocol,
/// "Objects of a buffer").
/// @throws Error InvalidName.
inline void check_name(std::string_view name) {
  std::string why;
  if (name.empty()) {
    why = "it is empty";
  } else if (name.size() > kMaxName) {
    why = "it has " + std::to_string(name.size()) + " bytes";
  } else if (name.front() == '.') {
    why = "it starts with a dot";
  } else {
    const auto* wrong = std::find_if_not(name.begin(), name.end(), detail::name_may_have);
    if (wrong == name.end()) {
      return;
    }
    why = "byte " + std::to_string(wrong - name.begin()) + " is " +
          std::to_string(static_cast<unsigned>(static_cast<unsigned char>(*wrong)));
  }
  throw Error::of(ErrorKind::InvalidName, name, 0,
                  why + "; use 1 to 245 of A-Z a-z 0-9 . _ -, not starting with a dot");
}

/// The paths of the buffer called `name`, which is not checked.
inline Objects objects(std::string_view name) {
  const std::string shm = std::string(detail::kShmDir) + "/";
  const std::string base(name);
  return {shm + base, shm + "sem.sem-w-" + base, shm + "sem.sem-r-" + base,
          std::string(detail::kLockDir) + "/" + base + ".lock"};
}

}  // namespace parley::ring
