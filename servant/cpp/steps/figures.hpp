#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "parley/servant.hpp"

/// Figures: what a step has measured, for people and for reports.
namespace parley::steps::figures {

/// The units of figures.
inline constexpr const char* kMicroseconds = "µs";
inline constexpr const char* kNanoseconds = "ns";
inline constexpr const char* kFramesEach = "frames/s";
inline constexpr const char* kMegabytes = "MB/s";  // of 10^6 bytes
inline constexpr const char* kPercent = "%";
inline constexpr const char* kRatio = "";

/// One number with its unit.
struct Figure {
  std::string name;
  double value;
  std::string unit;
};

/// Logs figures as one line and attaches them for the reports. Throws std::invalid_argument for a value that is no
/// finite number.
void report(Scenario& scenario, const std::string& title, const std::vector<Figure>& figures);

/// Describes durations, at least one, in microseconds. A quantile is the smallest duration that at least that share of
/// all does not exceed.
std::vector<Figure> distribution(std::vector<std::chrono::nanoseconds> durations);

}  // namespace parley::steps::figures
