// Steps of features/14-benchmarks.feature. Sizes are bytes.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "additions.hpp"
#include "channel_end.hpp"
#include "figures.hpp"
#include "parley/servant.hpp"
#include "patterns.hpp"
#include "rates.hpp"
#include "ring_process.hpp"
#include "time_stamps.hpp"

namespace parley::steps {

namespace {

const Step measure_round_trips{
    role + "measures " + number + " of " + number + " round trips of " + number + " bytes",
    [](Scenario& s, const std::string& /*role*/, std::uint64_t measured, std::uint64_t count, std::size_t size) {
      ClientEnd& client = s.state<ChannelEnd>().calling();
      if (measured < 1 || measured > count) {
        fail(std::to_string(measured) + " of " + std::to_string(count) +
             " round trips cannot be measured; measure at least 1 and at most all");
      }
      std::vector<std::chrono::nanoseconds> durations;
      durations.reserve(measured);
      for (std::uint64_t trip = 0; trip < count; ++trip) {
        const auto took = client.round_trip(size, s.cancel());
        if (trip >= count - measured) {
          durations.push_back(took);
        }
      }
      figures::report(s, "round trip of " + std::to_string(size) + " bytes",
                      figures::distribution(std::move(durations)));
    }};

const Step read_against_memcpy{
    role + "reads frames " + number + " to " + number + " of " + number + " bytes and reports the rate against memcpy",
    [](Scenario& s, const std::string& /*role*/, std::uint64_t first, std::uint64_t last, std::size_t size) {
      const Rate rate = measure_rate(s, first, last, size);
      const double memcpy = measure_memcpy(size, (last - first + 1) * size);
      auto figures = rate.as_figures();
      figures.push_back({"memcpy", memcpy, figures::kMegabytes});
      figures.push_back({"of memcpy", rate.megabytes / memcpy, figures::kRatio});
      figures::report(s, rate_title(size), figures);
    }};

const Step report_ratio_of_rates{role + "reports the ratio of its last two rates",
                                 [](Scenario& s, const std::string& /*role*/) {
                                   const auto& rates = s.state<MeasuredRates>().rates;
                                   if (rates.size() < 2) {
                                     fail("this process has reported " + std::to_string(rates.size()) +
                                          " rates; two steps that report one must come first");
                                   }
                                   const double before = rates[rates.size() - 2];
                                   const double last = rates.back();
                                   figures::report(s, "last rate against the one before",
                                                   {{"before", before, figures::kFramesEach},
                                                    {"last", last, figures::kFramesEach},
                                                    {"last of before", last / before, figures::kRatio}});
                                 }};

const Step measure_additions{
    role + "measures " + number + " atomic additions against " + number + " plain ones",
    [](Scenario& s, const std::string& /*role*/, std::uint64_t atomically, std::uint64_t plainly) {
      figures::report(s, std::to_string(atomically) + " atomic and " + std::to_string(plainly) + " plain additions",
                      additions::measure(atomically, plainly));
    }};

const Step write_stamps{role + "writes " + number + " time stamps, " + number + " a second",
                        [](Scenario& s, const std::string& /*role*/, std::uint64_t count, std::uint64_t rate) {
                          time_stamps::write(ring_of(s).writer(), count, rate, s.cancel());
                        }};

const Step read_stamps{role + "reads " + number + " time stamps and reports how long each was on its way",
                       [](Scenario& s, const std::string& /*role*/, std::uint64_t count) {
                         figures::report(
                             s, std::to_string(count) + " time stamps on their way",
                             figures::distribution(time_stamps::read(ring_of(s).reader(), count, s.cancel())));
                       }};

}  // namespace

}  // namespace parley::steps
