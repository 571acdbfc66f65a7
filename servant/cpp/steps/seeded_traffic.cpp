// Steps of features/11-stress.feature whose frames have sizes that are drawn from a seed. Sizes are bytes.
#include <chrono>
#include <cstdint>
#include <string>

#include "holds.hpp"
#include "parley/ring.hpp"
#include "parley/servant.hpp"
#include "patterns.hpp"
#include "ring_process.hpp"

namespace parley::steps {

namespace {

const std::string seeded = "frames of " + number + " to " + number + " bytes, seed " + number;

ring::pattern::FrameSizes sizes_of(std::uint64_t seed, std::uint64_t least, std::uint64_t most,
                                   Location at = Location::here()) {
  if (least < 1 || least > most) {
    fail("frames of " + std::to_string(least) + " to " + std::to_string(most) +
             " bytes cannot be drawn; the first size must be at least 1 and not above the second",
         at);
  }
  return {seed, least, most};
}

const Step write_seeded{role + "writes " + number + " " + seeded,
                        [](Scenario& s, const std::string& /*role*/, std::uint64_t count, std::uint64_t least,
                           std::uint64_t most, std::uint64_t seed) {
                          WriterEnd& writer = ring_of(s).writer();
                          auto sizes = sizes_of(seed, least, most);
                          for (std::uint64_t i = 0; i < count; ++i) {
                            writer.write(sizes.next(), s.cancel());
                          }
                        }};

const Step read_seeded{role + "reads " + number + " " + seeded + ", holding up to " + number + " and pausing up to " +
                           number + " microseconds",
                       [](Scenario& s, const std::string& /*role*/, std::uint64_t count, std::uint64_t least,
                          std::uint64_t most, std::uint64_t seed, std::uint64_t held, std::uint64_t microseconds) {
                         ReaderEnd& reader = ring_of(s).reader();
                         auto sizes = sizes_of(seed, least, most);
                         Holds holds(seed + 1, held, microseconds);
                         for (std::uint64_t i = 0; i < count; ++i) {
                           reader.read(reader.last() + 1, sizes.next(), s.cancel());
                           const Holds::Next next = holds.next(reader.last());
                           reader.release_unchanged(next.release);
                           (void)s.cancel().wait_for(next.pause);
                           s.cancel().check();
                         }
                         reader.release_unchanged(holds.rest());
                       }};

const Step read_next_frame{role + "reads and releases the next frame of " + number + " bytes",
                           [](Scenario& s, const std::string& /*role*/, std::uint64_t size) {
                             ReaderEnd& reader = ring_of(s).reader();
                             reader.read(reader.last() + 1, size, s.cancel());
                             reader.release(reader.last());
                           }};

const Step write_seeded_for{role + "writes " + seeded + ", for " + number + " seconds",
                            [](Scenario& s, const std::string& /*role*/, std::uint64_t least, std::uint64_t most,
                               std::uint64_t seed, std::uint32_t seconds) {
                              WriterEnd& writer = ring_of(s).writer();
                              auto sizes = sizes_of(seed, least, most);
                              const std::uint64_t before = writer.written();
                              const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
                              while (std::chrono::steady_clock::now() < end) {
                                writer.write(sizes.next(), s.cancel());
                              }
                              s.log(std::to_string(writer.written() - before) + " frames written in " +
                                    std::to_string(seconds) + " seconds, and the closing one");
                              // One byte larger than any other: by it the reader knows the end.
                              writer.write(most + 1, s.cancel());
                            }};

const Step read_seeded_until_rest{
    role + "reads " + seeded + ", until the writer rests",
    [](Scenario& s, const std::string& /*role*/, std::uint64_t least, std::uint64_t most, std::uint64_t seed) {
      ReaderEnd& reader = ring_of(s).reader();
      auto sizes = sizes_of(seed, least, most);
      std::uint64_t count = 0;
      for (bool closing = false; !closing;) {
        const std::uint64_t sequence = reader.last() + 1;
        const std::uint64_t size = sizes.next();
        const ring::Frame& frame = reader.take(s.cancel());
        closing = frame.size() == most + 1;
        judge(frame, sequence, closing ? most + 1 : size);
        reader.release_unchanged({sequence});
        count += closing ? 0 : 1;
      }
      if (count == 0) {
        mismatch("frames before the closing one", "at least 1", 0);
      }
      s.log(std::to_string(count) + " frames read, and the closing one");
    }};

}  // namespace

}  // namespace parley::steps
