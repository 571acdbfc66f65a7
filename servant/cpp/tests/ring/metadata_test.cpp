#include "support.hpp"

namespace parley::ring {
namespace {

TEST(Metadata, IsWrittenOnce) {
  Pair ring({1000, 64});
  EXPECT_FALSE(ring.reader.metadata());
  const Error error = error_of(ErrorKind::MetadataTooLarge, [&] { ring.writer.write_metadata(Bytes(1024 - 7)); });
  EXPECT_EQ(error.facts().value, 1017U);
  EXPECT_EQ(error.facts().limit, 1016U);
  Bytes metadata(1016);
  pattern::fill_metadata(metadata.data(), metadata.size());
  ring.writer.write_metadata(metadata);
  EXPECT_EQ(ring.reader.metadata(), metadata);
  error_of(ErrorKind::MetadataAlreadyWritten, [&] { ring.writer.write_metadata("x", 1); });
  EXPECT_EQ(ring.reader.metadata(), metadata);
}

TEST(Metadata, NeedsABlock) {
  Pair ring({0, 64});
  error_of(ErrorKind::NoMetadataBlock, [&] { ring.writer.write_metadata(nullptr, 0); });
  error_of(ErrorKind::NoMetadataBlock, [&] { ring.reader.metadata(); });
  ring.exchange(40, 1);
}

TEST(Metadata, MayBeEmpty) {
  Pair ring({8, 64});
  ring.writer.write_metadata(nullptr, 0);
  EXPECT_EQ(ring.reader.metadata(), Bytes());
}

TEST(Metadata, LengthIsChecked) {
  Pair ring({64, 64});
  ring.writer.write_metadata("abc", 3);
  const std::uint64_t wrong = 57;
  std::memcpy(ring.raw.segment.metadata(), &wrong, sizeof wrong);
  const Error error = error_of(ErrorKind::Corrupt, [&] { ring.reader.metadata(); });
  EXPECT_EQ(error.facts().field, "metadata_length");
  EXPECT_EQ(error.facts().value, 57U);
  EXPECT_EQ(error.facts().limit, 56U);
}

}  // namespace
}  // namespace parley::ring
