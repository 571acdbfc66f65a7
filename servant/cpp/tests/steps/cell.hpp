#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "servant_in_process.hpp"

namespace parley::test {

/// How a step fails.
struct Fails {
  /// Part of its message.
  std::string message{};
  std::string expected{};
  /// How it begins; empty where there is none.
  std::string actual{};
  std::string type{"AssertionFailed"};
};

/// A cell with the two roles reader and writer, which are servants on threads of this process. At its end nothing of it
/// is left.
class Cell : public testing::Test {
 public:
  /// The result of a step in words that begin with the role: "reader closes its buffer". more is added to its
  /// parameters.
  Json step(const std::string& words, const Json& more = Json::object());
  /// Performs steps that pass.
  void pass(const std::vector<std::string>& steps);
  /// Performs a step that fails in this way.
  void fail(const std::string& words, const Fails& how, const Json& more = Json::object());

  /// Creates buffer 'b' and connects to it; neither side waits longer than 20 ms from then on.
  void open(std::uint64_t metadata = 1024, std::uint64_t payload = 10240);

  /// The name of a buffer as it is in the file system.
  std::string resource(const std::string& plain) const { return prefix_ + plain; }
  /// Changes one byte of the payload of a buffer behind the back of its two processes.
  void damage(const std::string& plain, std::size_t metadata, std::size_t at, std::uint8_t byte) const;

 protected:
  Cell();
  void TearDown() override;

 private:
  Client& client_of(const std::string& words);

  std::string prefix_;
  ServantInProcess reader_;
  ServantInProcess writer_;
};

/// A step that fails after others.
struct FailingStep {
  std::string name;
  std::vector<std::string> before;
  std::string words;
  Fails how;
};

/// How GoogleTest shows a FailingStep, and what it calls its test.
void PrintTo(const FailingStep& step, std::ostream* out);
std::string name_of(const testing::TestParamInfo<FailingStep>& info);

/// A cell for each step of a list.
class FailingSteps : public Cell, public testing::WithParamInterface<FailingStep> {};

/// The parameter of a step that has a table with one column.
Json with_table(const std::string& header, const std::vector<std::string>& cells);

}  // namespace parley::test
