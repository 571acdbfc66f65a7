#include "parley/argument.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace parley {
namespace {

template <class T>
std::string refusal_of(const char* text) {
  try {
    (void)Argument<T>::from(text);
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "taken";
}

TEST(Argument, TakesTextsAsTheyAre) {
  EXPECT_EQ(Argument<std::string>::from("a b"), "a b");
  EXPECT_EQ(Argument<std::string_view>::from(""), "");
}

TEST(Argument, TakesWholeNumbersOfEveryWidth) {
  EXPECT_EQ(Argument<int>::from("-12"), -12);
  EXPECT_EQ(Argument<std::uint8_t>::from("255"), 255);
  EXPECT_EQ(Argument<std::int64_t>::from("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(Argument<std::uint64_t>::from("18446744073709551615"), UINT64_MAX);
}

TEST(Argument, RefusesWhatIsNoWholeNumber) {
  for (const char* text : {"", "x", "1x", " 1", "1 ", "1.5", "+1", "0x10"}) {
    EXPECT_EQ(refusal_of<int>(text), "'" + std::string(text) + "' is no whole number");
  }
  EXPECT_EQ(refusal_of<unsigned>("-1"), "'-1' is no whole number");
}

TEST(Argument, NamesTheRangeThatANumberLeaves) {
  EXPECT_EQ(refusal_of<std::uint8_t>("256"), "'256' is not in the range 0 to 255");
  EXPECT_EQ(refusal_of<std::int8_t>("-129"), "'-129' is not in the range -128 to 127");
}

TEST(Argument, TakesNumbersWithAFraction) {
  EXPECT_DOUBLE_EQ(Argument<double>::from("-1.5e3"), -1500);
  EXPECT_FLOAT_EQ(Argument<float>::from("0.25"), 0.25F);
  EXPECT_EQ(refusal_of<double>("1,5"), "'1,5' is no number");
  EXPECT_EQ(refusal_of<double>(""), "'' is no number");
  EXPECT_EQ(refusal_of<double>(" 1"), "' 1' is no number");
}

TEST(Argument, TakesTrueAndFalse) {
  EXPECT_TRUE(Argument<bool>::from("true"));
  EXPECT_FALSE(Argument<bool>::from("false"));
  EXPECT_EQ(refusal_of<bool>("1"), "'1' is neither true nor false");
}

}  // namespace
}  // namespace parley
