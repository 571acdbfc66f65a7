#include "transcript.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "servant_in_process.hpp"

namespace parley::test {
namespace {

const std::regex kDefinition(R"(define\s+(\S+)\s+(\S+)\s+(.*))");

/// Throws where the servant differs from the transcript.
class Replay {
 public:
  explicit Replay(const std::vector<std::string>& lines) : servant_(definitions(lines)) {
    for (const std::string& line : lines) {
      play(line);
    }
  }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;
  Replay(Replay&&) = delete;
  Replay& operator=(Replay&&) = delete;
  ~Replay() { over_.request(); }

 private:
  std::vector<Definition> definitions(const std::vector<std::string>& lines) {
    std::vector<Definition> all;
    std::smatch parts;
    for (const std::string& line : lines) {
      if (std::regex_match(line, parts, kDefinition)) {
        all.push_back(define(parts[1], parts[2], parts[3], over_));
      }
    }
    return all;
  }

  void play(const std::string& line) {
    if (line.rfind("> ", 0) == 0) {
      servant_.client().send_body(line.substr(2));
    } else if (line.rfind(">> ", 0) == 0) {
      servant_.client().send_bytes(Json::parse(line.substr(3)).get<std::string>());
    } else if (line.rfind("< ", 0) == 0) {
      expect(line.substr(2));
    } else if (line == "close" || line == "exit") {
      if (line == "close") {
        servant_.end_input();
      }
      if (const int status = servant_.wait_for_exit(); status != 0) {
        throw std::runtime_error("exit status " + std::to_string(status));
      }
      if (const Json more = servant_.client().receive(); !more.is_null()) {
        throw std::runtime_error("after its end: " + more.dump());
      }
    } else if (!line.empty() && line.front() != '#' && !std::regex_match(line, kDefinition)) {
      throw std::runtime_error("not a line of a transcript: " + line);
    }
  }

  void expect(const std::string& text) {
    const Json expected = Json::parse(text);
    while (true) {
      const Json message = servant_.client().receive();
      if (message.is_null()) {
        throw std::runtime_error("the servant ended before " + text);
      }
      const std::string found = difference(expected, message);
      if (found.empty()) {
        return;
      }
      const bool is_notification = message.contains("method") && !message.contains("id");
      if (!is_notification) {
        throw std::runtime_error(text + "\n" + found);
      }
    }
  }

  Cancellation over_;
  ServantInProcess servant_;
};

std::vector<std::string> files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(PARLEY_TRANSCRIPTS)) {
    if (entry.path().extension() == ".txt") {
      names.push_back(entry.path().stem());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Transcript : public testing::TestWithParam<std::string> {};

TEST_P(Transcript, IsWhatTheServantAnswers) {
  std::ifstream file(std::string(PARLEY_TRANSCRIPTS) + "/" + GetParam() + ".txt");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
  }
  ASSERT_FALSE(lines.empty());
  EXPECT_NO_THROW(Replay replay(lines));
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Golden, Transcript, testing::ValuesIn(files()), test_name);

TEST(Transcripts, AllAreFound) {
  EXPECT_EQ(files(), (std::vector<std::string>{"contract-1.0", "contract-1.1", "stuck-step", "tolerance"}));
}

class OtherAnswer : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(OtherAnswer, IsNoticed) {
  const auto& [expected, difference] = GetParam();
  try {
    Replay replay({R"(> {"jsonrpc":"2.0","id":1,"method":"health","params":[]})", expected});
    FAIL() << "nothing was noticed";
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string(e.what()).find(difference), std::string::npos) << e.what();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Transcripts, OtherAnswer,
    testing::Values(std::pair(R"(< {"id":1,"result":{"ok":false}})", ".result.ok: expected false, got true"),
                    std::pair(R"(< {"id":1,"result":{"pid":"$text"}})", ".result.pid: expected \"$text\""),
                    std::pair(R"(< {"id":"1"})", ".id: expected \"1\", got 1"),
                    std::pair(R"(< {"id":1,"result":{"capabilities":["table"]}})", ".result.capabilities: expected")));

}  // namespace
}  // namespace parley::test
