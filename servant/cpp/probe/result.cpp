#include "result.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "json.hpp"
#include "parley/ring.hpp"

namespace parley::probe {
namespace {

double microseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

}  // namespace

std::string Failure::json() const {
  return JsonObject().add("ok", false).add("error", error_).add("message", std::string_view(what())).text();
}

Failure current_failure(const std::string& progress, ExitStatus status) {
  try {
    throw;
  } catch (const Failure& failure) {
    return {failure.error(), progress + failure.what(), failure.status()};
  } catch (const ring::Error& error) {
    return {std::string(to_string(error.kind())), progress + error.what(), status};
  } catch (const ring::Cancelled& cancelled) {
    return {"Interrupted", progress + cancelled.what(), kExitInterrupted};
  } catch (const std::exception& other) {
    return {"System", progress + other.what(), status};
  }
}

std::string Transfer::json() const {
  const double seconds = std::chrono::duration<double>(time).count();
  const auto rate = [&](double amount) { return seconds > 0 ? amount / seconds : 0; };
  constexpr double kMega = 1e6;
  return JsonObject()
      .add("ok", true)
      .add("frames", frames)
      .add("bytes", bytes)
      .add("seconds", seconds)
      .add("metadataLength", metadata_length)
      .add("framesPerSecond", rate(static_cast<double>(frames)))
      .add("megabytesPerSecond", rate(static_cast<double>(bytes) / kMega))
      .text();
}

std::string Transfer::progress(const std::string& what) const {
  return "after " + std::to_string(frames) + " " + what + ": ";
}

std::string Latency::json() const {
  std::vector<std::chrono::nanoseconds> sorted = samples;
  std::sort(sorted.begin(), sorted.end());
  // The nearest rank: the least sample that the share does not exceed.
  const auto at = [&](std::size_t per_mille) {
    const std::size_t rank = (sorted.size() * per_mille + 999) / 1000;
    return microseconds(sorted[std::max<std::size_t>(rank, 1) - 1]);
  };
  const auto sum = std::accumulate(sorted.begin(), sorted.end(), std::chrono::nanoseconds(0));
  const std::string distribution = JsonObject()
                                       .add("min", microseconds(sorted.front()))
                                       .add("p50", at(500))
                                       .add("p90", at(900))
                                       .add("p99", at(990))
                                       .add("p999", at(999))
                                       .add("max", microseconds(sorted.back()))
                                       .add("mean", microseconds(sum) / static_cast<double>(sorted.size()))
                                       .text();
  return JsonObject()
      .add("ok", true)
      .add("size", size)
      .add("count", std::uint64_t{sorted.size()})
      .add_json("microseconds", distribution)
      .text();
}

}  // namespace parley::probe
