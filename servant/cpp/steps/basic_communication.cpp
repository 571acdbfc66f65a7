// Steps of features/01-basic-communication.feature. Sizes are bytes.
#include <chrono>
#include <cstdint>
#include <string>

#include "channel_end.hpp"
#include "ends.hpp"
#include "expected_error.hpp"
#include "parley/ring.hpp"
#include "parley/servant.hpp"
#include "patterns.hpp"
#include "ring_process.hpp"

namespace parley::steps {

namespace {

const Step create_buffer{
    role + "creates buffer " + text + " with " + number + " bytes of metadata and " + number + " bytes of payload",
    [](Scenario& s, const std::string& /*role*/, const std::string& name, std::uint64_t metadata,
       std::uint64_t payload) {
      ring_of(s).use(ring_of(s).create(name, {metadata, payload}));
    }};

const Step connect_to_buffer{role + "connects to buffer " + text,
                             [](Scenario& s, const std::string& /*role*/, const std::string& name) {
                               ring_of(s).close_writer();
                               ring_of(s).use(ring_of(s).connect(name));
                             }};

const Step wait_at_most{role + "waits at most " + number + " milliseconds for the other side",
                        [](Scenario& s, const std::string& /*role*/, std::uint32_t milliseconds) {
                          const std::chrono::milliseconds patience(milliseconds);
                          ring_of(s).wait_at_most(patience);
                          s.state<ChannelEnd>().set_timeout(patience);
                        }};

const Step write_metadata{
    role + "writes " + number + " bytes of metadata",
    [](Scenario& s, const std::string& /*role*/, std::size_t size) { ring_of(s).writer().write_metadata(size); }};

const Step write_frame{
    role + "writes a frame of " + number + " bytes",
    [](Scenario& s, const std::string& /*role*/, std::size_t size) { ring_of(s).writer().write(size, s.cancel()); }};

const Step write_frame_without_waiting{role + "writes a frame of " + number + " bytes without waiting",
                                       [](Scenario& s, const std::string& /*role*/, std::size_t size) {
                                         WriterEnd& writer = ring_of(s).writer();
                                         ring_of(s).without_waiting(writer, [&] { writer.write(size, s.cancel()); });
                                       }};

const Step write_frames{role + "writes " + number + " frames of " + number + " bytes",
                        [](Scenario& s, const std::string& /*role*/, std::uint64_t frames, std::size_t size) {
                          WriterEnd& writer = ring_of(s).writer();
                          for (std::uint64_t i = 0; i < frames; ++i) {
                            writer.write(size, s.cancel());
                          }
                        }};

const Step write_until_full{role + "writes frames of " + number + " bytes until the buffer is full",
                            [](Scenario& s, const std::string& /*role*/, std::size_t size) {
                              WriterEnd& writer = ring_of(s).writer();
                              const auto fill = [&]() -> std::string {
                                while (true) {
                                  writer.write(size, s.cancel());
                                }
                              };
                              expect_error(ExpectedError("BufferFull"), "fill the buffer", fill);
                            }};

const Step fail_to_write{role + "fails to write a frame of " + number + " bytes: " + text,
                         [](Scenario& s, const std::string& /*role*/, std::size_t size, const ExpectedError& expected) {
                           WriterEnd& writer = ring_of(s).writer();
                           expect_error(expected, "write a frame of " + std::to_string(size) + " bytes", [&] {
                             writer.write(size, s.cancel());
                             return "success: it is frame " + std::to_string(writer.written());
                           });
                         }};

const Then has_written{role + "has written " + number + " frames",
                       [](Scenario& s, const std::string& /*role*/, std::uint64_t frames) {
                         if (const std::uint64_t written = ring_of(s).writer().written(); written != frames) {
                           mismatch("frames written since the writer connected", frames, written);
                         }
                       }};

const Step acquire_frame{
    role + "acquires a frame of " + number + " bytes",
    [](Scenario& s, const std::string& /*role*/, std::size_t size) { ring_of(s).writer().acquire(size, s.cancel()); }};

const Step fill_frame{role + "fills the acquired frame in place",
                      [](Scenario& s, const std::string& /*role*/) { ring_of(s).writer().fill(); }};

const Step commit_frame{role + "commits the acquired frame",
                        [](Scenario& s, const std::string& /*role*/) { ring_of(s).writer().commit(); }};

const Step abandon_frame{role + "abandons the acquired frame",
                         [](Scenario& s, const std::string& /*role*/) { ring_of(s).writer().abandon(); }};

const Then find_metadata{role + "finds " + number + " bytes of metadata",
                         [](Scenario& s, const std::string& /*role*/, std::size_t size) {
                           const auto metadata = ring_of(s).reader().metadata();
                           if (!metadata) {
                             mismatch("bytes of metadata", size, "none written");
                           }
                           if (metadata->size() != size) {
                             mismatch("bytes of metadata", size, metadata->size());
                           }
                           compare("the metadata", metadata_of(size), *metadata);
                         }};

const Then find_no_frame{role + "finds no frame waiting", [](Scenario& s, const std::string& /*role*/) {
                           ReaderEnd& reader = ring_of(s).reader();
                           ring_of(s).without_waiting(reader, [&] {
                             expect_error(ExpectedError("ReadTimeout"), "look for a frame",
                                          [&] { return reader.read_any(s.cancel()); });
                           });
                         }};

const Step read_frame{role + "reads frame " + number + " of " + number + " bytes",
                      [](Scenario& s, const std::string& /*role*/, std::uint64_t sequence, std::uint64_t size) {
                        ring_of(s).reader().read(sequence, size, s.cancel());
                      }};

const Step release_frame{
    role + "releases frame " + number,
    [](Scenario& s, const std::string& /*role*/, std::uint64_t sequence) { ring_of(s).reader().release(sequence); }};

/// Reads, checks and releases the frames from first to last, and keeps each for a while before it releases it.
void read_frames(Scenario& s, std::uint64_t first, std::uint64_t last, std::uint64_t size,
                 std::chrono::milliseconds delay, Location at = Location::here()) {
  check_range(first, last, at);
  ReaderEnd& reader = ring_of(s).reader(at);
  for (std::uint64_t sequence = first; sequence <= last; ++sequence) {
    reader.read(sequence, size, s.cancel(), at);
    if (delay.count() > 0) {
      (void)s.cancel().wait_for(delay);
      s.cancel().check();
      // The writer must not have touched it meanwhile.
      reader.check(sequence, at);
    }
    reader.release(sequence, at);
  }
}

const Step read_and_release_frame{
    role + "reads and releases frame " + number + " of " + number + " bytes",
    [](Scenario& s, const std::string& /*role*/, std::uint64_t sequence, std::uint64_t size) {
      read_frames(s, sequence, sequence, size, std::chrono::milliseconds(0));
    }};

const Step read_some_frames{
    role + "reads frames " + number + " to " + number + " of " + number + " bytes",
    [](Scenario& s, const std::string& /*role*/, std::uint64_t first, std::uint64_t last, std::uint64_t size) {
      read_frames(s, first, last, size, std::chrono::milliseconds(0));
    }};

const Step read_frames_slowly{
    role + "reads frames " + number + " to " + number + " of " + number + " bytes, taking " + number +
        " milliseconds over each",
    [](Scenario& s, const std::string& /*role*/, std::uint64_t first, std::uint64_t last, std::uint64_t size,
       std::uint32_t milliseconds) { read_frames(s, first, last, size, std::chrono::milliseconds(milliseconds)); }};

}  // namespace

}  // namespace parley::steps
