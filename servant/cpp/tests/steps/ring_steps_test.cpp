// The ring's steps in two servants: what passes, and above all what must not.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>

#include "servant_process.hpp"

namespace parley::test {
namespace {

class RingSteps : public testing::Test {
 protected:
  RingSteps() {
    for (ServantProcess* servant : {&reader_, &writer_}) {
      servant->client().initialize({{"ResourcePrefix", prefix_}});
    }
  }

  void TearDown() override {
    for (ServantProcess* servant : {&reader_, &writer_}) {
      EXPECT_TRUE(servant->client().result("cleanup").is_null());
      EXPECT_TRUE(servant->client().result("shutdown").is_null());
      EXPECT_EQ(servant->wait_for_exit(), 0) << servant->errors();
    }
    for (const char* folder : {"/dev/shm", "/tmp/zerobuffer"}) {
      std::error_code none;
      for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
        EXPECT_EQ(entry.path().string().find(prefix_), std::string::npos) << entry.path();
      }
    }
  }

  static Json step(ServantProcess& servant, const std::string& text, const Json& more = Json::object()) {
    return servant.client().step("Then", text, more);
  }
  static void passes(ServantProcess& servant, const std::string& text) {
    const Json result = step(servant, text);
    EXPECT_EQ(result["status"], "passed") << text << "\n" << result;
  }
  static std::string failure(ServantProcess& servant, const std::string& text) {
    const Json result = step(servant, text);
    EXPECT_EQ(result["status"], "failed") << text;
    return result["error"].is_null() ? "" : result["error"].get<std::string>();
  }

  void open(int metadata, int payload) {
    passes(reader_, "the 'reader' process creates buffer 'frames' with '" + std::to_string(metadata) +
                        "' bytes of metadata and '" + std::to_string(payload) + "' bytes of payload");
    passes(writer_, "the 'writer' process connects to buffer 'frames'");
  }

