// Steps of features/11-stress.feature that create, connect and close again and again. Sizes are bytes.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "buffer_series.hpp"
#include "channel_end.hpp"
#include "expected_error.hpp"
#include "parley/ring.hpp"
#include "parley/servant.hpp"
#include "patterns.hpp"
#include "ring_process.hpp"
#include "words.hpp"

namespace parley::steps {

namespace {

/// How long a process that keeps trying leaves the processor to others.
constexpr std::chrono::microseconds kBetweenTries{100};

void create_and_destroy(Scenario& s, const std::string& name, std::uint64_t times, std::chrono::milliseconds keep) {
  for (std::uint64_t i = 0; i < times; ++i) {
    ring::Reader reader = ring_of(s).make(name, BufferSeries::kSizes);
    (void)s.cancel().wait_for(keep);
    s.cancel().check();
    reader.close();
  }
}

const Step create_and_destroy_at_once{
    role + "creates and destroys buffer " + text + " " + number + " times",
    [](Scenario& s, const std::string& /*role*/, const std::string& name, std::uint64_t times) {
      create_and_destroy(s, name, times, std::chrono::milliseconds(0));
    }};

const Step create_keep_and_destroy{
    role + "creates and destroys buffer " + text + " " + number + " times, keeping it for " + number + " milliseconds",
    [](Scenario& s, const std::string& /*role*/, const std::string& name, std::uint64_t times, std::uint32_t keep) {
      create_and_destroy(s, name, times, std::chrono::milliseconds(keep));
    }};

/// The errors of a list with commas between.
std::vector<ExpectedError> errors_in(const std::string& list) {
  std::vector<ExpectedError> errors;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    errors.emplace_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return errors;
}

const Step connect_and_close_again{
    role + "connects to buffer " + text + " and closes it " + number + " times, told nothing but " + text +
        " in between",
    [](Scenario& s, const std::string& /*role*/, const std::string& name, std::uint64_t times,
       const std::string& told) {
      const std::vector<ExpectedError> allowed = errors_in(told);
      for (std::uint64_t connected = 0; connected < times;) {
        try {
          ring_of(s).join(name).close();
          ++connected;
        } catch (const ring::Error& error) {
          if (std::none_of(allowed.begin(), allowed.end(), [&](const auto& each) { return each.is_met_by(error); })) {
            mismatch("connect to buffer '" + name + "', having done so " + std::to_string(connected) + " of " +
                         std::to_string(times) + " times: error",
                     told, describe(error));
          }
        }
        (void)s.cancel().wait_for(kBetweenTries);
        s.cancel().check();
      }
    }};

const Then has_nothing_open{role + "has nothing open", [](Scenario& s, const std::string& /*role*/) {
                              std::vector<std::string> open = ring_of(s).open_ends();
                              if (s.state<ChannelEnd>().is_open()) {
                                open.emplace_back("an end of a channel");
                              }
                              if (!s.state<BufferSeries>().readers().empty()) {
                                open.emplace_back("further buffers");
                              }
                              if (!open.empty()) {
                                mismatch("open in this process", "nothing", joined(open));
                              }
                            }};

}  // namespace

}  // namespace parley::steps
