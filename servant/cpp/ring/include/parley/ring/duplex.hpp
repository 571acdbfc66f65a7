#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "parley/ring/bytes.hpp"
#include "parley/ring/cancel.hpp"
#include "parley/ring/detail/process.hpp"
#include "parley/ring/detail/spin.hpp"
#include "parley/ring/error.hpp"
#include "parley/ring/inspect.hpp"
#include "parley/ring/name.hpp"
#include "parley/ring/options.hpp"
#include "parley/ring/reader.hpp"
#include "parley/ring/writer.hpp"

namespace parley::ring {

/// The buffer that the server of the duplex channel `name` reads (ring protocol, "Duplex channel").
inline std::string request_name(std::string_view name) {
  return std::string(name) + "_request";
}
/// The buffer that its client reads.
inline std::string response_name(std::string_view name) {
  return std::string(name) + "_response";
}

/// The serving end of a duplex channel: it reads requests and writes responses, which correspond in order. It serves
/// one client after the other. One thread serves; close may be called from any.
class DuplexServer {
 public:
  /// Makes the request buffer of the channel `name`.
  /// @throws Error as Reader::create.
  static DuplexServer create(std::string_view name, Sizes sizes, Options options = {}) {
    return {name, Reader::create(request_name(name), sizes, options), options};
  }

  /// Waits for a client and its response buffer, at most the timeout each. It gives up the client before.
  /// @throws Error ReadTimeout without a client; as Writer::connect without its response buffer; Closed. Cancelled.
  void accept(Cancel cancel = {}) {
    dismiss();
    requests_.wait_writer(cancel);
    const auto patience = std::max(options_.timeout, detail::kRecheck);
    auto writer = std::make_shared<Writer>(Writer::connect_wait(response_name(name_), patience, options_, cancel));
    const std::lock_guard lock(client_->mutex);
    if (client_->closed) {
      throw Error::of(ErrorKind::Closed, requests_.name());
    }
    client_->responses = std::move(writer);
  }

  /// Gives the next request, in place. Once the client has gone or died, and its requests are read, it says so
  /// (WriterGone, WriterDead) and the client is dismissed: accept takes the next.
  /// @throws Error as Reader::read. Cancelled.
  Frame receive(Cancel cancel = {}) {
    try {
      return requests_.read(cancel);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::WriterGone || error.kind() == ErrorKind::WriterDead) {
        dismiss();
      }
      throw;
    }
  }

  /// Answers the oldest request that is not answered yet.
  /// @throws Error as Writer::write; NoReader before accept. Cancelled.
  void respond(const View& data, Cancel cancel = {}) { responses()->write(data, cancel); }

  /// Space for the answer to the oldest request, to be filled in place.
  /// @throws Error as Writer::acquire; NoReader before accept. Cancelled.
  Slot acquire(std::size_t size, Cancel cancel = {}) { return responses()->acquire(size, cancel); }

  /// The request buffer, for batches.
  Reader& requests() { return requests_; }

  /// The response buffer of the client, for batches.
  /// @throws Error NoReader before accept.
  std::shared_ptr<Writer> responses() const {
    const std::lock_guard lock(client_->mutex);
    if (client_->responses == nullptr) {
      throw Error::of(ErrorKind::NoReader, response_name(name_), 0, "no client was accepted");
    }
    return client_->responses;
  }

  /// Changes the timeout of receive, respond and accept from the next call on.
  void set_timeout(std::chrono::nanoseconds timeout) {
    options_.timeout = timeout;
    requests_.set_timeout(timeout);
    const std::lock_guard lock(client_->mutex);
    if (client_->responses != nullptr) {
      client_->responses->set_timeout(timeout);
    }
  }

  const std::string& name() const { return name_; }

  /// Ends the server and removes the request buffer; the client learns of it.
  void close() {
    {
      const std::lock_guard lock(client_->mutex);
      client_->closed = true;
    }
    requests_.close();
    dismiss();
  }

 private:
  struct Client {
    std::mutex mutex;
    std::shared_ptr<Writer> responses;
    bool closed = false;
  };

  DuplexServer(std::string_view name, Reader requests, Options options)
      : name_(name), options_(options), requests_(std::move(requests)) {}

