// Steps of features/07-resources.feature. Sizes are bytes.
#include <cstddef>
#include <cstdint>
#include <string>

#include "expected_error.hpp"
#include "parley/ring.hpp"
#include "parley/servant.hpp"
#include "patterns.hpp"
#include "records.hpp"
#include "ring_process.hpp"

namespace parley::steps {

namespace {

const Step fail_to_create{role + "fails to create buffer " + text + " with " + number + " bytes of metadata and " +
                              number + " bytes of payload: " + text,
                          [](Scenario& s, const std::string& /*role*/, const std::string& name, std::uint64_t metadata,
                             std::uint64_t payload, const ExpectedError& expected) {
                            expect_error(expected, "create buffer '" + name + "'", [&] {
                              ring_of(s).make(name, {metadata, payload}).close();
                              return std::string("success");
                            });
                          }};

const Step write_records{role + "writes " + number + " records of " + number + " fields in place",
                         [](Scenario& s, const std::string& /*role*/, std::uint64_t count, std::size_t fields) {
                           WriterEnd& writer = ring_of(s).writer();
                           const std::size_t size = fields * records::kFieldSize;
                           for (std::uint64_t i = 0; i < count; ++i) {
                             records::fill(writer.acquire(size, s.cancel()), size, writer.written() + 1);
                             writer.commit();
                           }
                         }};

const Step read_records{role + "reads " + number + " records of " + number + " fields in place",
                        [](Scenario& s, const std::string& /*role*/, std::uint64_t count, std::size_t fields) {
                          ReaderEnd& reader = ring_of(s).reader();
                          for (std::uint64_t i = 0; i < count; ++i) {
                            const std::uint64_t record = reader.last() + 1;
                            const auto& frame = reader.expect(record, fields * records::kFieldSize, s.cancel());
                            records::check(frame.view(), record);
                            reader.release(record);
                          }
                        }};

}  // namespace

}  // namespace parley::steps
