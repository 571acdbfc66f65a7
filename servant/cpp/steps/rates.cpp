#include "rates.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>

#include "parley/ring.hpp"
#include "ring_process.hpp"

namespace parley::steps {

namespace {

using Clock = std::chrono::steady_clock;

/// Bounds of what is copied to measure memcpy, in bytes.
constexpr std::uint64_t kLeastCopied = 1U << 20U;
constexpr std::uint64_t kMostCopied = 1U << 30U;

/// What this process has used of the processors.
std::chrono::nanoseconds processor_time() {
  timespec time{};
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(std::max(time, std::chrono::nanoseconds(1))).count();
}

/// Keeps the compiler from leaving out a copy that nobody reads.
void keep(const void* memory) {
  asm volatile("" : : "r"(memory) : "memory");
}

}  // namespace

std::vector<figures::Figure> Rate::as_figures() const {
  return {{"rate", frames, figures::kFramesEach},
          {"throughput", megabytes, figures::kMegabytes},
          {"processor", processor, figures::kPercent}};
}

std::string rate_title(std::uint64_t size) {
  return "transfer of " + std::to_string(size) + " bytes a frame";
}

Rate measure_rate(Scenario& scenario, std::uint64_t first, std::uint64_t last, std::uint64_t size, Location at) {
  check_range(first, last, at);
  ReaderEnd& reader = ring_of(scenario).reader(at);
  auto start = Clock::now();
  auto used = processor_time();
  for (std::uint64_t sequence = first; sequence <= last; ++sequence) {
    reader.read(sequence, size, scenario.cancel(), at);
    reader.release(sequence, at);
    if (sequence == first && first < last) {
      start = Clock::now();
      used = processor_time();
    }
  }
  const double took = seconds(Clock::now() - start);
  used = processor_time() - used;
  const double rate = static_cast<double>(std::max<std::uint64_t>(last - first, 1)) / took;
  scenario.state<MeasuredRates>().rates.push_back(rate);
  return {rate, rate * static_cast<double>(size) / 1e6, 100 * std::chrono::duration<double>(used).count() / took};
}

double measure_memcpy(std::size_t size, std::uint64_t volume) {
  const ring::Bytes source(size);
  ring::Bytes target(size);
  // The first copy brings the pages into being.
  std::memcpy(target.data(), source.data(), size);
  const std::uint64_t times = std::max<std::uint64_t>(1, std::clamp(volume, kLeastCopied, kMostCopied) / size);
  const auto start = Clock::now();
  for (std::uint64_t i = 0; i < times; ++i) {
    std::memcpy(target.data(), source.data(), size);
    keep(target.data());
  }
  return static_cast<double>(times) * static_cast<double>(size) / seconds(Clock::now() - start) / 1e6;
}

}  // namespace parley::steps
