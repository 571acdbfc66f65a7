// The notation of errors in features, and what of it an error meets.
#include "expected_error.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <limits>
#include <optional>

namespace parley::steps {
namespace {

using ring::Error;
using ring::ErrorKind;

const Error full = Error::system("b", "fallocate", "/dev/shm/b", ENOSPC);
const Error strange = Error::system("b", "open", "/dev/shm/b", 4000);
const Error corrupt = Error::corrupt("b", "frame_size", std::numeric_limits<std::uint64_t>::max(), 9208);
const Error gap = Error::sequence_gap("b", 2, 7);
const Error late = Error::timed_out(ErrorKind::BufferFull, "b", std::chrono::milliseconds(50));
const Error large = Error::exceeds(ErrorKind::FrameTooLarge, "b", 2, 1);

struct Expectation {
  const char* text;
  const Error* error;   // null for success
  std::string failure;  // part of it; empty where it is met
};

void PrintTo(const Expectation& expectation, std::ostream* out) {
  *out << expectation.text;
}

/// What expect_error says of an action that ends so.
std::string said(const std::string& text, const Error* error) {
  try {
    expect_error(ExpectedError(text), "do it", [error]() -> std::string {
      if (error != nullptr) {
        throw Error(*error);
      }
      return "success";
    });
    return {};
  } catch (const std::exception& e) {
    return e.what();
  }
}

class Expectations : public testing::TestWithParam<Expectation> {};

TEST_P(Expectations, AreMetOrNot) {
  const auto& [text, error, failure] = GetParam();
  const std::string message = said(text, error);
  if (failure.empty()) {
    EXPECT_EQ(message, "");
  } else {
    EXPECT_NE(message.find(failure), std::string::npos) << "'" << message << "' has no " << failure;
  }
}

INSTANTIATE_TEST_SUITE_P(Met, Expectations,
                         testing::Values(Expectation{"Corrupt", &corrupt, ""},
                                         Expectation{"Corrupt field=frame_size value=18446744073709551615 limit=9208",
                                                     &corrupt, ""},
                                         Expectation{"Corrupt limit=9208", &corrupt, ""},
                                         Expectation{"Corrupt limit=9208 field=frame_size", &corrupt, ""},
                                         Expectation{"SequenceGap expected=2 actual=7", &gap, ""},
                                         Expectation{"BufferFull timeout=50", &late, ""},
                                         Expectation{"FrameTooLarge size=2 largest=1", &large, ""},
                                         Expectation{"System errno=ENOSPC call=fallocate", &full, ""},
                                         Expectation{"System errno=ENOSPC naming /dev/shm/b", &full, ""},
                                         Expectation{"System naming /dev/shm/b: No space", &full, ""},
                                         Expectation{"System errno=4000", &strange, ""}));

INSTANTIATE_TEST_SUITE_P(
    NotMet, Expectations,
    testing::Values(
        Expectation{"Corrupt field=frame_size value=-1", &corrupt,
                    "do it: error: expected Corrupt field=frame_size value=-1, got Corrupt field=frame_size "
                    "value=18446744073709551615 limit=9208 (ring"},
        Expectation{"Corrupt field=payload_free_bytes", &corrupt, "got Corrupt field=frame_size value="},
        Expectation{"SequenceGap expected=7 actual=2", &gap, "got SequenceGap expected=2 actual=7 ("},
        Expectation{"BufferFull timeout=5", &late, "got BufferFull timeout=50 ("},
        Expectation{"System errno=28", &full, "got System call=fallocate errno=ENOSPC ("},
        Expectation{"System errno=ENOSPC call=open", &full, "expected System errno=ENOSPC call=open, got System"},
        Expectation{"System naming /dev/shm/c", &full,
                    "expected System naming /dev/shm/c, got System call=fallocate errno=ENOSPC (ring"},
        Expectation{"WriterGone", &gap, "do it: error: expected WriterGone, got SequenceGap"},
        Expectation{"WriterGone", nullptr, "do it: error: expected WriterGone, got success"}));

INSTANTIATE_TEST_SUITE_P(
    NoErrors, Expectations,
    testing::Values(Expectation{"Writergone", nullptr, "the ring has no error named 'Writergone'"},
                    Expectation{"", nullptr, "has no name"},
                    Expectation{"naming x", nullptr, "no error named 'naming'"},
                    Expectation{" naming x", nullptr, "has no name"},
                    Expectation{"Corrupt feld=x", &corrupt, "Corrupt carries no detail named 'feld'"},
                    Expectation{"Corrupt =x", &corrupt, "Corrupt carries no detail named ''"},
                    Expectation{"WriterGone field=x", nullptr, "WriterGone carries no detail named 'field'"},
                    Expectation{"Corrupt field", &corrupt, "'field' in the error 'Corrupt field' is no detail"},
                    Expectation{"Corrupt field=a field=b", &corrupt, "has the detail 'field' twice"},
                    Expectation{"System naming ", &full, "names nothing"}));

TEST(ExpectedErrors, AFailureIsOfTheKindThatCame) {
  try {
    ExpectedError("WriterGone").check("do it", gap);
    ADD_FAILURE() << "met";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.type(), "SequenceGap");
    EXPECT_EQ(failure.expected(), "WriterGone");
    EXPECT_EQ(failure.actual(), describe(gap));
  }
}

TEST(ExpectedErrors, WhatIsNoErrorOfTheRingPasses) {
  EXPECT_THROW(
      expect_error(ExpectedError("WriterGone"), "do it", []() -> std::string { throw std::out_of_range("beyond"); }),
      std::out_of_range);
}

}  // namespace
}  // namespace parley::steps