  std::string prefix_ = "parley-cpp-test-" + std::to_string(getpid()) + "-";
  ServantProcess reader_{PARLEY_SERVANT};
  ServantProcess writer_{PARLEY_SERVANT};
};

TEST_F(RingSteps, ACycleOfMetadataAndFrames) {
  open(1024, 10240);
  passes(writer_, "the 'writer' process writes '100' bytes of metadata");
  passes(reader_, "the 'reader' process finds '100' bytes of metadata");
  passes(writer_, "the 'writer' process writes '3' frames of '512' bytes");
  passes(writer_, "the 'writer' process has written '3' frames");
  passes(reader_, "the 'reader' process reads frame '1' of '512' bytes");
  passes(reader_, "the 'reader' process reads frames '2' to '3' of '512' bytes, taking '1' milliseconds over each");
  passes(reader_, "the 'reader' process still holds frame '1' unchanged");
  passes(reader_, "the 'reader' process finds no frame waiting");
  passes(writer_, "the 'writer' process closes its buffer");
  passes(reader_, "the 'reader' process fails to read a frame: 'WriterGone'");
}

TEST_F(RingSteps, AFrameWrittenInPlace) {
  open(0, 1024);
  passes(writer_, "the 'writer' process acquires a frame of '100' bytes");
  passes(writer_, "the 'writer' process fills the acquired frame in place");
  passes(reader_, "the 'reader' process finds no frame waiting");
  passes(writer_, "the 'writer' process commits the acquired frame");
  passes(reader_, "the 'reader' process reads and releases frame '1' of '100' bytes");
  passes(writer_, "the 'writer' process acquires a frame of '100' bytes");
  passes(writer_, "the 'writer' process abandons the acquired frame");
  passes(writer_, "the 'writer' process has written '1' frames");
  EXPECT_EQ(failure(writer_, "the 'writer' process commits the acquired frame"),
            "this process has acquired no frame; a step that acquires one must come first");
}

TEST_F(RingSteps, AFrameThatWasNotFilledIsNoticed) {
  open(0, 1024);
  passes(writer_, "the 'writer' process acquires a frame of '100' bytes");
  passes(writer_, "the 'writer' process commits the acquired frame");
  EXPECT_EQ(failure(reader_, "the 'reader' process reads frame '1' of '100' bytes"),
            "byte 0 of frame 1: expected 0x01, got 0x00");
}

using Case = std::pair<const char*, const char*>;

class ReaderChecks : public RingSteps, public testing::WithParamInterface<Case> {};

TEST_P(ReaderChecks, Fail) {
  open(1024, 10240);
  passes(writer_, "the 'writer' process writes '5' bytes of metadata");
  passes(writer_, "the 'writer' process writes a frame of '512' bytes");
  passes(writer_, "the 'writer' process writes a frame of '100' bytes");
  passes(writer_, "the 'writer' process writes a frame of '512' bytes");
  EXPECT_EQ(failure(reader_, GetParam().first), GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(
    RingSteps, ReaderChecks,
    testing::Values(
        Case("the 'reader' process reads frame '2' of '512' bytes", "sequence number of the frame: expected 2, got 1"),
        Case("the 'reader' process reads and releases frame '1' of '511' bytes",
             "bytes of frame 1: expected 511, got 512"),
        Case("the 'reader' process reads frames '1' to '3' of '512' bytes", "bytes of frame 2: expected 512, got 100"),
        Case("the 'reader' process reads frames '2' to '1' of '512' bytes",
             "frames 2 to 1 are none; the first number must not be above the second"),
        Case("the 'reader' process finds no frame waiting",
             "look for a frame: error: expected ReadTimeout, got frame 1 of 512 bytes"),
        Case("the 'reader' process fails to read a frame: 'WriterDead'",
             "read a frame: error: expected WriterDead, got frame 1 of 512 bytes"),
        Case("the 'reader' process finds '10' bytes of metadata", "bytes of metadata: expected 10, got 5"),
        Case("the 'reader' process finds no metadata", "metadata: expected none, got 5 bytes"),
        Case("the 'reader' process releases frame '1'",
             "this process does not hold frame 1; a step that reads it must come first"),
        Case("the 'reader' process still holds frame '1' unchanged",
             "this process does not hold frame 1; a step that reads it must come first"),
        Case("the 'reader' process has written '1' frames",
             "this process is connected to no buffer; a step that connects must come first")));

class WriterChecks : public RingSteps, public testing::WithParamInterface<Case> {};

TEST_P(WriterChecks, Fail) {
  open(1024, 10240);
  passes(writer_, "the 'writer' process writes a frame of '512' bytes");
  EXPECT_EQ(failure(writer_, GetParam().first), GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(
    RingSteps, WriterChecks,
    testing::Values(
        Case("the 'writer' process has written '2' frames",
             "frames written since the writer connected: expected 2, got 1"),
        Case("the 'writer' process fails to write a frame of '10' bytes: 'BufferFull'",
             "write a frame of 10 bytes: error: expected BufferFull, got success: it is frame 2"),
        Case("the 'writer' process fails to write '10' bytes of metadata: 'MetadataTooLarge'",
             "write 10 bytes of metadata: error: expected MetadataTooLarge, got success"),
        Case("the 'writer' process reads frame '1' of '1' bytes",
             "this process has created no buffer, or has closed it; a step that creates one must come first")));

TEST_F(RingSteps, AnotherErrorThanTheExpectedOneFailsAndBothAreNamed) {
  open(0, 1024);
  const Json result = step(writer_, "the 'writer' process fails to write a frame of '2000' bytes: 'EmptyFrame'");
  EXPECT_EQ(result["status"], "failed");
  const Json& failure = result["failure"];
  EXPECT_EQ(failure["type"], "FrameTooLarge");
  EXPECT_EQ(failure["expected"], "EmptyFrame");
  EXPECT_EQ(failure["actual"].get<std::string>().rfind("FrameTooLarge (", 0), 0U);
  EXPECT_EQ(failure["stack"].get<std::string>().rfind("servant/cpp/steps/basic_communication.cpp:", 0), 0U);
}

TEST_F(RingSteps, AnErrorThatTheRingDoesNotKnowIsNamed) {
  open(0, 1024);
  EXPECT_NE(failure(writer_, "the 'writer' process fails to write a frame of '0' bytes: 'Nothing'")
                .find("argument 3: the ring has no error named 'Nothing'"),
            std::string::npos);
}

TEST_F(RingSteps, ARefusalThatNobodyExpectedFailsUnderTheRingsName) {
  const Json result = step(writer_, "the 'writer' process connects to buffer 'frames'");
  EXPECT_EQ(result["status"], "failed");
  EXPECT_EQ(result["failure"]["type"], "NotFound");
}

TEST_F(RingSteps, AFullRingRefusesAtOnceWithoutWaiting) {
  open(0, 1024);
  passes(writer_, "the 'writer' process waits at most '1' milliseconds for the other side");
  passes(writer_, "the 'writer' process writes frames of '100' bytes until the buffer is full");
  passes(writer_, "the 'writer' process has written '8' frames");
  passes(writer_, "the 'writer' process waits at most '60000' milliseconds for the other side");
  EXPECT_EQ(step(writer_, "the 'writer' process writes a frame of '100' bytes without waiting")["failure"]["type"],
            "BufferFull");
  passes(writer_, "the 'writer' process has written '8' frames");
}

TEST_F(RingSteps, ABlockedWriteEndsWithItsStep) {
  open(0, 1024);
  passes(writer_, "the 'writer' process waits at most '60000' milliseconds for the other side");
  const Json result = step(writer_, "the 'writer' process writes '9' frames of '100' bytes", {{"TimeoutMs", 300}});
  EXPECT_EQ(result["status"], "timeout");
  passes(writer_, "the 'writer' process has written '8' frames");
}

TEST_F(RingSteps, ARangeOfNamesMustRise) {
  for (const auto& [first, last] : {Case("race-5", "race-1"), Case("race-1", "rice-5"), Case("race", "race")}) {
    const std::string error = failure(
        reader_, "two 'reader' processes race to create buffers '" + std::string(first) + "' to '" + last + "'");
    EXPECT_NE(error.find("is no range"), std::string::npos) << error;
  }
}

TEST_F(RingSteps, ARaceIsReportedUnderTheProcess) {
  const auto report = [](ServantProcess& servant, const Json& result) {
    return result["context"]["race." + std::to_string(servant.pid())];
  };
  EXPECT_EQ(report(reader_, step(reader_, "two 'reader' processes race to create buffers 'race-1' to 'race-3'")),
            "race-1=won,race-2=won,race-3=won");
  EXPECT_EQ(report(writer_, step(writer_, "two 'reader' processes race to create buffers 'race-2' to 'race-4'")),
            "race-2=InUse,race-3=InUse,race-4=won");
}

struct Race {
  const char* first;
  const char* second;
  Json error;
};

class Races : public RingSteps, public testing::WithParamInterface<Race> {};

TEST_P(Races, AreJudgedByTheirReports) {
  const Json context{{"other", "x"}, {"race.1", GetParam().first}, {"race.2", GetParam().second}};
  const Json result =
      step(writer_, "the 'writer' process sees exactly one winner in each of '2' races, the other told 'InUse'",
           {{"Context", context}});
  EXPECT_EQ(result["error"], GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(RingSteps, Races,
                         testing::Values(Race{"race-1=won,race-2=InUse", "race-1=InUse,race-2=won", nullptr},
                                         Race{"race-1=won,race-2=won", "race-1=InUse,race-2=won",
                                              "outcomes of the race for race-2: expected InUse, won, got won, won"},
                                         Race{"race-1=won,race-2=InUse", "race-1=System,race-2=won",
                                              "outcomes of the race for race-1: expected InUse, won, got System, won"},
                                         Race{"race-1=won", "race-1=InUse",
                                              "races that were reported: expected 2, got 1"},
                                         Race{"race-1=won,race-2", "race-1=InUse",
                                              "the report race.1 holds 'race-2', expected name=outcome"}));

}  // namespace
}  // namespace parley::test
