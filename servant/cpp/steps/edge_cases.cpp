// Steps of features/04-edge-cases.feature. Sizes are bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "expected_error.hpp"
#include "name_range.hpp"
#include "parley/ring.hpp"
#include "parley/servant.hpp"
#include "patterns.hpp"
#include "race_report.hpp"
#include "ring_process.hpp"
#include "words.hpp"

namespace parley::steps {

namespace {

/// Sizes of the buffers that processes race for.
constexpr ring::Sizes kRaceSizes{0, 4096};

/// The buffers that this process created in a race.
struct Won {
  std::vector<ReaderEnd*> readers;
};

const Then still_holds{
    role + "still holds frame " + number + " unchanged",
    [](Scenario& s, const std::string& /*role*/, std::uint64_t sequence) { ring_of(s).reader().check(sequence); }};

const Step race_to_create{
    role + "race to create buffers " + text + " to " + text,
    [](Scenario& s, const std::string& /*role*/, const std::string& first, const std::string& last) {
      RaceReport report;
      for (const std::string& name : name_range(first, last)) {
        try {
          s.state<Won>().readers.push_back(&ring_of(s).create(name, kRaceSizes));
          report.add(name, RaceReport::kWon);
        } catch (const ring::Error& e) {
          report.add(name, std::string(to_string(e.kind())));
        }
      }
      s.set(RaceReport::kKeyPrefix + Scenario::instance(), report.text());
    }};

const Then see_one_winner_each{
    role + "sees exactly one winner in each of " + number + " races, the other told " + text,
    [](Scenario& s, const std::string& /*role*/, std::size_t races, const std::string& told) {
      const auto outcomes = race_outcomes(s.shared());
      if (outcomes.size() != races) {
        mismatch("races that were reported", races, outcomes.size());
      }
      (void)ExpectedError(told);  // it must be an error of the ring
      std::vector<std::string> expected{RaceReport::kWon, told};
      std::sort(expected.begin(), expected.end());
      for (const auto& [name, ended] : outcomes) {
        if (ended != expected) {
          mismatch("outcomes of the race for " + name, joined(expected), joined(ended));
        }
      }
    }};

const Step write_to_each{
    role + "writes a frame of " + number + " bytes to each of buffers " + text + " to " + text,
    [](Scenario& s, const std::string& /*role*/, std::size_t size, const std::string& first, const std::string& last) {
      for (const std::string& name : name_range(first, last)) {
        ring_of(s).connect(name).write(size, s.cancel());
      }
    }};

const Step read_from_each_won{role + "read frame " + number + " of " + number + " bytes from each buffer they won",
                              [](Scenario& s, const std::string& /*role*/, std::uint64_t sequence, std::uint64_t size) {
                                for (ReaderEnd* reader : s.state<Won>().readers) {
                                  reader->read(sequence, size, s.cancel());
                                  reader->release(sequence);
                                }
                              }};

}  // namespace

}  // namespace parley::steps
