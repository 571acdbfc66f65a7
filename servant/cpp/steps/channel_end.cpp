#include "channel_end.hpp"

#include <utility>

#include "ends.hpp"

namespace parley::steps {

namespace {

std::uint8_t flipped_bits(std::uint8_t byte) {
  return static_cast<std::uint8_t>(byte ^ 0xFFU);
}

void check_request(const ring::Frame& request, Location at) {
  check_pattern("request", request.view(), request.sequence(), at);
}

}  // namespace

bool ServerEnd::has_client() const {
  try {
    return server_.responses() != nullptr;
  } catch (const ring::Error& error) {
    if (error.kind() == ring::ErrorKind::NoReader) {
      return false;
    }
    throw;
  }
}

void ServerEnd::accept(const Cancellation& cancel) {
  server_.accept(watched(cancel));
}

ring::Frame ServerEnd::receive(const Cancellation& cancel) {
  return server_.receive(watched(cancel));
}

void ServerEnd::answer(std::uint64_t count, const std::function<void(const ring::Frame&)>& respond,
                       const Cancellation& cancel, Location at) {
  if (!has_client()) {
    accept(cancel);
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    ring::Frame request = receive(cancel);
    check_request(request, at);
    respond(request);
    request.release();
    ++answered_;
  }
}

void ServerEnd::echo(const ring::Frame& request, const Cancellation& cancel) {
  server_.respond(request.view(), watched(cancel));
}

void ServerEnd::flip(const ring::Frame& request, const Cancellation& cancel, Location at) {
  ring::Slot slot = server_.acquire(request.size(), watched(cancel));
  for (std::size_t i = 0; i < request.size(); ++i) {
    slot.data()[i] = flipped_bits(request.data()[i]);
  }
  slot.commit();
  check_request(request, at);
}

std::string ClientEnd::next(std::size_t size) const {
  return "send request " + std::to_string(sent_ + 1) + " of " + std::to_string(size) + " bytes";
}

void ClientEnd::send(std::size_t size, const Cancellation& cancel) {
  client_.send(content(size), watched(cancel));
  ++sent_;
}

void ClientEnd::send_in_place(std::size_t size, const Cancellation& cancel) {
  ring::Slot slot = client_.acquire(size, watched(cancel));
  ring::pattern::fill_frame(slot.data(), slot.size(), sent_ + 1);
  slot.commit();
  ++sent_;
}

ring::Frame ClientEnd::receive_any(const Cancellation& cancel) {
  return client_.receive(watched(cancel));
}

void ClientEnd::receive(std::size_t size, bool flipped, const Cancellation& cancel, Location at) {
  ring::Frame response = receive_any(cancel);
  check(response, size, flipped, at);
  response.release();
}

std::chrono::nanoseconds ClientEnd::round_trip(std::size_t size, const Cancellation& cancel, Location at) {
  const ring::View request = content(size);
  const auto start = std::chrono::steady_clock::now();
  ring::Frame response = client_.call(request, watched(cancel));
  const auto took = std::chrono::steady_clock::now() - start;
  ++sent_;
  check(response, size, false, at);
  response.release();
  return took;
}

ring::View ClientEnd::content(std::size_t size) {
  if (scratch_.size() < size) {
    scratch_.resize(size);
  }
  ring::pattern::fill_frame(scratch_.data(), size, sent_ + 1);
  return {scratch_.data(), size};
}

void ClientEnd::check(const ring::Frame& response, std::size_t size, bool flipped, Location at) {
  const std::uint64_t request = ++answered_;
  if (response.size() != size) {
    mismatch("bytes of response " + std::to_string(request), size, response.size(), at);
  }
  if (!flipped) {
    check_pattern("response", response.view(), request, at);
    return;
  }
  ring::Bytes expected(size);
  for (std::size_t i = 0; i < size; ++i) {
    expected[i] = flipped_bits(ring::pattern::frame_byte(i, request));
  }
  compare("response " + std::to_string(request), expected, response.view(), at);
}

ServerEnd& ChannelEnd::server(Location at) {
  auto* end = std::get_if<ServerEnd>(&end_);
  if (end == nullptr) {
    fail("this process has opened no channel, or has closed it; a step that opens one must come first", at);
  }
  return *end;
}

ClientEnd& ChannelEnd::client(Location at) {
  auto* end = std::get_if<ClientEnd>(&end_);
  if (end == nullptr) {
    fail("this process is connected to no channel; a step that connects to one must come first", at);
  }
  return *end;
}

ClientEnd& ChannelEnd::calling(Location at) {
  ClientEnd& end = client(at);
  if (const std::uint64_t unanswered = end.unanswered(); unanswered != 0) {
    fail(
        std::to_string(unanswered) + " requests have no response yet; a step that gets their responses must come first",
        at);
  }
  return end;
}

void ChannelEnd::set_timeout(std::chrono::nanoseconds timeout) {
  if (auto* server = std::get_if<ServerEnd>(&end_)) {
    server->set_timeout(timeout);
  } else if (auto* client = std::get_if<ClientEnd>(&end_)) {
    client->set_timeout(timeout);
  }
}

void ChannelEnd::close() {
  auto end = std::exchange(end_, std::monostate());
  if (auto* server = std::get_if<ServerEnd>(&end)) {
    server->close();
  } else if (auto* client = std::get_if<ClientEnd>(&end)) {
    client->close();
  }
}

}  // namespace parley::steps
