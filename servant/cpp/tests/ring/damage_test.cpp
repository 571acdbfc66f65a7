#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "support.hpp"

namespace parley::ring {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

struct Field {
  std::string name;
  std::uint64_t offset;
  /// Odd values that may be true where the test puts them, so that no error names the field.
  std::set<std::uint64_t> possible;
};

const std::vector<Field>& fields() {
  static const std::vector<Field> all = {
      {"metadata_size", 0x08, {0}},
      {"metadata_free_bytes", 0x10, {}},
      {"metadata_written_bytes", 0x18, {0, 1}},
      {"payload_size", 0x20, {}},
      {"payload_free_bytes", 0x28, {0, 1}},
      {"payload_write_pos", 0x30, {0, 1}},
      {"payload_read_pos", 0x38, {}},
      {"payload_written_count", 0x40, {}},
      {"payload_read_count", 0x48, {}},
      {"writer_pid", 0x50, {}},
      {"reader_pid", 0x58, {0}},
  };
  return all;
}

/// Calls `call`; an Error that damage may cause is given, any other is a failure.
template <typename Call>
std::optional<Error> survive(const Call& call) {
  try {
    call();
    return std::nullopt;
  } catch (const Error& error) {
    EXPECT_NE(to_string(error.kind()), "System") << error.what();
    return error;
  }
}

/// Exercises every call of both sides and touches every byte they give.
void use(Reader& reader, Writer& writer) {
  unsigned sum = 0;
  const auto touch = [&](const Frame& frame) {
    for (std::size_t i = 0; i < frame.size(); ++i) {
      sum += frame.data()[i];
    }
  };
  survive([&] { writer.write_metadata("abc", 3); });
  survive([&] { reader.metadata(); });
  survive([&] { writer.write(content(30, 1)); });
  survive([&] {
    Slot slot = writer.acquire(100);
    std::fill_n(slot.data(), slot.size(), std::uint8_t{0});
    slot.commit();
  });
  survive([&] {
    std::vector<Frame> frames = reader.read_batch(3);
    std::for_each(frames.begin(), frames.end(), touch);
    reader.release(frames);
  });
  for (int i = 0; i < 3; ++i) {
    survive([&] {
      Frame frame = reader.read();
      touch(frame);
      frame.release();
    });
  }
  static_cast<void>(sum);
}

// Each field, set to each odd value, while a frame is pending and both sides are connected: a new writer, the writer
// and the reader survive, and what cannot be true is an error that names the field.
TEST(Damage, OfEachField) {
  for (const Field& field : fields()) {
    for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, kMax >> 1, kMax, kMax >> 32,
                                      std::uint64_t{1} << 40, std::uint64_t{10240 + 64}, std::uint64_t{10240 + 1}}) {
      SCOPED_TRACE(field.name + " = " + std::to_string(value));
      Pair ring({64, 10240}, {std::chrono::milliseconds(5), kNever});
      ring.exchange(1000, 1);
      ring.writer.write(content(1000, 2));
      ring.writer.write(content(1000, 3));
      Frame held = ring.reader.read();
      reinterpret_cast<detail::Word*>(reinterpret_cast<std::uint8_t*>(&ring.raw.oieb()) + field.offset)->store(value);
      const std::vector<std::optional<Error>> errors = {
          survive([&] {
            const Writer other = Writer::connect(ring.name);
            EXPECT_EQ(field.name, "writer_pid") << "a second writer connected";
          }),
          survive([&] { ring.writer.write_metadata("x", 1); }),
          survive([&] { ring.reader.metadata(); }),
          survive([&] { ring.writer.write(content(1000, 4)); }),
          survive([&] { EXPECT_TRUE(is_whole(ring.reader.read(), 1000, 3)); }),
          survive([&] { held.release(); }),
      };
      bool named = field.possible.count(value) > 0;
      for (const auto& error : errors) {
        if (error && error->kind() == ErrorKind::Corrupt && error->facts().field == field.name) {
          named = true;
          EXPECT_NE(error->facts().value, error->facts().limit) << error->what();
        }
      }
      EXPECT_TRUE(named) << "no error names " << field.name;
    }
  }
}

