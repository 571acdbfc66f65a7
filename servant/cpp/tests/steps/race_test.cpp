// The steps of processes that race for buffers.
#include <unistd.h>

#include "cell.hpp"

namespace parley::test {
namespace {

class Races : public Cell {};

TEST_F(Races, ARangeOfNamesMustRise) {
  for (const char* range : {"'race-5' to 'race-1'", "'race-1' to 'rice-5'", "'race' to 'race'", "'race-1' to 'race'"}) {
    fail(std::string("reader race to create buffers ") + range, {std::string(range) + " is no range"});
  }
}

TEST_F(Races, AreReportedUnderTheProcess) {
  const auto report_of = [&](const std::string& words) {
    return step(words)["context"]["race." + std::to_string(getpid())];
  };
  EXPECT_EQ(report_of("reader race to create buffers 'race-1' to 'race-3'"), "race-1=won,race-2=won,race-3=won");
  EXPECT_EQ(report_of("writer race to create buffers 'race-2' to 'race-4'"), "race-2=InUse,race-3=InUse,race-4=won");
}

TEST_F(Races, WhatWasWonCarriesFrames) {
  pass({"reader race to create buffers 'race-9' to 'race-11'",
        "writer writes a frame of '5' bytes to each of buffers 'race-9' to 'race-11'",
        "reader read frame '1' of '5' bytes from each buffer they won"});
}

struct Race {
  const char* first;
  const char* second;
  Json error;
};

class RaceReports : public Cell, public testing::WithParamInterface<Race> {};

TEST_P(RaceReports, AreJudged) {
  const Json context{{"other", "x"}, {"race.1", GetParam().first}, {"race.2", GetParam().second}};
  const Json result =
      step("writer sees exactly one winner in each of '2' races, the other told 'InUse'", {{"Context", context}});
  EXPECT_EQ(result["error"], GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Races, RaceReports,
                         testing::Values(Race{"race-1=won,race-2=InUse", "race-1=InUse,race-2=won", nullptr},
                                         Race{"race-1=won,race-2=won", "race-1=InUse,race-2=won",
                                              "outcomes of the race for race-2: expected InUse, won, got won, won"},
                                         Race{"race-1=won,race-2=InUse", "race-1=System,race-2=won",
                                              "outcomes of the race for race-1: expected InUse, won, got System, won"},
                                         Race{"race-1=won,race-2=InUse", "race-1=InUse,race-2=InUse",
                                              "outcomes of the race for race-2: expected InUse, won, got InUse, InUse"},
                                         Race{"race-1=won", "race-1=InUse",
                                              "races that were reported: expected 2, got 1"},
                                         Race{"race-1=won,race-2", "race-1=InUse",
                                              "the report race.1 holds 'race-2', expected name=outcome"}));

}  // namespace
}  // namespace parley::test
