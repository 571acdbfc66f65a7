// The ring's steps of features 1 to 4: what passes, and above all what must not.
#include <utility>

#include "cell.hpp"

namespace parley::test {
namespace {

class RingSteps : public Cell {};

TEST_F(RingSteps, ACycleOfMetadataAndFrames) {
  open(1024, 10240);
  pass({"writer writes '100' bytes of metadata", "reader finds '100' bytes of metadata"});
  pass({"writer writes '3' frames of '512' bytes", "writer has written '3' frames"});
  pass({"reader reads frame '1' of '512' bytes",
        "reader reads frames '2' to '3' of '512' bytes, taking '1' milliseconds over each"});
  pass({"reader still holds frame '1' unchanged", "reader finds no frame waiting"});
  pass({"writer closes its buffer", "reader fails to read a frame: 'WriterGone'"});
}

TEST_F(RingSteps, AFrameWrittenInPlace) {
  open(0, 1024);
  pass({"writer acquires a frame of '100' bytes", "writer fills the acquired frame in place"});
  pass({"reader finds no frame waiting", "writer commits the acquired frame"});
  pass({"reader reads and releases frame '1' of '100' bytes", "writer acquires a frame of '100' bytes"});
  pass({"writer abandons the acquired frame", "writer has written '1' frames"});
  EXPECT_EQ(step("writer commits the acquired frame")["error"],
            "this process has acquired no frame; a step that acquires one must come first");
}

TEST_F(RingSteps, AFrameThatWasNotFilledIsNoticed) {
  open(0, 1024);
  pass({"writer acquires a frame of '100' bytes", "writer commits the acquired frame"});
  EXPECT_EQ(step("reader reads frame '1' of '100' bytes")["error"], "byte 0 of frame 1: expected 0x01, got 0x00");
}

using Case = std::pair<const char*, const char*>;

class ReaderChecks : public RingSteps, public testing::WithParamInterface<Case> {};

TEST_P(ReaderChecks, Fail) {
  open(1024, 10240);
  pass({"writer writes '5' bytes of metadata", "writer writes a frame of '512' bytes"});
  pass({"writer writes a frame of '100' bytes", "writer writes a frame of '512' bytes"});
  EXPECT_EQ(step(GetParam().first)["error"], GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(
    RingSteps, ReaderChecks,
    testing::Values(
        Case("reader reads frame '2' of '512' bytes", "sequence number of the frame: expected 2, got 1"),
        Case("reader reads and releases frame '1' of '511' bytes", "bytes of frame 1: expected 511, got 512"),
        Case("reader reads frames '1' to '3' of '512' bytes", "bytes of frame 2: expected 512, got 100"),
        Case("reader reads frames '2' to '1' of '512' bytes",
             "frames 2 to 1 are none; the first number must not be above the second"),
        Case("reader finds no frame waiting",
             "look for a frame: error: expected ReadTimeout, got frame 1 of 512 bytes"),
        Case("reader fails to read a frame: 'WriterDead'",
             "read a frame: error: expected WriterDead, got frame 1 of 512 bytes"),
        Case("reader finds '10' bytes of metadata", "bytes of metadata: expected 10, got 5"),
        Case("reader finds no metadata", "metadata: expected none, got 5 bytes"),
        Case("reader releases frame '1'", "this process does not hold frame 1; a step that reads it must come first"),
        Case("reader still holds frame '1' unchanged",
             "this process does not hold frame 1; a step that reads it must come first"),
        Case("reader has written '1' frames",
             "this process is connected to no buffer; a step that connects must come first")));

class WriterChecks : public RingSteps, public testing::WithParamInterface<Case> {};

TEST_P(WriterChecks, Fail) {
  open(1024, 10240);
  pass({"writer writes a frame of '512' bytes"});
  EXPECT_EQ(step(GetParam().first)["error"], GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(
    RingSteps, WriterChecks,
    testing::Values(
        Case("writer has written '2' frames", "frames written since the writer connected: expected 2, got 1"),
        Case("writer fails to write a frame of '10' bytes: 'BufferFull'",
             "write a frame of 10 bytes: error: expected BufferFull, got success: it is frame 2"),
        Case("writer fails to write '10' bytes of metadata: 'MetadataTooLarge'",
             "write 10 bytes of metadata: error: expected MetadataTooLarge, got success"),
        Case("writer reads frame '1' of '1' bytes",
             "this process has created no buffer, or has closed it; a step that creates one must come first")));

TEST_F(RingSteps, AnotherErrorThanTheExpectedOneFailsAndBothAreNamed) {
  open(0, 1024);
  const std::string words = "writer fails to write a frame of '2000' bytes: 'EmptyFrame'";
  fail(words,
       {"write a frame of 2000 bytes: error", "EmptyFrame", "FrameTooLarge size=2000 largest=1008 (", "FrameTooLarge"});
  EXPECT_EQ(step(words)["failure"]["stack"].get<std::string>().rfind("servant/cpp/steps/basic_communication.cpp:", 0),
            0U);
}

TEST_F(RingSteps, AnErrorThatTheRingDoesNotKnowIsNamed) {
  open(0, 1024);
  fail("writer fails to write a frame of '0' bytes: 'Nothing'",
       {"argument 3: the ring has no error named 'Nothing'", "", "", "InvalidArguments"});
}

TEST_F(RingSteps, ARefusalThatNobodyExpectedFailsUnderTheRingsName) {
  const Json result = step("writer connects to buffer 'frames'");
  EXPECT_EQ(result["status"], "failed");
  EXPECT_EQ(result["failure"]["type"], "NotFound");
}

TEST_F(RingSteps, AFullRingRefusesAtOnceWithoutWaiting) {
  open(0, 1024);
  pass({"writer waits at most '1' milliseconds for the other side",
        "writer writes frames of '100' bytes until the buffer is full"});
  pass({"writer has written '8' frames", "writer waits at most '60000' milliseconds for the other side"});
  EXPECT_EQ(step("writer writes a frame of '100' bytes without waiting")["failure"]["type"], "BufferFull");
  pass({"writer has written '8' frames"});
}

TEST_F(RingSteps, ABlockedWriteEndsWithItsStep) {
  open(0, 1024);
  pass({"writer waits at most '60000' milliseconds for the other side"});
  const Json result = step("writer writes '9' frames of '100' bytes", {{"TimeoutMs", 300}});
  EXPECT_EQ(result["status"], "timeout");
  pass({"writer has written '8' frames"});
}

}  // namespace
}  // namespace parley::test
