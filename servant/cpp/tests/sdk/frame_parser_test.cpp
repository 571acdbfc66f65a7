#include "frame_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace parley::detail {
namespace {

class Frames : public testing::Test {
 protected:
  std::vector<std::string> after(std::string_view bytes) {
    parser_.feed(bytes);
    std::vector<std::string> bodies;
    while (const auto body = parser_.next()) {
      bodies.emplace_back(*body);
    }
    return bodies;
  }

  std::vector<std::string> stray_;
  FrameParser parser_{[this](std::string_view line) { stray_.emplace_back(line); }};
};

using Bodies = std::vector<std::string>;

TEST_F(Frames, ComeInOnePieceOrByteByByte) {
  const std::string bytes = "Content-Length: 2\r\n\r\nabContent-Length: 0\r\n\r\nContent-Length: 1\r\n\r\nc";
  EXPECT_EQ(after(bytes), (Bodies{"ab", "", "c"}));
  Bodies bodies;
  for (const char byte : bytes) {
    for (std::string& body : after({&byte, 1})) {
      bodies.push_back(std::move(body));
    }
  }
  EXPECT_EQ(bodies, (Bodies{"ab", "", "c"}));
  EXPECT_EQ(stray_, Bodies());
}

TEST_F(Frames, HaveHeadersInAnyCaseAndOthersThatAreIgnored) {
  EXPECT_EQ(after("content-LENGTH:1\nContent-Type: x\n\na"), (Bodies{"a"}));
  EXPECT_EQ(stray_, Bodies());
}

TEST_F(Frames, AreFoundBehindStrayLines) {
  EXPECT_EQ(after("hello world\n\nContent-Length: x\r\n\r\nContent-Length: 1\r\n\r\na"), (Bodies{"a"}));
  EXPECT_EQ(stray_, (Bodies{"hello world", "Content-Length: x"}));
}

TEST_F(Frames, AreFoundBehindALineWithoutEnd) {
  EXPECT_EQ(after(std::string(100'000, 'x')), Bodies());
  EXPECT_EQ(after("\nContent-Length: 1\r\n\r\na"), (Bodies{"a"}));
  EXPECT_GE(stray_.size(), 6U);
}

TEST_F(Frames, AboveTheLimitArePassedOver) {
  parser_.feed("Content-Length: 67108865\r\n\r\n");
  EXPECT_THROW(parser_.next(), FrameTooLarge);
  const std::string part(std::size_t{1} << 20, 'x');
  for (int i = 0; i < 64; ++i) {
    EXPECT_EQ(after(part), Bodies());
  }
  EXPECT_EQ(after("xContent-Length: 1\r\n\r\na"), (Bodies{"a"}));
}

TEST_F(Frames, AtTheLimitAreTaken) {
  parser_.feed("Content-Length: 67108864\r\n\r\n");
  EXPECT_EQ(after(std::string(kMaxFrame, 'x')).at(0).size(), kMaxFrame);
}

}  // namespace
}  // namespace parley::detail
