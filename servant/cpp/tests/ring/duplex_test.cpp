#include "child.hpp"
#include "support.hpp"

namespace parley::ring {
namespace {

Bytes inverted(const View& view) {
  Bytes bytes(view.data, view.data + view.size);
  for (std::uint8_t& byte : bytes) {
    byte = static_cast<std::uint8_t>(~byte);
  }
  return bytes;
}

void serve_inverted(DuplexServer& server) {
  server.accept();
  try {
    while (true) {
      Frame request = server.receive();
      const Bytes answer = inverted(request.view());
      request.release();
      server.respond(answer);
    }
  } catch (const Error& error) {
    EXPECT_EQ(to_string(error.kind()), "WriterGone") << error.what();
  }
}

void expect_inverted(const Frame& response, std::size_t size, std::uint64_t sequence) {
  EXPECT_EQ(response.sequence(), sequence);
  EXPECT_EQ(inverted(response.view()), content(size, sequence));
}

TEST(Duplex, AnswersInOrder) {
  const UniqueName name;
  auto server = DuplexServer::create(name, {0, 262144}, {kLimit});
  error_of(ErrorKind::NoReader, [&] { server.respond(std::string_view("x")); });
  auto serving = std::async(std::launch::async, [&] { serve_inverted(server); });
  {
    auto client = DuplexClient::connect_wait(name, kLimit, {0, 262144}, {kLimit});
    std::uint64_t sequence = 0;
    for (const std::size_t size : {1, 1024, 102400}) {
      ++sequence;
      expect_inverted(client.call(content(size, sequence)), size, sequence);
    }
    for (std::uint64_t i = 1; i <= 10; ++i) {
      client.send(content(500, sequence + i));
    }
    for (int i = 0; i < 10; ++i) {
      expect_inverted(client.receive(), 500, ++sequence);
    }
  }
  serving.get();
  server.close();
  EXPECT_TRUE(leftovers(name).empty());
  error_of(ErrorKind::NotFound, [&] { DuplexClient::connect(name, {0, 64}); });
}

TEST(Duplex, ServerOutlivesClientsThatDie) {
  const UniqueName name;
  auto server = DuplexServer::create(name, {0, 1024}, {kLimit});
  for (int round = 0; round < 3; ++round) {
    Child client;
    ASSERT_EQ(client.ask("connect " + request_name(name.text())), "ok");
    ASSERT_EQ(client.ask("create " + response_name(name.text()) + " 0 1024"), "ok");
    server.accept();
    ASSERT_EQ(client.ask("write 100 1"), "ok");
    server.respond(server.receive().view());
    EXPECT_EQ(client.ask("read"), "ok 1 100");
    client.kill();
    error_of(ErrorKind::WriterDead, [&] { server.receive(); });
    error_of(ErrorKind::NoReader, [&] { server.responses(); });
  }
  // The last client left its response buffer, as the killed do.
  EXPECT_NO_THROW(Reader::create(response_name(name.text()), {0, 64}));
}

// A server that closes with responses pending: the client gets them, then an error; the name is free.
TEST(Duplex, ServerCloses) {
  const UniqueName name;
  auto server = DuplexServer::create(name, {0, 1024}, {kLimit});
  auto client = DuplexClient::connect(name, {0, 1024}, {kLimit});
  server.accept();
  server.respond(content(10, 1));
  server.close();
  EXPECT_TRUE(is_whole(client.receive(), 10, 1));
  error_of(ErrorKind::WriterGone, [&] { client.receive(); });
  error_of(ErrorKind::NoReader, [&] { client.send(std::string_view("x")); });
  auto again = DuplexServer::create(name, {0, 1024}, {std::chrono::milliseconds(10)});
  error_of(ErrorKind::ReadTimeout, [&] { again.accept(); });
}

TEST(Duplex, ServerClosesWhileAccepting) {
  const UniqueName name;
  auto server = DuplexServer::create(name, {0, 64}, {kLimit});
  const Writer writer = Writer::connect(request_name(name.text()));
  std::atomic<bool> cancelled{false};
  auto accepting = std::async(std::launch::async, [&] { server.accept(&cancelled); });
  server.close();
  cancelled = true;
  EXPECT_THROW(accepting.get(), Exception);
}

// The server cannot tell the requests of two clients apart, so the second one waits until those of the first are read.
TEST(Duplex, ClientWaitsForAnEarlierOnesRequests) {
  const UniqueName name;
  auto server = DuplexServer::create(name, {0, 1024}, {kLimit});
  {
    auto first = DuplexClient::connect(name, {0, 1024});
    first.send(content(10, 1));
  }
  error_of(ErrorKind::BufferFull, [&] { DuplexClient::connect(name, {0, 1024}, {kNever}); });
  auto connecting = std::async(std::launch::async, [&] { return DuplexClient::connect(name, {0, 1024}, {kLimit}); });
  EXPECT_TRUE(is_whole(server.receive(), 10, 1));
  auto second = connecting.get();
  server.accept();
  second.send(content(20, 1));
  server.respond(server.receive().view());
  EXPECT_TRUE(is_whole(second.receive(), 20, 1));
}

}  // namespace
}  // namespace parley::ring
