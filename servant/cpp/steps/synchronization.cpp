// Steps of features/06-synchronization.feature. Sizes are bytes.
#include <cstddef>
#include <cstdint>
#include <string>

#include "parley/servant.hpp"
#include "patterns.hpp"
#include "ring_process.hpp"

namespace parley::steps {

namespace {

const Step write_frames_without_waiting{
    role + "writes " + number + " frames of " + number + " bytes without waiting",
    [](Scenario& s, const std::string& /*role*/, std::uint64_t frames, std::size_t size) {
      WriterEnd& writer = ring_of(s).writer();
      ring_of(s).without_waiting(writer, [&] {
        for (std::uint64_t i = 0; i < frames; ++i) {
          writer.write(size, s.cancel());
        }
      });
    }};

}  // namespace

}  // namespace parley::steps
