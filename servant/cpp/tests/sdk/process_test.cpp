#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <iterator>
#include <string>

#include "servant_process.hpp"

namespace parley::test {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(ServantProcess, PrintsGoToStandardErrorAndNeverIntoTheProtocol) {
  ServantProcess servant(PARLEY_EXAMPLE_SERVANT);
  Client& client = servant.client();
  client.initialize();
  EXPECT_EQ(client.step("When", "prints to standard output")["status"], "passed");
  EXPECT_EQ(client.step("When", "a child process prints and reads")["status"], "passed");
  servant.end_input();
  EXPECT_TRUE(client.receive().is_null());
  EXPECT_TRUE(client.stray().empty());
  EXPECT_EQ(servant.wait_for_exit(), 0);
  const std::string errors = servant.errors();
  for (const char* printed :
       {"a print of a static initializer", "a stray print, and another", "a write", "of a child"}) {
    EXPECT_TRUE(has(errors, printed)) << errors;
  }
}

TEST(ServantProcess, ShutdownAnswersAndExits) {
  ServantProcess servant(PARLEY_EXAMPLE_SERVANT);
  servant.client().initialize();
  (void)servant.client().step("When", "opens a file");
  EXPECT_TRUE(servant.client().result("shutdown").is_null());
  EXPECT_EQ(servant.wait_for_exit(), 0);
  EXPECT_EQ(servant.errors(), "a print of a static initializer\nthe scratch file is closed\n");
}

TEST(ServantProcess, TheEndOfTheInputEndsItWhateverAStepDoes) {
  ServantProcess servant(PARLEY_EXAMPLE_SERVANT);
  servant.client().initialize();
  (void)servant.client().send_step("When", "blocks for ever");
  EXPECT_EQ(servant.client().receive()["method"], "log");
  servant.end_input();
  EXPECT_EQ(servant.wait_for_exit(), 0);
}

class Signals : public testing::TestWithParam<int> {};

TEST_P(Signals, CleanUpAndEndIt) {
  ServantProcess servant(PARLEY_EXAMPLE_SERVANT);
  servant.client().initialize();
  (void)servant.client().step("When", "opens a file");
  ::kill(servant.pid(), GetParam());
  EXPECT_EQ(servant.wait_for_exit(), 128 + GetParam());
  EXPECT_TRUE(has(servant.errors(), "the scratch file is closed")) << servant.errors();
}

INSTANTIATE_TEST_SUITE_P(ServantProcess, Signals, testing::Values(SIGTERM, SIGINT));

TEST(ServantProcess, AStepMayExitIt) {
  ServantProcess servant(PARLEY_EXAMPLE_SERVANT);
  servant.client().initialize();
  (void)servant.client().send_step("When", "exits with '7'");
  EXPECT_EQ(servant.wait_for_exit(), 7);
}

TEST(ServantProcess, AWrongStepDefinitionEndsItWithOneLineThatNamesThePlace) {
  ServantProcess servant(PARLEY_WRONG_SERVANT);
  EXPECT_EQ(servant.wait_for_exit(), 1);
  EXPECT_EQ(
      servant.errors(),
      "servant: step definition Given \"the count is '(\\d+)'\" (servant/cpp/tests/sdk/wrong_servant.cpp:6) takes 2 "
      "arguments, but its pattern has 1 group; each group is a parameter after the Scenario, in order\n");
}

TEST(ServantProcess, TakesNoWords) {
  ServantProcess servant(PARLEY_EXAMPLE_SERVANT, {"--help"});
  EXPECT_EQ(servant.wait_for_exit(), 2);
  EXPECT_TRUE(has(servant.errors(), "servant: unexpected '--help': a servant takes no words\n")) << servant.errors();
}

TEST(ServantProcess, TheEnvironmentTellsACoordinatorOfContract10) {
  ServantProcess servant(PARLEY_EXAMPLE_SERVANT, {},
                         {{"PARLEY_ROLE", std::nullopt}, {"HARMONY_HOST_PID", "71"}, {"HARMONY_FEATURE_ID", "4"}});
  EXPECT_EQ(servant.client().result("health"), true);
  EXPECT_EQ(servant.client().result("initialize", Json::array({Json::object()})), true);
  EXPECT_EQ(servant.client().step("When", "the resource 'x'")["context"]["resource"], "x_71_4");
}

TEST(ServantProcess, TheEnvironmentNamesThePlatform) {
  ServantProcess named(PARLEY_EXAMPLE_SERVANT, {}, {{"PARLEY_PLATFORM", "other"}, {"HARMONY_HOST_PID", "71"}});
  EXPECT_EQ(named.client().result("health")["platform"], "other");
  ServantProcess unnamed(PARLEY_EXAMPLE_SERVANT, {}, {{"PARLEY_PLATFORM", std::nullopt}});
  EXPECT_EQ(unnamed.client().result("health")["platform"], "cpp");
}

std::string hygiene(const ServantProcess& servant) {
  const std::filesystem::path proc = "/proc/" + std::to_string(servant.pid());
  const auto count = [&proc](const char* folder) {
    return std::distance(std::filesystem::directory_iterator(proc / folder), {});
  };
  return std::to_string(count("fd")) + " descriptors, " + std::to_string(count("task")) + " threads";
}

TEST(ServantProcess, DescriptorsAndThreadsAreTheSameAfterAScenario) {
  ServantProcess servant(PARLEY_EXAMPLE_SERVANT);
  Client& client = servant.client();
  (void)client.call("health");
  const std::string before = hygiene(servant);
  for (int i = 0; i < 3; ++i) {
    client.initialize();
    EXPECT_EQ(client.step("When", "opens a file")["status"], "passed");
    (void)client.result("cleanup");
    EXPECT_EQ(hygiene(servant), before);
  }
}

}  // namespace
}  // namespace parley::test
