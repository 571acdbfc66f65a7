#include "figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace parley::steps::figures {

namespace {

constexpr const char* kName = "figures.json";
constexpr const char* kMediaType = "application/vnd.parley.figures+json";

/// The figure for people, with three digits at least.
std::string text(const Figure& figure) {
  const double magnitude = std::abs(figure.value);
  const int digits = magnitude < 10 ? 2 : magnitude < 100 ? 1 : 0;
  std::array<char, 400> value{};
  (void)std::snprintf(value.data(), value.size(), "%.*f", digits, figure.value);
  std::string line = figure.name + " " + value.data();
  return figure.unit.empty() ? line : line + " " + figure.unit;
}

}  // namespace

void report(Scenario& scenario, const std::string& title, const std::vector<Figure>& figures) {
  std::string line;
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Figure& figure : figures) {
    if (!std::isfinite(figure.value)) {
      throw std::invalid_argument("figures of " + title + ": " + figure.name + " is no finite number");
    }
    line += (line.empty() ? title + ": " : ", ") + text(figure);
    all.push_back({{"name", figure.name}, {"value", figure.value}, {"unit", figure.unit}});
  }
  scenario.log(line);
  const nlohmann::ordered_json body{{"title", title}, {"figures", std::move(all)}};
  scenario.attach(kName, kMediaType, body.dump());
}

std::vector<Figure> distribution(std::vector<std::chrono::nanoseconds> durations) {
  std::sort(durations.begin(), durations.end());
  const auto count = static_cast<double>(durations.size());
  const auto quantile = [&](double share) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * count));
    return durations.at(std::max<std::size_t>(rank, 1) - 1);
  };
  const auto sum = std::accumulate(durations.begin(), durations.end(), std::chrono::nanoseconds(0));
  const auto figure = [](const char* name, double nanoseconds) {
    return Figure{name, nanoseconds / 1000, kMicroseconds};
  };
  std::vector<Figure> figures{figure("min", static_cast<double>(durations.front().count())),
                              figure("mean", static_cast<double>(sum.count()) / count)};
  for (const auto& [name, share] : {std::pair("p50", 0.5), {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}}) {
    figures.push_back(figure(name, static_cast<double>(quantile(share).count())));
  }
  figures.push_back(figure("max", static_cast<double>(durations.back().count())));
  return figures;
}

}  // namespace parley::steps::figures
