// What measuring steps say and attach.
#include "figures.hpp"

#include <chrono>
#include <limits>
#include <utility>

#include "base64.hpp"
#include "cell.hpp"

namespace parley::test {
namespace {

using namespace std::chrono_literals;
using steps::figures::distribution;
using steps::figures::Figure;

TEST(Distribution, OfAThousandDurations) {
  std::vector<std::chrono::nanoseconds> durations;
  for (int n = 1000; n > 0; --n) {  // from above, to be sorted
    durations.emplace_back(n * 1us);
  }
  const std::vector<std::pair<const char*, double>> wanted{{"min", 1},   {"mean", 500.5}, {"p50", 500}, {"p90", 900},
                                                           {"p99", 990}, {"p99.9", 999},  {"max", 1000}};
  const std::vector<Figure> figures = distribution(durations);
  ASSERT_EQ(figures.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(figures[i].name, wanted[i].first);
    EXPECT_DOUBLE_EQ(figures[i].value, wanted[i].second) << figures[i].name;
    EXPECT_EQ(figures[i].unit, "µs");
  }
}

TEST(Distribution, OfOneDuration) {
  for (const Figure& figure : distribution({1500ns})) {
    EXPECT_DOUBLE_EQ(figure.value, 1.5) << figure.name;
  }
}

/// The result of a step that reports figures.
Json report(std::vector<Figure> figures) {
  const Definition measures{
      "step", "it", [figures = std::move(figures)](Scenario& s) { steps::figures::report(s, "a title", figures); }, "",
      Location::here()};
  ServantInProcess servant({measures});
  servant.client().initialize();
  return servant.client().step("When", "it");
}

TEST(Figures, AreLoggedForPeopleAndAttachedForReports) {
  const Json result = report({{"p50", 1.25, "µs"}, {"of memcpy", 0.5, ""}});
  EXPECT_EQ(result["logs"][0]["message"], "a title: p50 1.25 µs, of memcpy 0.50");
  ASSERT_EQ(result["attachments"].size(), 1U);
  const Json& attachment = result["attachments"][0];
  EXPECT_EQ(attachment["name"], "figures.json");
  EXPECT_EQ(attachment["mediaType"], "application/vnd.parley.figures+json");
  EXPECT_EQ(attachment["body"], detail::base64(R"({"title":"a title","figures":[)"
                                               R"({"name":"p50","value":1.25,"unit":"µs"},)"
                                               R"({"name":"of memcpy","value":0.5,"unit":""}]})"));
}

TEST(Figures, HaveThreeDigitsForPeople) {
  const Json result = report({{"p50", 1.234, "µs"},
                              {"p99", 12.34, "µs"},
                              {"rate", 123456.7, "frames/s"},
                              {"exact", 100, "frames/s"},
                              {"processor", 0, "%"}});
  EXPECT_EQ(result["logs"][0]["message"],
            "a title: p50 1.23 µs, p99 12.3 µs, rate 123457 frames/s, exact 100 frames/s, processor 0.00 %");
}

TEST(Figures, OneThatIsNoNumberFails) {
  EXPECT_EQ(report({{"rate", std::numeric_limits<double>::infinity(), "frames/s"}})["error"],
            "figures of a title: rate is no finite number");
}

}  // namespace
}  // namespace parley::test
