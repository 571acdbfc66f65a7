#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>

#include "parley/cancellation.hpp"
#include "parley/scenario.hpp"
#include "servant_in_process.hpp"

namespace parley::test {
namespace {

void wait_for(const Cancellation& end) {
  while (!end.wait_for(std::chrono::hours(1))) {
  }
}

/// Blocks in a system call until a byte comes.
class BlockingCall {
 public:
  BlockingCall() { detail::checked(::pipe2(ends_.data(), O_CLOEXEC), "pipe2"); }
  BlockingCall(const BlockingCall&) = delete;
  BlockingCall& operator=(const BlockingCall&) = delete;
  BlockingCall(BlockingCall&&) = delete;
  BlockingCall& operator=(BlockingCall&&) = delete;
  ~BlockingCall() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }

  void block() const {
    char byte = 0;
    (void)!::read(ends_[0], &byte, 1);
  }
  void end() const { (void)!::write(ends_[1], "x", 1); }

 private:
  std::array<int, 2> ends_{};
};

class Stopping : public testing::Test {
 protected:
  template <class Function>
  static Definition step(const char* pattern, Function function) {
    return {"step", pattern, function, "", Location::here()};
  }

  std::vector<Definition> definitions() {
    return {step("passes", [](Scenario& /*s*/) {}),
            step("waits",
                 [](Scenario& s) {
                   wait_for(s.cancel());
                   s.cancel().check();
                 }),
            step("starts and waits",
                 [](Scenario& s) {
                   s.log("started");
                   wait_for(s.cancel());
                   throw std::runtime_error("gave in");
                 }),
            step("returns at once when told to",
                 [](Scenario& s) {
                   s.log("started");
                   wait_for(s.cancel());
                 }),
            step("blocks",
                 [call = call_](Scenario& s) {
                   s.log("started");
                   call->block();
                 }),
            step("opens", [closed = closed_](Scenario& s) { s.state<Counted>().closed = closed; })};
  }

  /// Counts its closes.
  struct Counted {
    std::shared_ptr<std::atomic<int>> closed;
    void close() const { ++*closed; }
  };

  void wait_for_start() {
    Json message;
    do {
      message = client_.receive();
    } while (message.value("method", "") != "log");
  }

  Json result_of(int id) {
    Json message;
    do {
      message = client_.receive();
    } while (message.value("id", Json()) != id);
    return message["result"];
  }