TEST(Damage, OfFrameHeaders) {
  struct Case {
    std::string what;
    detail::FrameHeader header;
    ErrorKind kind;
  };
  for (const Case& c : std::vector<Case>{{"size 0", {0, 2}, ErrorKind::Corrupt},
                                         {"all 0", {0, 0}, ErrorKind::Corrupt},
                                         {"one byte past the end", {893, 2}, ErrorKind::Corrupt},
                                         {"overflow", {kMax, 2}, ErrorKind::Corrupt},
                                         {"overflow of the sum", {kMax - 15, 2}, ErrorKind::Corrupt},
                                         {"sequence ahead", {100, 7}, ErrorKind::SequenceGap},
                                         {"sequence 0", {100, 0}, ErrorKind::SequenceGap},
                                         {"sequence maximal", {100, kMax}, ErrorKind::SequenceGap}}) {
    SCOPED_TRACE(c.what);
    Pair ring({0, 1024});
    ring.exchange(100, 1);
    ring.writer.write(content(100, 2));
    ring.raw.segment.set_header(116, c.header);
    const Bytes before = contents_of(objects(ring.name.text()).segment);
    for (int i = 0; i < 2; ++i) {
      const Error error = error_of(c.kind, [&] { ring.reader.read(); });
      if (c.kind == ErrorKind::Corrupt) {
        EXPECT_EQ(error.facts().field, "frame_size");
        EXPECT_EQ(error.facts().value, c.header.size);
        EXPECT_EQ(error.facts().limit, 892U);
      } else {
        EXPECT_EQ(error.facts().expected, 2U);
        EXPECT_EQ(error.facts().actual, c.header.sequence);
      }
    }
    EXPECT_EQ(contents_of(objects(ring.name.text()).segment), before) << "a failed read changed the ring";
    // Repaired, the frame is there.
    ring.raw.segment.set_header(116, {100, 2});
    EXPECT_TRUE(is_whole(ring.reader.read(), 100, 2));
  }
}

// A writer that goes on over frames that are held is found out, and no sum of what is held passes the ring.
TEST(Damage, OfHeldFrames) {
  Pair ring({0, 256}, {kLimit});
  detail::Oieb& oieb = ring.raw.oieb();
  std::vector<Frame> held;
  for (std::uint64_t sequence = 1; sequence <= 4; ++sequence) {
    ring.writer.write(content(48, sequence));
    held.push_back(ring.reader.read());
  }
  ring.raw.segment.set_header(0, {48, 5});
  oieb.write_pos = 64;
  oieb.written_count += 1;
  ring.raw.data.post(1);
  const Error error = error_of(ErrorKind::Corrupt, [&] { ring.reader.read(); });
  EXPECT_EQ(error.facts().field, "frame_size");
  EXPECT_EQ(error.facts().value, 48U);
  EXPECT_EQ(error.facts().limit, 0U);
  held.clear();
  EXPECT_EQ(ring.raw.free(), 256U);
}

// The sizes are those of the snapshot, whatever is in memory later.
TEST(Damage, OfSizesAfterTheSnapshot) {
  Pair ring({64, 1024});
  ring.raw.oieb().metadata_size = std::uint64_t{1} << 20;
  ring.raw.oieb().payload_size = std::uint64_t{1} << 20;
  EXPECT_EQ(error_of(ErrorKind::FrameTooLarge, [&] { ring.writer.write(Bytes(1009)); }).facts().limit, 1008U);
  EXPECT_EQ(error_of(ErrorKind::MetadataTooLarge, [&] { ring.writer.write_metadata(Bytes(57)); }).facts().limit, 56U);
  ring.writer.write_metadata("abc", 3);
  EXPECT_EQ(ring.reader.metadata(), Bytes({'a', 'b', 'c'}));
  for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) {
    ring.exchange(300, sequence);
  }
}

// What the reader alone can notice, it notices: the writer may be the one that lies.
TEST(Damage, OfWhatTheReaderChecks) {
  struct Case {
    std::string field;
    std::function<void(detail::Oieb&)> damage;
  };
  for (const Case& c :
       std::vector<Case>{{"reader_pid", [](detail::Oieb& oieb) { oieb.reader_pid = 1; }},
                         {"payload_written_count", [](detail::Oieb& oieb) { oieb.written_count = 123; }},
                         {"payload_read_count", [](detail::Oieb& oieb) { oieb.read_count = 1; }}}) {
    SCOPED_TRACE(c.field);
    Pair ring({0, 1024}, {kLimit});
    ring.writer.write(content(100, 1));
    c.damage(ring.raw.oieb());
    EXPECT_EQ(error_of(ErrorKind::Corrupt, [&] { ring.reader.read(); }).facts().field, c.field);
  }
  Pair ring({0, 1024}, {kLimit});
  ring.raw.oieb().writer_pid = kMax;
  EXPECT_EQ(error_of(ErrorKind::Corrupt, [&] { ring.reader.read(); }).facts().field, "writer_pid");
}

// The metadata's length and the bytes that are written say the same.
TEST(Damage, OfTheMetadataLength) {
  Pair ring({64, 64});
  ring.writer.write_metadata("abc", 3);
  ring.raw.oieb().metadata_written = 12;
  ring.raw.oieb().metadata_free = 52;
  const Error error = error_of(ErrorKind::Corrupt, [&] { ring.reader.metadata(); });
  EXPECT_EQ(error.facts().field, "metadata_written_bytes");
  EXPECT_EQ(error.facts().limit, 11U);
}