  void dismiss() {
    std::shared_ptr<Writer> dismissed;
    {
      const std::lock_guard lock(client_->mutex);
      dismissed = std::move(client_->responses);
    }
    if (dismissed != nullptr) {
      dismissed->close();
    }
  }

  std::string name_;
  Options options_;
  Reader requests_;
  // On the heap, because a mutex cannot be moved.
  std::unique_ptr<Client> client_ = std::make_unique<Client>();
};

/// The asking end of a duplex channel.
class DuplexClient {
 public:
  /// Connects to the request buffer of the channel `name` and makes the response buffer. It waits, at most the timeout,
  /// until the server has read what an earlier client left: it could not tell those requests from ours, and we would
  /// get their responses.
  /// @throws Error as Writer::connect and Reader::create; BufferFull if an earlier client's requests stay unread.
  static DuplexClient connect(std::string_view name, Sizes sizes, Options options = {}) {
    return connect_wait(name, std::chrono::nanoseconds::zero(), sizes, options);
  }

  /// connect that waits until there is a server, at most `patience`.
  /// @throws Error as connect. Cancelled.
  static DuplexClient connect_wait(std::string_view name, std::chrono::nanoseconds patience, Sizes sizes,
                                   Options options = {}, Cancel cancel = {}) {
    await_earlier(name, options.timeout, cancel);
    Writer requests = Writer::connect_wait(request_name(name), patience, options, cancel);
    return {std::move(requests), Reader::create(response_name(name), sizes, options)};
  }

  /// Sends a request and waits for its response. Calls must not overlap; for several requests on the way use send and
  /// receive.
  /// @throws Error as Writer::write and Reader::read. Cancelled.
  Frame call(const View& request, Cancel cancel = {}) {
    send(request, cancel);
    return receive(cancel);
  }

  /// Sends a request.
  /// @throws Error as Writer::write. Cancelled.
  void send(const View& request, Cancel cancel = {}) { requests_.write(request, cancel); }

  /// Space for a request, to be filled in place.
  /// @throws Error as Writer::acquire. Cancelled.
  Slot acquire(std::size_t size, Cancel cancel = {}) { return requests_.acquire(size, cancel); }

  /// Gives the response to the oldest request that has none yet.
  /// @throws Error as Reader::read. Cancelled.
  Frame receive(Cancel cancel = {}) { return responses_.read(cancel); }

  /// The two buffers, for batches.
  Writer& requests() { return requests_; }
  Reader& responses() { return responses_; }

  /// Changes the timeout of send and receive from the next call on.
  void set_timeout(std::chrono::nanoseconds timeout) {
    requests_.set_timeout(timeout);
    responses_.set_timeout(timeout);
  }

  /// Ends the client and removes the response buffer; the server learns of it.
  void close() {
    requests_.close();
    responses_.close();
  }

 private:
  DuplexClient(Writer requests, Reader responses) : requests_(std::move(requests)), responses_(std::move(responses)) {}

  /// Waits until no requests of a client that is gone are unread. What else is wrong with the buffer, connecting will
  /// say.
  static void await_earlier(std::string_view name, std::chrono::nanoseconds timeout, const Cancel& cancel) {
    for (const auto start = detail::Clock::now(); unread(request_name(name));
         std::this_thread::sleep_for(detail::kRecheck)) {
      if (cancel.requested()) {
        throw Cancelled("ring \"" + std::string(name) + "\": connect: cancelled");
      }
      if (detail::Clock::now() - start >= timeout) {
        throw Error::timed_out(ErrorKind::BufferFull, request_name(name), timeout,
                               "an earlier client's requests are not read");
      }
    }
  }

  static bool unread(const std::string& name) {
    const auto alive = [](std::uint64_t pid) {
      return pid != 0 && pid <= detail::kMaxPid && !detail::process_dead(pid);
    };
    try {
      const State state = inspect(name);
      return state.payload_free_bytes < state.payload_size && alive(state.reader_pid) && !alive(state.writer_pid);
    } catch (const Error&) {
      return false;
    }
  }

  Writer requests_;
  Reader responses_;
};

}  // namespace parley::ring
