// Steps of features/13-duplex-channel.feature. Sizes are bytes.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "channel_end.hpp"
#include "expected_error.hpp"
#include "parley/ring.hpp"
#include "parley/servant.hpp"
#include "patterns.hpp"
#include "ring_process.hpp"

namespace parley::steps {

namespace {

using std::chrono::milliseconds;

ChannelEnd& channel_of(Scenario& s) {
  return s.state<ChannelEnd>();
}

std::string came(const ring::Frame& frame) {
  return std::to_string(frame.size()) + " bytes";
}

const Step open_channel{
    role + "opens channel " + text + " with " + number + " bytes for requests",
    [](Scenario& s, const std::string& /*role*/, const std::string& name, std::uint64_t payload) {
      channel_of(s).close();
      const ring::Options options = ring_of(s).options();
      channel_of(s).open(ServerEnd(ring::DuplexServer::create(s.resource(name), {0, payload}, options)));
    }};

const Step connect_to_channel{
    role + "connects to channel " + text + " with " + number + " bytes for responses",
    [](Scenario& s, const std::string& /*role*/, const std::string& name, std::uint64_t payload) {
      channel_of(s).close();
      const ring::Options options = ring_of(s).options();
      channel_of(s).open(ClientEnd(ring::DuplexClient::connect_wait(s.resource(name), options.timeout, {0, payload},
                                                                    options, watched(s.cancel()))));
    }};

const Step accept_client{role + "accepts the client",
                         [](Scenario& s, const std::string& /*role*/) { channel_of(s).server().accept(s.cancel()); }};

void echo(Scenario& s, std::uint64_t count, milliseconds delay, Location at = Location::here()) {
  ServerEnd& server = channel_of(s).server(at);
  const Cancellation cancel = s.cancel();
  const auto respond = [&](const ring::Frame& request) {
    (void)cancel.wait_for(delay);
    cancel.check();
    server.echo(request, cancel);
  };
  server.answer(count, respond, cancel, at);
}

const Step echo_at_once{
    role + "echoes " + number + " requests",
    [](Scenario& s, const std::string& /*role*/, std::uint64_t count) { echo(s, count, milliseconds(0)); }};

const Step echo_slowly{role + "echoes " + number + " requests, taking " + number + " milliseconds over each",
                       [](Scenario& s, const std::string& /*role*/, std::uint64_t count, std::uint32_t delay) {
                         echo(s, count, milliseconds(delay));
                       }};

const Step answer_flipped{role + "answers " + number + " requests with every bit flipped, the request unchanged",
                          [](Scenario& s, const std::string& /*role*/, std::uint64_t count) {
                            ServerEnd& server = channel_of(s).server();
                            const Cancellation cancel = s.cancel();
                            server.answer(
                                count, [&](const ring::Frame& request) { server.flip(request, cancel); }, cancel);
                          }};

const Then has_answered{role + "has answered " + number + " requests",
                        [](Scenario& s, const std::string& /*role*/, std::uint64_t count) {
                          if (const std::uint64_t answered = channel_of(s).server().answered(); answered != count) {
                            mismatch("requests answered since the channel was opened", count, answered);
                          }
                        }};

void send_all(Scenario& s, ClientEnd& client, std::uint64_t count, std::size_t size) {
  for (std::uint64_t i = 0; i < count; ++i) {
    client.send(size, s.cancel());
  }
}

void receive_all(Scenario& s, ClientEnd& client, std::uint64_t count, std::size_t size,
                 Location at = Location::here()) {
  for (std::uint64_t i = 0; i < count; ++i) {
    client.receive(size, false, s.cancel(), at);
  }
}

void exchange(Scenario& s, std::uint64_t count, std::size_t size, Location at = Location::here()) {
  ClientEnd& client = channel_of(s).calling(at);
  for (std::uint64_t i = 0; i < count; ++i) {
    client.send(size, s.cancel());
    client.receive(size, false, s.cancel(), at);
  }
}

const Step send_requests{role + "sends " + number + " requests of " + number + " bytes",
                         [](Scenario& s, const std::string& /*role*/, std::uint64_t count, std::size_t size) {
                           send_all(s, channel_of(s).client(), count, size);
                         }};

const Step get_responses{role + "gets " + number + " responses of " + number + " bytes back, in order",
                         [](Scenario& s, const std::string& /*role*/, std::uint64_t count, std::size_t size) {
                           receive_all(s, channel_of(s).client(), count, size);
                         }};

const Step exchange_once{role + "sends a request of " + number + " bytes and gets it back",
                         [](Scenario& s, const std::string& /*role*/, std::size_t size) { exchange(s, 1, size); }};

const Step exchange_one_by_one{
    role + "sends " + number + " requests of " + number + " bytes and gets each back before the next",
    [](Scenario& s, const std::string& /*role*/, std::uint64_t count, std::size_t size) { exchange(s, count, size); }};

const Step exchange_in_place{role + "sends a request of " + number + " bytes written in place and gets it back",
                             [](Scenario& s, const std::string& /*role*/, std::size_t size) {
                               ClientEnd& client = channel_of(s).calling();
                               client.send_in_place(size, s.cancel());
                               client.receive(size, false, s.cancel());
                             }};

const Step exchange_flipped{role + "sends a request of " + number + " bytes and gets every bit flipped",
                            [](Scenario& s, const std::string& /*role*/, std::size_t size) {
                              ClientEnd& client = channel_of(s).calling();
                              client.send(size, s.cancel());
                              client.receive(size, true, s.cancel());
                            }};

// Earlier responses mean that the requests were not answered one after the other.
const Step exchange_not_before{
    role + "sends " + number + " requests of " + number + " bytes and has all of them back after " + number +
        " milliseconds at the earliest",
    [](Scenario& s, const std::string& /*role*/, std::uint64_t count, std::size_t size, std::uint32_t earliest) {
      ClientEnd& client = channel_of(s).calling();
      const auto start = std::chrono::steady_clock::now();
      send_all(s, client, count, size);
      receive_all(s, client, count, size);
      const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
      if (took < milliseconds(earliest)) {
        mismatch("time until all responses were there", "at least " + std::to_string(earliest) + " ms",
                 std::to_string(took.count()) + " ms");
      }
    }};

const Step fail_to_get_response{role + "fails to get a response: " + text,
                                [](Scenario& s, const std::string& /*role*/, const ExpectedError& expected) {
                                  ClientEnd& client = channel_of(s).client();
                                  expect_error(expected, "get a response",
                                               [&] { return came(client.receive_any(s.cancel())); });
                                }};

const Step fail_to_send{role + "fails to send a request of " + number + " bytes: " + text,
                        [](Scenario& s, const std::string& /*role*/, std::size_t size, const ExpectedError& expected) {
                          ClientEnd& client = channel_of(s).client();
                          expect_error(expected, client.next(size), [&] {
                            client.send(size, s.cancel());
                            return std::string("success");
                          });
                        }};

const Step fail_to_get_request{role + "fails to get a request: " + text,
                               [](Scenario& s, const std::string& /*role*/, const ExpectedError& expected) {
                                 ServerEnd& server = channel_of(s).server();
                                 expect_error(expected, "get a request",
                                              [&] { return came(server.receive(s.cancel())); });
                               }};

const Step close_channel{
    role + "closes its channel", [](Scenario& s, const std::string& /*role*/) {
      if (!channel_of(s).is_open()) {
        fail("this process has no channel open; a step that opens or connects to one must come first");
      }
      channel_of(s).close();
    }};

}  // namespace

}  // namespace parley::steps
