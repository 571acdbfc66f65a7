#include "step_record.hpp"

#include <gtest/gtest.h>

#include "base64.hpp"

namespace parley::detail {
namespace {

TEST(StepRecord, KeepsTheLastLinesAndSaysHowManyAreLeftOut) {
  int live = 0;
  StepRecord record({}, [&live](const LogEntry& /*entry*/) { ++live; });
  for (int i = 0; i < 10'005; ++i) {
    record.log(Level::debug, std::to_string(i));
  }
  const StepRecord::Contents contents = record.close();
  EXPECT_EQ(live, 10'005);
  ASSERT_EQ(contents.logs.size(), 10'001U);
  EXPECT_EQ(contents.logs.front().message, "5 lines before this one left out");
  EXPECT_EQ(contents.logs.front().level, Level::warning);
  EXPECT_EQ(contents.logs.back().message, "10004");
}

TEST(StepRecord, CutsALineThatIsTooLong) {
  StepRecord record({}, nullptr);
  record.log(Level::error, std::string(std::size_t{5} << 20, 'x'));
  const std::string line = record.close().logs.at(0).message;
  EXPECT_LT(line.size(), (std::size_t{4} << 20) + 16);
  EXPECT_EQ(line.substr(line.size() - 5), "(cut)");
}

TEST(StepRecord, TakesAttachmentsUpToItsLimit) {
  StepRecord record({}, nullptr);
  record.attach({"a", "text/plain", std::string(StepRecord::kMaxAttachments - 1, 'x')});
  EXPECT_THROW(record.attach({"b", "text/plain", "xx"}), std::length_error);
  record.attach({"c", "text/plain", "x"});
  EXPECT_EQ(record.close().attachments.size(), 2U);
}

TEST(StepRecord, KeepsNothingOnceItIsClosed) {
  int live = 0;
  StepRecord record({}, [&live](const LogEntry& /*entry*/) { ++live; });
  (void)record.close();
  testing::internal::CaptureStderr();
  record.log(Level::information, "late");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "late\n");
  record.while_open([] { FAIL() << "it is closed"; });
  EXPECT_EQ(live, 0);
}

TEST(Base64, HasPadding) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

}  // namespace
}  // namespace parley::detail
