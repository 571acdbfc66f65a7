#include <chrono>
#include <string>

#include "parley/ring.hpp"
#include "result.hpp"
#include "run.hpp"

namespace parley::probe {
namespace {

using Clock = std::chrono::steady_clock;

/// One round trip; its time runs from the commit of a request that was filled in place to the response, and not while
/// that is checked.
std::chrono::nanoseconds round_trip(ring::DuplexClient& client, std::uint64_t size, std::uint64_t sequence,
                                    const ring::Cancel& cancel) {
  ring::Slot request = client.acquire(size, cancel);
  ring::pattern::fill_frame(request.data(), size, sequence);
  const auto start = Clock::now();
  request.commit();
  ring::Frame response = client.receive(cancel);
  const auto time = Clock::now() - start;
  if (response.size() != size) {
    throw Failure("SizeMismatch", "response " + std::to_string(sequence) + " has " + std::to_string(response.size()) +
                                      " bytes, expected " + std::to_string(size));
  }
  if (const auto wrong = ring::pattern::check_frame(response.data(), size, sequence); !wrong.empty()) {
    throw Failure("DataMismatch", wrong);
  }
  response.release();
  return time;
}

/// Answers requests until the client closes.
void serve(ring::DuplexServer& server, Transfer& result, const ring::Cancel& cancel) {
  while (true) {
    ring::Frame request;
    try {
      request = server.receive(cancel);
    } catch (const ring::Error& error) {
      if (error.kind() == ring::ErrorKind::WriterGone) {
        return;
      }
      throw;
    }
    ++result.frames;
    result.bytes += request.size();
    server.respond(request.view(), cancel);
    request.release();
  }
}

}  // namespace

std::string pong(const Command& command, const ring::Cancel& cancel) {
  auto server = setting_up([&] {
    return ring::DuplexServer::create(command.name, {command.metadata, command.payload}, {command.timeout});
  });
  say_ready();
  Transfer result;
  try {
    server.accept(cancel);
    const auto start = Clock::now();
    serve(server, result, cancel);
    result.time = Clock::now() - start;
  } catch (const std::exception&) {
    throw current_failure(result.progress("requests"));
  }
  return result.json();
}

std::string ping(const Command& command, const ring::Cancel& cancel) {
  auto client = setting_up([&] {
    return ring::DuplexClient::connect_wait(command.name, command.connect_timeout, {command.metadata, command.payload},
                                            {command.timeout}, cancel);
  });
  Latency result{command.size, {}};
  std::uint64_t done = 0;
  try {
    result.samples.reserve(command.count);
    for (; done < command.warmup + command.count; ++done) {
      const auto time = round_trip(client, command.size, done + 1, cancel);
      if (done >= command.warmup) {
        result.samples.push_back(time);
      }
    }
  } catch (const std::exception&) {
    throw current_failure("after " + std::to_string(done) + " round trips: ");
  }
  return result.json();
}

}  // namespace parley::probe
