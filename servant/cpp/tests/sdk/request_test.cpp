#include <gtest/gtest.h>

#include "parley/scenario.hpp"
#include "servant_in_process.hpp"

namespace parley::test {
namespace {

struct Stubborn {
  static void close() { throw std::runtime_error("it will not close"); }
};

std::vector<Definition> definitions() {
  return {Definition(
              "step", "passes", [](Scenario& /*s*/) {}, "", Location::here()),
          Definition(
              "step", "opens", [](Scenario& s) { (void)s.state<Stubborn>(); }, "", Location::here())};
}

class Requests : public testing::Test {
 protected:
  int code_of(const std::string& method, const Json& params) {
    const Json answer = client_.call(method, params);
    return answer.contains("error") ? answer["error"]["code"].get<int>() : 0;
  }

  ServantInProcess servant_{definitions()};
  Client& client_ = servant_.client();
};

TEST_F(Requests, ThatAreBrokenAreAnsweredWithTheirCode) {
  client_.initialize();
  EXPECT_EQ(code_of("dance", Json::array()), -32601);
  EXPECT_EQ(code_of("executeStep", Json::array()), -32602);
  EXPECT_EQ(code_of("executeStep", Json::array({Json::object()})), -32602);
  EXPECT_EQ(code_of("executeStep", Json::array({{{"Step", 5}}})), -32602);
  EXPECT_EQ(code_of("executeStep", Json::array({{{"Step", "passes"}, {"Definition", 3}}})), -32602);
  EXPECT_EQ(code_of("executeStep", Json::array({{{"Step", "passes"}, {"Definition", "1"}}})), -32602);
  EXPECT_EQ(code_of("executeStep", Json::array({{{"Step", "passes"}, {"Context", {{"a", 1}}}}})), -32602);
  EXPECT_EQ(code_of("executeStep", Json::array({{{"Step", "passes"}, {"Table", {{"rows", {1}}}}}})), -32602);
  EXPECT_EQ(code_of("initialize", Json::array({1})), -32602);
  EXPECT_EQ(client_.step("Given", "passes")["status"], "passed");
}

TEST_F(Requests, OfAStepNeedAScenario) {
  const Json step = Json::array({{{"Step", "passes"}}});
  EXPECT_EQ(code_of("executeStep", step), -32600);
  client_.initialize();
  EXPECT_EQ(code_of("executeStep", step), 0);
  (void)client_.result("cleanup");
  EXPECT_EQ(code_of("executeStep", step), -32600);
}

TEST_F(Requests, ThatAreNoRequestsAreRefusedWithoutAnId) {
  for (const char* body : {"[]", "\"x\"", R"({"id":{}, "method":"health"})", R"({"jsonrpc":"2.0"})"}) {
    client_.send_body(body);
    const Json answer = client_.receive();
    EXPECT_EQ(answer["error"]["code"], -32600) << body;
    EXPECT_TRUE(answer["id"].is_null());
  }
  client_.send_body("\xff");
  EXPECT_EQ(client_.receive()["error"]["code"], -32700);
}

TEST_F(Requests, AnswersAndUnknownNotificationsArePassedOver) {
  client_.send({{"id", "x"}, {"result", 1}});
  client_.send({{"method", "$/setTrace"}, {"params", Json::object()}});
  client_.send({{"method", "$/cancelRequest"}, {"params", Json::object()}});
  EXPECT_EQ(client_.call("health")["result"]["ok"], true);
  EXPECT_TRUE(client_.notifications().empty());
}

TEST_F(Requests, OfBareParametersAreTaken) {
  EXPECT_EQ(client_.call("initialize", {{"Role", "reader"}})["result"], true);
}

TEST_F(Requests, ACleanUpThatFailsSaysWhatCouldNotBeClosed) {
  client_.initialize();
  EXPECT_EQ(client_.step("Given", "opens")["status"], "passed");
  const Json error = client_.call("cleanup")["error"];
  EXPECT_EQ(error["code"], -32603);
  EXPECT_NE(error["message"].get<std::string>().find("Stubborn: it will not close"), std::string::npos) << error;
  EXPECT_TRUE(client_.call("cleanup")["result"].is_null());
}

TEST_F(Requests, DiscoverTellsWhereDefinitionsStand) {
  const Json steps = client_.result("discover")["steps"];
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0]["id"], 1);
  EXPECT_EQ(steps[0]["source"].get<std::string>().rfind("servant/cpp/tests/sdk/request_test.cpp:", 0), 0U);
}

TEST(Coordinator10, GetsABareHealthAndNoNotifications) {
  detail::ServerOptions options;
  options.bare_health = true;
  ServantInProcess servant({Definition(
                               "step", "logs", [](Scenario& s) { s.log("a line"); }, "", Location::here())},
                           options);
  Client& client = servant.client();
  EXPECT_EQ(client.result("health"), true);
  EXPECT_EQ(client.result("initialize", Json::array({{{"HostPid", 1}, {"FeatureId", 2}}})), true);
  const Json result = client.result("executeStep", Json::array({{{"StepType", "Given"}, {"Step", "logs"}}}));
  EXPECT_EQ(result["logs"][0]["message"], "a line");
  EXPECT_TRUE(client.notifications().empty());
}

}  // namespace
}  // namespace parley::test
