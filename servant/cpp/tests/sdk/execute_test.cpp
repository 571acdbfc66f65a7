#include <gtest/gtest.h>

#include <stdexcept>

#include "parley/failure.hpp"
#include "parley/scenario.hpp"
#include "servant_in_process.hpp"

namespace parley::test {
namespace {

class Refused : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

constexpr const char* kFile = "servant/cpp/tests/sdk/execute_test.cpp:";

/// The line of the definition is the same for all: that of the call in the test.
Definition step(const std::string& pattern, void (*function)(Scenario&), Location at = Location::here()) {
  return {"step", pattern, function, "what it does", at};
}

detail::ServerOptions naming() {
  detail::ServerOptions options;
  options.names.emplace_back([](const std::exception& e) {
    return dynamic_cast<const Refused*>(&e) == nullptr ? std::string() : "FrameTooLarge";
  });
  return options;
}

/// The result of one step that a function performs.
Json result_of(void (*function)(Scenario&), const Json& more = Json::object()) {
  ServantInProcess servant({step("it", function)}, naming());
  servant.client().initialize();
  return servant.client().step("When", "it", more);
}

TEST(ExecuteStep, AFailureNamesTheLineThatFailedAndThenTheDefinition) {
  ServantInProcess servant({step("it", [](Scenario& /*s*/) { fail("no frame"); })});
  const Location here = Location::here();
  servant.client().initialize();
  const Json result = servant.client().step("When", "it");
  EXPECT_EQ(result["status"], "failed");
  EXPECT_EQ(result["error"], "no frame");
  EXPECT_EQ(result["failure"]["type"], "AssertionFailed");
  const std::string line = kFile + std::to_string(here.line - 1);
  EXPECT_EQ(result["failure"]["stack"], line + ": the step failed here\n" + line + ": the step definition");
}

TEST(ExecuteStep, AMismatchShowsWhatWasExpectedBesideWhatCame) {
  const Json result = result_of([](Scenario& /*s*/) { mismatch("bytes", std::uint8_t{4}, "none"); });
  EXPECT_EQ(result["error"], "bytes: expected 4, got none");
  EXPECT_EQ(result["failure"]["expected"], "4");
  EXPECT_EQ(result["failure"]["actual"], "none");
}

TEST(ExecuteStep, AnExceptionIsNamedByItsType) {
  const Json result = result_of([](Scenario& /*s*/) { throw std::out_of_range("beyond"); });
  EXPECT_EQ(result["error"], "beyond");
  EXPECT_EQ(result["failure"]["type"], "std::out_of_range");
  EXPECT_EQ(result["failure"]["stack"].get<std::string>().rfind(kFile, 0), 0U);
}

TEST(ExecuteStep, AnExceptionIsNamedAsItsProgramAsksFor) {
  EXPECT_EQ(result_of([](Scenario& /*s*/) { throw Refused("no"); })["failure"]["type"], "FrameTooLarge");
}

TEST(ExecuteStep, AValueThatIsNoExceptionFailsTheStepToo) {
  const Json result = result_of([](Scenario& /*s*/) { throw 42; });
  EXPECT_EQ(result["status"], "failed");
  EXPECT_EQ(result["error"], "the step threw a value of type int, which is no std::exception");
}

TEST(ExecuteStep, AStepThatEndsItsThreadFailsAndTheServantGoesOn) {
  ServantInProcess servant(
      {step("ends", [](Scenario& /*s*/) { pthread_exit(nullptr); }), step("passes", [](Scenario& /*s*/) {})});
  servant.client().initialize();
  EXPECT_EQ(servant.client().step("When", "ends")["failure"]["type"], "ThreadEnded");
  EXPECT_EQ(servant.client().step("When", "passes")["status"], "passed");
}

TEST(ExecuteStep, PendingAndSkippedAreVerdictsOfTheirOwn) {
  EXPECT_EQ(result_of([](Scenario& /*s*/) { pending(); })["status"], "pending");
  const Json skipped = result_of([](Scenario& /*s*/) { skip("needs a second disk"); });
  EXPECT_EQ(skipped["status"], "skipped");
  EXPECT_EQ(skipped["error"], "needs a second disk");
  EXPECT_EQ(skipped["success"], false);
}

TEST(ExecuteStep, WhatDoesNotFitTheDefinitionIsNamed) {
  const Definition number{"step", "(.*)", [](Scenario& /*s*/, int /*n*/) {}, "", Location::here()};
  ServantInProcess servant({number});
  servant.client().initialize();
  Json result = servant.client().step("When", "x");
  EXPECT_EQ(result["failure"]["type"], "InvalidArguments");
  EXPECT_EQ(result["error"], "step definition " + to_string(number) + ", argument 1: 'x' is no whole number");
  result = servant.client().step("When", "1", {{"DocString", {{"content", "x"}}}});
  EXPECT_EQ(result["error"], "step definition " + to_string(number) + " takes no DocString, but the step brings one");
  result = servant.client().step("When", "1", {{"Definition", 1}, {"Arguments", {"1", "2"}}});
  EXPECT_EQ(result["error"], "step definition " + to_string(number) + " takes 1 arguments, but the step brings 2");
}

TEST(ExecuteStep, ATableWithoutTheHeaderSaysWhichItHas) {
  const auto read = [](Scenario& /*s*/, const Table& table) { (void)table.at(0, "key"); };
  ServantInProcess servant({Definition("step", "it", read, "", Location::here())});
  servant.client().initialize();
  const Json table{{"headers", {"a", "b"}}, {"rows", Json::array({{{"a", "1"}, {"b", "2"}}})}};
  EXPECT_EQ(servant.client().step("When", "it", {{"Table", table}})["error"],
            "the table has no column 'key'; it has: a, b");
  EXPECT_NE(servant.client().step("When", "it")["error"].get<std::string>().find("takes a Table"), std::string::npos);
}

TEST(ExecuteStep, OnlyWhatTheStepSetGoesBack) {
  const Json result = result_of(
      [](Scenario& s) {
        if (s.get("theirs") != "1") {
          mismatch("theirs", 1, s.get("theirs").value_or("nothing"));
        }
        s.set("mine", "2");
        if (s.shared().size() != 2) {
          mismatch("shared values", 2, s.shared().size());
        }
      },
      {{"Context", {{"theirs", "1"}}}});
  EXPECT_EQ(result["status"], "passed") << result;
  EXPECT_EQ(result["context"], Json({{"mine", "2"}}));
}

TEST(ExecuteStep, BytesThatAreNoTextAreReplacedAndNotSent) {
  const Json result = result_of([](Scenario& /*s*/) { fail("a \xff b"); });
  EXPECT_EQ(result["error"], "a \xef\xbf\xbd b");
}

TEST(ExecuteStep, ProgressIsToldWhileTheStepRuns) {
  ServantInProcess servant({step("it", [](Scenario& s) { s.progress(1, 2, "frames"); })});
  servant.client().initialize();
  (void)servant.client().step("When", "it");
  ASSERT_EQ(servant.client().notifications().size(), 1U);
  EXPECT_EQ(servant.client().notifications()[0]["params"],
            Json::array({{{"stepId", "s1"}, {"done", 1.0}, {"total", 2.0}, {"unit", "frames"}}}));
}

TEST(ExecuteStep, AnAttachmentNeedsANameAndAMediaType) {
  EXPECT_EQ(result_of([](Scenario& s) { s.attach("", "x"); })["error"], "an attachment needs a name");
  EXPECT_EQ(result_of([](Scenario& s) { s.attach("a", "text", "x"); })["error"],
            "'text' of attachment 'a' is no media type; one is of the form text/plain");
}

TEST(ExecuteStep, TheScenarioKnowsWhatInitializeSaid) {
  const Json result = result_of([](Scenario& s) {
    s.set("all", s.role() + "|" + s.name() + "|" + s.work_dir() + "|" + s.resource("x") + "|" + s.instance());
  });
  EXPECT_EQ(result["context"]["all"], "reader|Test 0.1 - An example||cell-x|" + std::to_string(getpid()));
}

}  // namespace
}  // namespace parley::test
