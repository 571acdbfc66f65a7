#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "figures.hpp"
#include "parley/servant.hpp"

/// How fast frames are read.
namespace parley::steps {

/// How fast frames were read.
struct Rate {
  double frames;     ///< Frames a second.
  double megabytes;  ///< Megabytes a second, of 10^6 bytes.
  double processor;  ///< What this process used of a processor, in percent of one.

  std::vector<figures::Figure> as_figures() const;
};

/// What this process has measured in the scenario, in frames a second.
struct MeasuredRates {
  std::vector<double> rates;
};

/// What the figures of frames of size bytes are called.
std::string rate_title(std::uint64_t size);

/// Reads, checks and releases frames, and measures how fast. The clock starts when the first of several frames is read,
/// which does not count then: when the writer began is not the reader's matter.
Rate measure_rate(Scenario& scenario, std::uint64_t first, std::uint64_t last, std::uint64_t size,
                  Location at = Location::here());

/// Copies size bytes, at least 1, again and again until volume bytes are copied, within bounds. In megabytes a second,
/// of 10^6 bytes.
double measure_memcpy(std::size_t size, std::uint64_t volume);

}  // namespace parley::steps
