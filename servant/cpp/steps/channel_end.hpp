#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "parley/ring.hpp"
#include "parley/servant.hpp"

namespace parley::steps {

/// A duplex channel that this process has opened.
class ServerEnd {
 public:
  explicit ServerEnd(ring::DuplexServer server) : server_(std::move(server)) {}

  /// The requests answered since the channel was opened.
  std::uint64_t answered() const noexcept { return answered_; }

  void set_timeout(std::chrono::nanoseconds timeout) { server_.set_timeout(timeout); }
  void accept(const Cancellation& cancel);
  ring::Frame receive(const Cancellation& cancel);

  /// Answers requests, accepting the client first if there is none. Each request is checked before.
  void answer(std::uint64_t count, const std::function<void(const ring::Frame&)>& respond, const Cancellation& cancel,
              Location at = Location::here());
  /// Answers with the request's own bytes.
  void echo(const ring::Frame& request, const Cancellation& cancel);
  /// Answers with every bit flipped, made in place; the request must stay as it was.
  void flip(const ring::Frame& request, const Cancellation& cancel, Location at = Location::here());

  void close() { server_.close(); }

 private:
  bool has_client() const;

  ring::DuplexServer server_;
  std::uint64_t answered_ = 0;
};

/// A duplex channel that this process is connected to. Request n, from 1, carries the pattern of the frame with that
/// sequence number.
class ClientEnd {
 public:
  explicit ClientEnd(ring::DuplexClient client) : client_(std::move(client)) {}

  /// How many requests have no response yet.
  std::uint64_t unanswered() const noexcept { return sent_ - answered_; }
  /// Describes the request that send would send.
  std::string next(std::size_t size) const;

  void set_timeout(std::chrono::nanoseconds timeout) { client_.set_timeout(timeout); }
  /// Sends the next request.
  void send(std::size_t size, const Cancellation& cancel);
  /// Sends the next request, written into shared memory itself.
  void send_in_place(std::size_t size, const Cancellation& cancel);
  /// Gets the response to the oldest request that has none yet, whatever it is.
  ring::Frame receive_any(const Cancellation& cancel);
  /// Gets that response and checks every byte: those of the request, or each with every bit flipped.
  void receive(std::size_t size, bool flipped, const Cancellation& cancel, Location at = Location::here());
  /// Sends a request and gets it back. How long it took from before the request was sent to when its response was
  /// there; filling the one and checking the other are not part of it.
  std::chrono::nanoseconds round_trip(std::size_t size, const Cancellation& cancel, Location at = Location::here());

  void close() { client_.close(); }

 private:
  ring::View content(std::size_t size);
  void check(const ring::Frame& response, std::size_t size, bool flipped, Location at);

  ring::DuplexClient client_;
  std::uint64_t sent_ = 0;
  std::uint64_t answered_ = 0;
  ring::Bytes scratch_;
};

/// The end of a duplex channel that this process has open in one scenario: one at a time.
class ChannelEnd {
 public:
  bool is_open() const noexcept { return !std::holds_alternative<std::monostate>(end_); }

  /// The channel that this process has opened. Throws a Failure when there is none.
  ServerEnd& server(Location at = Location::here());
  /// The channel that this process is connected to. Throws a Failure when there is none.
  ClientEnd& client(Location at = Location::here());
  /// client, for a call whose response is the next to come. Throws a Failure while a request has no response.
  ClientEnd& calling(Location at = Location::here());

  void open(ServerEnd end) { end_.emplace<ServerEnd>(std::move(end)); }
  void open(ClientEnd end) { end_.emplace<ClientEnd>(std::move(end)); }
  void set_timeout(std::chrono::nanoseconds timeout);
  /// Closes what is open, if anything is.
  void close();

 private:
  std::variant<std::monostate, ServerEnd, ClientEnd> end_;
};

}  // namespace parley::steps