// The counter denies a frame for which there are a token and bytes.
TEST(Damage, OfACounterThatDeniesAFrame) {
  Pair ring({0, 1024}, {kLimit});
  ring.writer.write(content(100, 1));
  ring.raw.oieb().written_count = 0;
  const Error error = error_of(ErrorKind::Corrupt, [&] { ring.reader.read(); });
  EXPECT_EQ(error.facts().field, "payload_written_count");
  EXPECT_EQ(error.facts().value, 0U);
}

// However many tokens there are without frames, a read ends in its time.
TEST(Damage, TokensWithoutFrames) {
  Pair ring({0, 1024}, {std::chrono::milliseconds(20)});
  for (const std::uint64_t tokens : {std::uint64_t{1}, detail::Semaphore::kMaxValue}) {
    ring.raw.data.post(tokens);
    error_of(ErrorKind::ReadTimeout, [&] { ring.reader.read(); });
  }
  ring.exchange(100, 1);
  ring.raw.data.post(detail::Semaphore::kMaxValue);
  const Error error = error_of(ErrorKind::Corrupt, [&] { ring.writer.write(content(100, 2)); });
  EXPECT_EQ(error.facts().field, "sem_w_value");
}

TEST(Damage, SemaphoreNeverOverflows) {
  Pair ring({0, 64});
  EXPECT_TRUE(ring.raw.space.post(detail::Semaphore::kMaxValue));
  EXPECT_FALSE(ring.raw.space.post(1));
  ring.raw.space.nudge();
  EXPECT_EQ(ring.raw.space.data(), detail::Semaphore::kMaxValue);
  ring.exchange(48, 1);
  ring.raw.space.drain();
  EXPECT_EQ(ring.raw.space.data(), 0U);
}

TEST(Damage, OtherVersionsAreRefused) {
  const UniqueName name;
  const Reader reader = Reader::create(name, {0, 64});
  const Observer raw(name.text());
  raw.oieb().major = 2;
  const Error error = error_of(ErrorKind::VersionMismatch, [&] { Writer::connect(name); });
  EXPECT_EQ(error.facts().value, 2U);
  EXPECT_EQ(error.facts().limit, 1U);
  raw.oieb().major = 1;
  raw.oieb().minor = 7;
  raw.oieb().patch = 9;
  raw.oieb().reserved_version = 3;
  EXPECT_NO_THROW(Writer::connect(name));
  raw.oieb().oieb_size = 127;
  EXPECT_EQ(error_of(ErrorKind::Corrupt, [&] { Writer::connect(name); }).facts().field, "oieb_size");
}

TEST(Damage, TruncatedSegmentIsRefused) {
  for (const std::size_t size : {0, 1, 127, 128, 191, 255}) {
    SCOPED_TRACE(size);
    const UniqueName name(UniqueName::Ends::Abandoned);
    const std::string path = objects(name.text()).segment;
    Bytes whole;
    {
      const Reader reader = Reader::create(name, {64, 64});
      whole = contents_of(path);
    }
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(whole.data()), static_cast<std::streamsize>(size));
    error_of(ErrorKind::Corrupt, [&] { Writer::connect(name); });
    EXPECT_EQ(inspect(name).segment_size, size);
  }
}

// Both sides, and one that connects, meet any block.
TEST(Damage, OfTheWholeBlockAtRandom) {
  pattern::SplitMix64 random(5);
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    Pair ring({64, 192}, {kNever, kNever});
    use(ring.reader, ring.writer);
    const std::vector<std::uint64_t> values = {0, 1, 63, 64, 128, 192, 200, kMax, kMax - 63, random.next()};
    for (std::uint64_t damages = 1 + random.next() % 4; damages > 0; --damages) {
      const std::uint64_t offset = random.next() % 12 * 8;
      reinterpret_cast<detail::Word*>(reinterpret_cast<std::uint8_t*>(&ring.raw.oieb()) + offset)
          ->store(values[random.next() % values.size()]);
    }
    survive([&] {
      Writer other = Writer::connect(ring.name, {kNever, kNever});
      use(ring.reader, other);
    });
    use(ring.reader, ring.writer);
    EXPECT_NO_THROW(inspect(ring.name));
  }
}

// A reader meets any content of the ring, any positions and any number of tokens.
TEST(Damage, OfTheRingAtRandom) {
  pattern::SplitMix64 random(6);
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    Pair ring({64, 192}, {kNever, kNever});
    for (std::uint64_t pos = 0; pos + 16 <= 192; pos += 8) {
      ring.raw.segment.set_header(pos,
                                  {random.next() % 3 == 0 ? random.next() : random.next() % 192, random.next() % 4});
    }
    detail::Oieb& oieb = ring.raw.oieb();
    oieb.write_pos = random.next() % 200;
    oieb.read_pos = random.next() % 200;
    oieb.payload_free = random.next() % 200;
    oieb.written_count = random.next() % 20;
    ring.raw.data.post(random.next() % detail::Semaphore::kMaxValue);
    use(ring.reader, ring.writer);
  }
}

}  // namespace
}  // namespace parley::ring
