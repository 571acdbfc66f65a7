// Steps of features/03-errors.feature.
#include <cstddef>
#include <optional>
#include <string>

#include "expected_error.hpp"
#include "parley/ring.hpp"
#include "parley/servant.hpp"
#include "patterns.hpp"
#include "ring_process.hpp"

namespace parley::steps {

namespace {

const Step fail_to_write_metadata{
    role + "fails to write " + number + " bytes of metadata: " + text,
    [](Scenario& s, const std::string& /*role*/, std::size_t size, const ExpectedError& expected) {
      WriterEnd& writer = ring_of(s).writer();
      expect_error(expected, "write " + std::to_string(size) + " bytes of metadata", [&] {
        writer.write_metadata(size);
        return std::string("success");
      });
    }};

/// The metadata; nothing for a buffer without a metadata block too.
std::optional<ring::Bytes> metadata_if_any(const ReaderEnd& reader) {
  try {
    return reader.metadata();
  } catch (const ring::Error& e) {
    if (e.kind() == ring::ErrorKind::NoMetadataBlock) {
      return std::nullopt;
    }
    throw;
  }
}

const Then find_no_metadata{role + "finds no metadata",
                            [](Scenario& s, const std::string& /*role*/) {
                              if (const auto metadata = metadata_if_any(ring_of(s).reader())) {
                                mismatch("metadata", "none", std::to_string(metadata->size()) + " bytes");
                              }
                            },
                            "Passes for a buffer without a metadata block, and for one whose block is unwritten."};

}  // namespace

}  // namespace parley::steps
