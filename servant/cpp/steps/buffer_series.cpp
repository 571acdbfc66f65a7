// Steps that create as many buffers as they can.
#include "buffer_series.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "expected_error.hpp"
#include "patterns.hpp"
#include "ring_process.hpp"

namespace parley::steps {

void BufferSeries::close_last(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto last = std::move(readers_.back());
    readers_.pop_back();
    last->close();
  }
}

namespace {

/// Connecting needs descriptors too: before frames are written, a few of the buffers are destroyed.
constexpr std::size_t kSpareBuffers = 4;

constexpr std::size_t kFrameSize = 64;

const Step create_until_refused{
    role + "creates buffers '([^']*)1', '([^']*)2' and so on until it is refused: " + text,
    [](Scenario& s, const std::string& /*role*/, const std::string& prefix, const std::string& again,
       const ExpectedError& expected) {
      if (prefix != again) {
        fail("'" + prefix + "1' and '" + again +
             "2' are not the first two of one series; they must differ in the number only, such as 'many-1', 'many-2'");
      }
      auto& readers = s.state<BufferSeries>().readers();
      std::string name;
      try {
        for (std::uint64_t n = 1;; ++n) {
          s.cancel().check();
          name = prefix + std::to_string(n);
          readers.push_back(std::make_unique<ReaderEnd>(ring_of(s).make(name, BufferSeries::kSizes)));
        }
      } catch (const ring::Error& error) {
        expected.check("create buffer '" + name + "'", error);
      }
    }};

const Then has_created_at_least{role + "has created at least " + number + " of them, and each carries a frame",
                                [](Scenario& s, const std::string& /*role*/, std::size_t least) {
                                  auto& series = s.state<BufferSeries>();
                                  if (const std::size_t created = series.readers().size(); created < least) {
                                    mismatch("buffers created", "at least " + std::to_string(least), created);
                                  }
                                  series.close_last(std::min(kSpareBuffers, series.readers().size()));
                                  for (const auto& reader : series.readers()) {
                                    WriterEnd writer(ring::Writer::connect(reader->name(), ring_of(s).options()));
                                    writer.write(kFrameSize, s.cancel());
                                    reader->read(1, kFrameSize, s.cancel());
                                    reader->release(1);
                                    writer.close();
                                  }
                                }};

const Step close_all{role + "closes all of them",
                     [](Scenario& s, const std::string& /*role*/) { s.state<BufferSeries>().close(); }};

}  // namespace

}  // namespace parley::steps
