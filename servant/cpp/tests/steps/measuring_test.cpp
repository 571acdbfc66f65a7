// What steps measure agrees with itself, whatever it is.
#include <algorithm>
#include <array>
#include <cmath>
#include <future>
#include <map>

#include "cell.hpp"

namespace parley::test {
namespace {

using Figures = std::map<std::string, double>;

std::string decoded(const std::string& base64) {
  static const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char digit : base64.substr(0, base64.find('='))) {
    bits = bits << 6U | static_cast<std::uint32_t>(digits.find(digit));
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
    }
  }
  return bytes;
}

/// The figures of a step that passed, under this title.
Figures figures_of(const Json& result, const std::string& title) {
  EXPECT_EQ(result["status"], "passed") << result;
  if (result["attachments"].empty()) {
    ADD_FAILURE() << "no figures: " << result;
    return {};
  }
  const Json body = Json::parse(decoded(result["attachments"][0]["body"]));
  EXPECT_EQ(body["title"], title);
  Figures figures;
  for (const Json& figure : body["figures"]) {
    EXPECT_GE(figure["value"].get<double>(), 0) << figure;
    EXPECT_TRUE(figures.emplace(figure["name"], figure["value"]).second) << "twice: " << figure;
  }
  return figures;
}

void expect_quotient(const Figures& figures, const std::string& name, const std::string& of, const std::string& by) {
  EXPECT_GT(figures.at(by), 0);
  EXPECT_NEAR(figures.at(name), figures.at(of) / figures.at(by), 1e-9 * figures.at(name));
}

void expect_distribution(const Figures& figures) {
  EXPECT_EQ(figures.size(), 7U);
  const std::array order{figures.at("min"), figures.at("p50"),   figures.at("p90"),
                         figures.at("p99"), figures.at("p99.9"), figures.at("max")};
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_LE(figures.at("min"), figures.at("mean"));
  EXPECT_LE(figures.at("mean"), figures.at("max"));
}

class Measuring : public Cell {};

TEST_F(Measuring, RatesAndTheirRatio) {
  open();
  const auto rate = [&](const std::string& first, const std::string& last, const std::string& more) {
    pass({"writer writes '4' frames of '1000' bytes"});
    return figures_of(
        step("reader reads frames '" + first + "' to '" + last + "' of '1000' bytes and reports the rate" + more),
        "transfer of 1000 bytes a frame");
  };
  const Figures before = rate("1", "4", "");
  EXPECT_NEAR(before.at("throughput"), before.at("rate") / 1000, 1e-9 * before.at("throughput"));
  EXPECT_EQ(before.count("processor"), 1U);
  const Figures last = rate("5", "8", " against memcpy");
  expect_quotient(last, "of memcpy", "throughput", "memcpy");
  const Figures ratio =
      figures_of(step("reader reports the ratio of its last two rates"), "last rate against the one before");
  EXPECT_DOUBLE_EQ(ratio.at("before"), before.at("rate"));
  EXPECT_DOUBLE_EQ(ratio.at("last"), last.at("rate"));
  expect_quotient(ratio, "last of before", "last", "before");
}

TEST_F(Measuring, Additions) {
  const Figures figures = figures_of(step("reader measures '1000' atomic additions against '2000' plain ones"),
                                     "1000 atomic and 2000 plain additions");
  expect_quotient(figures, "atomic of plain", "atomic", "plain");
}

TEST_F(Measuring, TimeStampsOnTheirWay) {
  open();
  pass({"writer writes '20' time stamps, '10000' a second", "writer has written '20' frames"});
  expect_distribution(figures_of(step("reader reads '20' time stamps and reports how long each was on its way"),
                                 "20 time stamps on their way"));
}

TEST_F(Measuring, RoundTrips) {
  for (const char* role : {"reader", "writer"}) {
    pass({std::string(role) + " waits at most '20000' milliseconds for the other side"});
  }
  pass({"reader opens channel 'c' with '4096' bytes for requests",
        "writer connects to channel 'c' with '4096' bytes for responses"});
  auto echo = std::async(std::launch::async, [&] { return step("reader echoes '30' requests"); });
  expect_distribution(
      figures_of(step("writer measures '20' of '30' round trips of '64' bytes"), "round trip of 64 bytes"));
  EXPECT_EQ(echo.get()["status"], "passed");
  pass({"reader has answered '30' requests"});
}

}  // namespace
}  // namespace parley::test
