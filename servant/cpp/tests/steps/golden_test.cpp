// What the steps of all languages share, in servant/golden.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "expected_error.hpp"
#include "holds.hpp"
#include "records.hpp"

namespace parley::steps {
namespace {

using nlohmann::json;

/// The cases of a file; none is a failure.
json cases_of(const std::string& file) {
  std::ifstream in(std::string(PARLEY_GOLDEN) + "/" + file);
  json cases = json::parse(in);
  EXPECT_FALSE(cases.empty()) << file;
  return cases;
}

/// Numbers beyond those that JSON can hold everywhere are texts.
std::uint64_t number(const json& text) {
  return std::stoull(text.get<std::string>());
}

TEST(Golden, Holds) {
  for (const json& each : cases_of("holds.json")) {
    const auto most = each["most"].get<std::uint64_t>();
    Holds holds(number(each["seed"]) + 1, most, each["maxPause"].get<std::uint64_t>());
    auto sequence = each["first"].get<std::uint64_t>();
    for (const json& frame : each["frames"]) {
      const Holds::Next next = holds.next(sequence);
      ASSERT_EQ(next.release, frame["release"].get<std::vector<std::uint64_t>>()) << each["seed"] << ", " << sequence;
      ASSERT_EQ(next.pause.count(), frame["pause"].get<std::int64_t>()) << each["seed"] << ", " << sequence;
      ++sequence;
    }
    EXPECT_EQ(holds.rest(), each["rest"].get<std::vector<std::uint64_t>>()) << each["seed"];
    EXPECT_TRUE(holds.rest().empty()) << each["seed"];
  }
}

TEST(Golden, FieldsOfRecords) {
  for (const json& each : cases_of("records.json")) {
    EXPECT_EQ(records::field(number(each["record"]), number(each["field"])), number(each["value"])) << each;
  }
}

TEST(Golden, EachDetailOfAnErrorCanBeExpectedAndNoOther) {
  const json kinds = cases_of("errors.json");
  for (const json& kind : kinds) {
    const auto& carried = kind["details"];
    for (const char* detail :
         {"field", "value", "limit", "size", "largest", "timeout", "expected", "actual", "call", "errno", "pid"}) {
      const std::string text = kind["name"].get<std::string>() + " " + detail + "=1";
      if (std::find(carried.begin(), carried.end(), detail) == carried.end()) {
        EXPECT_THROW(ExpectedError{text}, std::invalid_argument) << text;
      } else {
        EXPECT_NO_THROW(ExpectedError{text}) << text;
      }
    }
  }
}

}  // namespace
}  // namespace parley::steps