  std::shared_ptr<BlockingCall> call_ = std::make_shared<BlockingCall>();
  std::shared_ptr<std::atomic<int>> closed_ = std::make_shared<std::atomic<int>>(0);
  ServantInProcess servant_{definitions()};
  Client& client_ = servant_.client();
};

TEST_F(Stopping, AStepAtItsLimitIsATimeout) {
  client_.initialize();
  const Json result = client_.step("When", "waits", {{"TimeoutMs", 20}});
  EXPECT_EQ(result["status"], "timeout");
  EXPECT_EQ(result["failure"]["type"], "STEP_EXECUTION_TIMEOUT");
  EXPECT_EQ(
      result["error"],
      "Step execution timeout: 'waits' took longer than its limit of 20 ms; it ended with: the step was told to end");
  EXPECT_GE(result["elapsedNs"].get<std::int64_t>(), 20'000'000);
  EXPECT_EQ(client_.step("When", "passes")["status"], "passed");
}

TEST_F(Stopping, TheScenariosLimitHoldsForAStepWithoutOne) {
  client_.initialize({{"StepTimeoutMs", 20}});
  EXPECT_EQ(client_.step("When", "waits")["status"], "timeout");
}

TEST_F(Stopping, AStepThatPassesAfterItsLimitIsATimeoutToo) {
  client_.initialize();
  EXPECT_EQ(client_.step("When", "returns at once when told to", {{"TimeoutMs", 20}})["status"], "timeout");
}

TEST_F(Stopping, AStepBlockedInASystemCallIsAnsweredWithoutIt) {
  client_.initialize();
  (void)client_.step("Given", "opens");
  const Json result = client_.step("When", "blocks", {{"TimeoutMs", 20}});
  EXPECT_EQ(result["status"], "timeout");
  EXPECT_EQ(result["error"], "Step execution timeout: 'blocks' took longer than its limit of 20 ms and still runs");
  const Json refused = client_.step("When", "passes");
  EXPECT_EQ(refused["failure"]["type"], "StepStillRunning");
  EXPECT_EQ(refused["error"], "an earlier step of this scenario was given up and still runs: 'blocks'");

  // The next scenario is served; the state of this one stays for as long as the step may use it.
  (void)client_.result("cleanup");
  EXPECT_EQ(*closed_, 0);
  client_.initialize();
  EXPECT_EQ(client_.step("When", "passes")["status"], "passed");
  call_->end();
  while (*closed_ == 0) {
    std::this_thread::yield();
  }
}

TEST_F(Stopping, AScenarioGoesOnOnceTheStepThatWasGivenUpHasReturned) {
  client_.initialize();
  (void)client_.step("When", "blocks", {{"TimeoutMs", 20}});
  call_->end();
  while (client_.step("When", "passes")["status"] != "passed") {
  }
}

TEST_F(Stopping, ACancelledStepSaysHowItEnded) {
  client_.initialize();
  const int id = client_.send_step("When", "starts and waits");
  wait_for_start();
  client_.send({{"jsonrpc", "2.0"}, {"method", "$/cancelRequest"}, {"params", {{"id", id}}}});
  const Json result = result_of(id);
  EXPECT_EQ(result["status"], "cancelled");
  EXPECT_EQ(result["error"],
            "Step cancelled: 'starts and waits' was cancelled by the coordinator; it ended with: gave in");
}

TEST_F(Stopping, ACancelledStepThatDoesNotHeedItIsGivenUp) {
  client_.initialize();
  const int id = client_.send_step("When", "blocks");
  wait_for_start();
  client_.send({{"jsonrpc", "2.0"}, {"method", "$/cancelRequest"}, {"params", {{"id", id}}}});
  EXPECT_EQ(result_of(id)["status"], "cancelled");
  call_->end();
}

TEST_F(Stopping, AStepCanBeCancelledBeforeItsTurn) {
  client_.initialize();
  const int first = client_.send_step("When", "starts and waits");
  const int second = client_.send_step("When", "waits");
  wait_for_start();
  client_.send({{"jsonrpc", "2.0"}, {"method", "$/cancelRequest"}, {"params", Json::array({{{"id", second}}})}});
  client_.send({{"jsonrpc", "2.0"}, {"method", "$/cancelRequest"}, {"params", {{"id", first}}}});
  EXPECT_EQ(result_of(first)["status"], "cancelled");
  EXPECT_EQ(result_of(second)["status"], "cancelled");
}

TEST_F(Stopping, HealthIsAnsweredWhileAStepRuns) {
  client_.initialize();
  const int id = client_.send_step("When", "blocks");
  wait_for_start();
  EXPECT_EQ(client_.call("health")["result"]["ok"], true);
  call_->end();
  EXPECT_EQ(result_of(id)["status"], "passed");
}

TEST_F(Stopping, TheEndOfAScenarioStopsItsStepsAndClosesItsState) {
  client_.initialize();
  (void)client_.step("Given", "opens");
  const int id = client_.send_step("When", "starts and waits");
  wait_for_start();
  client_.send({{"jsonrpc", "2.0"}, {"id", "c"}, {"method", "cleanup"}, {"params", Json::array()}});
  EXPECT_EQ(result_of(id)["status"], "cancelled");
  EXPECT_EQ(client_.receive()["id"], "c");
  EXPECT_EQ(*closed_, 1);
}

TEST_F(Stopping, ANewScenarioEndsTheOneBefore) {
  client_.initialize();
  (void)client_.step("Given", "opens");
  client_.initialize();
  EXPECT_EQ(*closed_, 1);
}

TEST_F(Stopping, TheEndOfTheInputCleansUpAndIsStatus0) {
  client_.initialize();
  (void)client_.step("Given", "opens");
  (void)client_.send_step("When", "starts and waits");
  wait_for_start();
  servant_.end_input();
  EXPECT_EQ(servant_.wait_for_exit(), 0);
  EXPECT_EQ(*closed_, 1);
}

TEST_F(Stopping, ASignalCleansUpAndIsTheStatus) {
  client_.initialize();
  (void)client_.step("Given", "opens");
  servant_.signal(SIGTERM);
  EXPECT_EQ(servant_.wait_for_exit(), 128 + SIGTERM);
  EXPECT_EQ(*closed_, 1);
}

TEST_F(Stopping, ShutdownWhileAStepBlocksAnswersBoth) {
  client_.initialize();
  const int id = client_.send_step("When", "blocks");
  wait_for_start();
  client_.send({{"jsonrpc", "2.0"}, {"id", "s"}, {"method", "shutdown"}, {"params", Json::array()}});
  EXPECT_EQ(result_of(id)["status"], "cancelled");
  EXPECT_EQ(client_.receive()["id"], "s");
  EXPECT_EQ(servant_.wait_for_exit(), 0);
  call_->end();
}

}  // namespace
}  // namespace parley::test
