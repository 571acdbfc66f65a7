// Steps of features/05-corruption.feature. Sizes are bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "expected_error.hpp"
#include "parley/ring.hpp"
#include "parley/servant.hpp"
#include "patterns.hpp"
#include "ring_process.hpp"

namespace parley::steps {

namespace {

const Step fail_to_commit{role + "fails to commit the acquired frame: " + text,
                          [](Scenario& s, const std::string& /*role*/, const ExpectedError& expected) {
                            expect_error(expected, "commit the acquired frame", [&] {
                              ring_of(s).writer().commit();
                              return std::string("success");
                            });
                          }};

const Step fail_to_read_metadata{role + "fails to read the metadata: " + text,
                                 [](Scenario& s, const std::string& /*role*/, const ExpectedError& expected) {
                                   expect_error(expected, "read the metadata", [&] {
                                     const auto metadata = ring_of(s).reader().metadata();
                                     return metadata ? std::to_string(metadata->size()) + " bytes" : "none written";
                                   });
                                 }};

const Step fail_to_read_and_release{role + "fails to read and release a frame: " + text,
                                    [](Scenario& s, const std::string& /*role*/, const ExpectedError& expected) {
                                      ReaderEnd& reader = ring_of(s).reader();
                                      expect_error(expected, "read and release a frame", [&] {
                                        std::string came = reader.read_any(s.cancel());
                                        reader.release(reader.last());
                                        return came;
                                      });
                                    }};

const Step fail_to_write_at_once{
    role + "fails to write a frame of " + number + " bytes at once: " + text,
    [](Scenario& s, const std::string& /*role*/, std::size_t size, const ExpectedError& expected) {
      WriterEnd& writer = ring_of(s).writer();
      ring_of(s).without_waiting(writer, [&] {
        expect_error(expected, "write a frame of " + std::to_string(size) + " bytes", [&] {
          writer.write(size, s.cancel());
          return "success: it is frame " + std::to_string(writer.written());
        });
      });
    }};

/// Sizes with commas between; nothing is no sizes.
std::vector<std::size_t> sizes_in(const std::string& list, Location at = Location::here()) {
  std::vector<std::size_t> sizes;
  std::size_t begin = list.find_first_not_of(' ');
  while (begin != std::string::npos) {
    const std::size_t comma = list.find(',', begin);
    std::string part = list.substr(begin, comma == std::string::npos ? comma : comma - begin);
    part.erase(part.find_last_not_of(' ') + 1);
    if (part.empty() || part.find_first_not_of("0123456789") != std::string::npos) {
      fail("'" + part + "' in '" + list + "' is no size; write sizes in bytes with commas between, such as '100, 200'",
           at);
    }
    sizes.push_back(Argument<std::size_t>::from(part));
    begin = comma == std::string::npos ? comma : std::min(list.find_first_not_of(' ', comma + 1), list.size());
  }
  return sizes;
}

const Step write_listed{role + "writes frames of " + text + " bytes",
                        [](Scenario& s, const std::string& /*role*/, const std::string& list) {
                          WriterEnd& writer = ring_of(s).writer();
                          for (const std::size_t size : sizes_in(list)) {
                            writer.write(size, s.cancel());
                          }
                        }};

const Step read_listed{role + "reads frames of " + text + " bytes from frame " + number + " on",
                       [](Scenario& s, const std::string& /*role*/, const std::string& list, std::uint64_t first) {
                         ReaderEnd& reader = ring_of(s).reader();
                         for (const std::size_t size : sizes_in(list)) {
                           reader.read(first, size, s.cancel());
                           reader.release(first);
                           ++first;
                         }
                       }};

}  // namespace

}  // namespace parley::steps
