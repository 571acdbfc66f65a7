#include "channel.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

namespace parley::detail {

Channel::Channel(int input, int output)
    : input_(input), output_(output), parser_([](std::string_view line) {
        (void)std::fprintf(stderr, "servant: no frame, ignored: %.*s\n", static_cast<int>(line.size()), line.data());
      }) {}

bool Channel::receive() {
  constexpr std::size_t kChunkSize = std::size_t{64} << 10;
  std::array<char, kChunkSize> chunk;  // NOLINT(cppcoreguidelines-pro-type-member-init): read fills it
  ssize_t got = 0;
  do {
    got = ::read(input_, chunk.data(), chunk.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    (void)std::fprintf(stderr, "servant: read the input: %s\n", std::generic_category().message(errno).c_str());
  }
  if (got <= 0) {
    return false;
  }
  parser_.feed({chunk.data(), static_cast<std::size_t>(got)});
  return true;
}

void Channel::send(std::string_view body) {
  std::string frame = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  frame += body;
  const std::lock_guard lock(sending_);
  for (std::string_view rest = frame; !rest.empty();) {
    const ssize_t sent = ::write(output_, rest.data(), rest.size());
    if (sent >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EINTR) {
      (void)std::fprintf(stderr, "servant: write to the coordinator: %s\n",
                         std::generic_category().message(errno).c_str());
      return;
    }
  }
}

}  // namespace parley::detail
