#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "parley/ring.hpp"

namespace parley::probe {
namespace {

using nlohmann::json;

/// A ring-probe that runs, with its standard error among its output.
class Probe {
 public:
  // NOLINTNEXTLINE(cert-env33-c): the words are the test's own
  explicit Probe(const std::string& words)
      : pipe_(::popen(("exec " PARLEY_RING_PROBE " " + words + " 2>&1").c_str(), "r")) {}
  ~Probe() {
    if (pipe_ != nullptr) {
      ::pclose(pipe_);
    }
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  Probe(Probe&&) = delete;
  Probe& operator=(Probe&&) = delete;

  /// The next line, empty at the end.
  std::string line() {
    std::string text;
    for (int c = std::fgetc(pipe_); c != EOF && c != '\n'; c = std::fgetc(pipe_)) {
      text += static_cast<char>(c);
    }
    return text;
  }

  /// The last line, as JSON.
  json result() {
    std::string last;
    for (std::string next = line(); !next.empty(); next = line()) {
      last = next;
    }
    return json::parse(last, nullptr, false);
  }

  /// The exit status, or 128 and the signal, of the probe that has ended.
  int status() {
    const int status = ::pclose(std::exchange(pipe_, nullptr));
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  FILE* pipe_;
};

std::string unique_name() {
  static int last = 0;
  return "cppprobe-" + std::to_string(::getpid()) + "-" + std::to_string(++last);
}

void expect_nothing_left(const std::string& name) {
  const ring::Objects paths = ring::objects(name);
  for (const std::string& path : {paths.segment, paths.data_semaphore, paths.space_semaphore, paths.lock}) {
    EXPECT_FALSE(std::filesystem::exists(path)) << path;
  }
}

struct Ways {
  std::string read;
  std::string write;
};

class Transfers : public testing::TestWithParam<Ways> {};

TEST_P(Transfers, ArriveWhole) {
  const std::string name = unique_name();
  const std::string frames = " --frames 2000 --seed 7 --min 1 --max 900 --metadata-length 100 ";
  Probe read("read " + name + " --metadata 256 --payload 10240" + frames + GetParam().read);
  ASSERT_EQ(read.line(), "ready");
  Probe write("write " + name + frames + GetParam().write);
  const json written = write.result();
  const json got = read.result();
  EXPECT_EQ(write.status(), 0);
  EXPECT_EQ(read.status(), 0);
  for (const json& result : {written, got}) {
    EXPECT_EQ(result.size(), 7U) << result;
    EXPECT_EQ(result["ok"], true);
    EXPECT_EQ(result["frames"], 2000);
    EXPECT_EQ(result["metadataLength"], 100);
    EXPECT_GT(result["framesPerSecond"], 0.0);
    EXPECT_GT(result["megabytesPerSecond"], 0.0);
  }
  EXPECT_EQ(written["bytes"], got["bytes"]);
  expect_nothing_left(name);
}

INSTANTIATE_TEST_SUITE_P(Ways, Transfers,
                         testing::Values(Ways{"", ""}, Ways{"--hold 5", "--zero-copy"},
                                         Ways{"--batch 16 --copy", "--batch 7"},
                                         Ways{"--delay-us 10 --hold 3", "--batch=50"}));

TEST(RingProbe, PingPong) {
  const std::string name = unique_name();
  Probe pong("pong " + name + " --metadata 0 --payload 65536");
  ASSERT_EQ(pong.line(), "ready");
  Probe ping("ping " + name + " --metadata 0 --payload 65536 --size 64 --count 500 --warmup 10");
  const json latency = ping.result();
  EXPECT_EQ(pong.result()["frames"], 510);
  EXPECT_EQ(ping.status(), 0);
  EXPECT_EQ(pong.status(), 0);
  EXPECT_EQ(latency["size"], 64);
  EXPECT_EQ(latency["count"], 500);
  double last = 0;
  for (const char* key : {"min", "p50", "p90", "p99", "p999", "max"}) {
    EXPECT_GE(latency["microseconds"][key], last) << latency;
    last = latency["microseconds"][key];
  }
  EXPECT_EQ(latency["microseconds"].size(), 7U);
}

TEST(RingProbe, Failures) {
  struct Case {
    std::string words;
    std::string error;
    int status;
  };
  const std::string name = unique_name();
  for (const Case& c : std::vector<Case>{
           {"inspect " + name, "NotFound", 3},
           {"inspect a/b", "InvalidName", 3},
           {"write " + name + " --frames 1 --seed 1 --min 1 --max 1 --connect-timeout-ms 1", "NotFound", 3},
           {"read " + name + " --metadata 0 --payload 64 --frames 1 --timeout-ms 1", "ReadTimeout", 1},
           {"read " + name + " --metadata 0 --payload 64 --frames 0 --metadata-length 1", "NoMetadataBlock", 1},
           {"pong " + name + " --metadata 0 --payload 64 --timeout-ms 1", "ReadTimeout", 1}}) {
    SCOPED_TRACE(c.words);
    Probe probe(c.words);
    const json result = probe.result();
    EXPECT_EQ(probe.status(), c.status);
    EXPECT_EQ(result.size(), 3U) << result;
    EXPECT_EQ(result["ok"], false);
    EXPECT_EQ(result["error"], c.error);
    EXPECT_NE(result["message"], "");
  }
}

// What the reader finds wrong: sizes, metadata, data.
TEST(RingProbe, Checks) {
  for (const auto& [words, error] : std::vector<std::pair<std::string, std::string>>{
           {"--seed 8 --min 1 --max 900", "SizeMismatch"}, {"--metadata-length 99", "MetadataMismatch"}}) {
    const std::string name = unique_name();
    Probe read("read " + name + " --metadata 256 --payload 10240 --frames 5 " + words);
    ASSERT_EQ(read.line(), "ready");
    Probe("write " + name + " --frames 5 --seed 7 --min 1 --max 900 --metadata-length 100").result();
    const json result = read.result();
    EXPECT_EQ(read.status(), 1);
    EXPECT_EQ(result["error"], error);
  }
  const std::string name = unique_name();
  Probe read("read " + name + " --metadata 0 --payload 64 --frames 2");
  ASSERT_EQ(read.line(), "ready");
  auto writer = ring::Writer::connect(name);
  writer.write(ring::Bytes{1, 2, 3});
  writer.write(ring::Bytes{2, 3, 5});
  const json result = read.result();
  EXPECT_EQ(result["error"], "DataMismatch");
  EXPECT_EQ(result["message"], "after 1 frames: frame 2 of 3 bytes: byte 2 is 5, expected 4");
}

TEST(RingProbe, DiesAfter) {
  const std::string name = unique_name();
  auto reader = ring::Reader::create(name, {0, 10240});
  for (const std::string how : {"", "--batch 2", "--zero-copy"}) {
    Probe write("write " + name + " --frames 10 --seed 1 --min 50 --max 50 --die-after 3 " + how);
    EXPECT_EQ(write.line(), "");
    EXPECT_EQ(write.status(), 128 + SIGKILL);
    for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
      EXPECT_EQ(reader.read().sequence(), sequence);
    }
    try {
      reader.read();
      ADD_FAILURE() << "more than three frames";
    } catch (const ring::Error& error) {
      EXPECT_EQ(error.kind(), ring::ErrorKind::WriterDead);
    }
  }
}

TEST(RingProbe, Inspects) {
  const std::string name = unique_name();
  auto reader = ring::Reader::create(name, {64, 1024});
  Probe probe("inspect " + name);
  const json state = probe.result();
  EXPECT_EQ(probe.status(), 0);
  EXPECT_EQ(state["version"], json({1, 0, 0, 0}));
  EXPECT_EQ(state["payload_size"], 1024);
  EXPECT_EQ(state["reader_pid"], ::getpid());
  EXPECT_EQ(state["sem_w"], json({{"exists", true}, {"size", 32}, {"value", 0}, {"waiters", 0}, {"private", 128}}));
  EXPECT_EQ(state["lock"], json({{"exists", true}, {"held", true}}));
  EXPECT_EQ(state.size(), 18U);
}

TEST(RingProbe, EndsInOrderWhenInterrupted) {
  const std::string name = unique_name();
  Probe read("read " + name + " --metadata 0 --payload 64 --frames 1 --timeout-ms 60000");
  ASSERT_EQ(read.line(), "ready");
  ::kill(static_cast<pid_t>(ring::inspect(name).reader_pid), SIGINT);
  const json result = read.result();
  EXPECT_EQ(read.status(), 130);
  EXPECT_EQ(result["error"], "Interrupted");
  expect_nothing_left(name);
}

TEST(RingProbe, WrongWords) {
  const std::string read = "read x --metadata 0 --payload 64 ";
  for (const auto& [words, names] : std::vector<std::pair<std::string, std::string>>{
           {"", "command"},
           {"frobnicate x", "frobnicate"},
           {"read", "name"},
           {"read --frames 1", "name"},
           {read, "--frames"},
           {read + "--frames", "--frames"},
           {read + "--frames z", "--frames"},
           {read + "--frames -1", "--frames"},
           {read + "--frames 1 --copy=1", "--copy"},
           {"read x --metadata 0 --payload 0 --frames 1", "--payload"},
           {read + "--frames 1 --seed 1", "--min"},
           {read + "--frames 1 --zero-copy", "zero-copy"},
           {read + "--frames 1 --batch 2 --hold 2", "--batch"},
           {"write x --frames 1 --seed 1 --min 2 --max 1", "--max"},
           {"write x --frames 1 --seed 1 --min 1 --max 1 more", "more"},
           {"ping x --metadata 0 --payload 64 --size 0 --count 1 --warmup 0", "--size"},
           {"inspect x --frames 1", "frames"}}) {
    SCOPED_TRACE(words);
    Probe probe(words);
    const std::string line = probe.line();
    EXPECT_EQ(line.rfind("ring-probe: ", 0), 0U) << line;
    EXPECT_NE(line.find(names), std::string::npos) << line;
    EXPECT_EQ(probe.line(), "");
    EXPECT_EQ(probe.status(), 2);
  }
}

}  // namespace
}  // namespace parley::probe
