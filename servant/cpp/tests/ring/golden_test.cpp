#include <fstream>
#include <nlohmann/json.hpp>

#include "support.hpp"

namespace parley::ring {
namespace {

using nlohmann::json;

json golden(const std::string& file) {
  std::ifstream stream(std::string(PARLEY_GOLDEN) + "/" + file);
  return json::parse(stream);
}

std::string hex(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += kDigits[data[i] >> 4];
    text += kDigits[data[i] & 15];
  }
  return text;
}

std::uint64_t number(const json& text) {
  return std::stoull(text.get<std::string>());
}

TEST(Golden, Names) {
  const json names = golden("names.json");
  ASSERT_FALSE(names["valid"].empty());
  ASSERT_FALSE(names["invalid"].empty());
  for (const json& name : names["valid"]) {
    EXPECT_NO_THROW(check_name(name.get<std::string>())) << name;
  }
  for (const json& entry : names["invalid"]) {
    const auto name = entry["name"].get<std::string>();
    SCOPED_TRACE(entry["why"].get<std::string>());
    error_of(ErrorKind::InvalidName, [&] { Reader::create(name, {0, 64}); });
    error_of(ErrorKind::InvalidName, [&] { Writer::connect(name); });
    error_of(ErrorKind::InvalidName, [&] { inspect(name); });
  }
}

TEST(Golden, LongestNameWorks) {
  const UniqueName unique;
  const std::string name = unique.text() + std::string(kMaxName - unique.text().size(), 'x');
  const Reader reader = Reader::create(name, {0, 64});
  EXPECT_NO_THROW(Writer::connect(name));
}

TEST(Golden, Errors) {
  const json errors = golden("errors.json");
  EXPECT_EQ(errors.size(), kErrorKindNames.size());
  for (const json& entry : errors) {
    const auto name = entry["name"].get<std::string>();
    const auto kind = parse_kind(name);
    ASSERT_TRUE(kind) << name;
    EXPECT_EQ(to_string(*kind), name);
    std::vector<std::string> details;
    for (const auto& [key, value] : Error::of(*kind, "").details()) {
      details.push_back(key);
    }
    EXPECT_EQ(json(details), entry["details"]) << name;
  }
  EXPECT_FALSE(parse_kind("NoSuchKind"));
}

TEST(Golden, Pattern) {
  const json pattern = golden("pattern.json");
  ASSERT_FALSE(pattern["frames"].empty());
  for (const json& entry : pattern["frames"]) {
    const std::uint64_t sequence = number(entry["sequence"]);
    Bytes bytes = content(entry["length"], sequence);
    EXPECT_EQ(hex(bytes.data(), bytes.size()), entry["hex"].get<std::string>());
    EXPECT_EQ(pattern::check_frame(bytes.data(), bytes.size(), sequence), "");
    if (!bytes.empty()) {
      bytes.back() ^= 1;
      EXPECT_NE(pattern::check_frame(bytes.data(), bytes.size(), sequence), "");
    }
  }
  ASSERT_FALSE(pattern["metadata"].empty());
  for (const json& entry : pattern["metadata"]) {
    Bytes bytes(entry["length"].get<std::size_t>());
    pattern::fill_metadata(bytes.data(), bytes.size());
    EXPECT_EQ(hex(bytes.data(), bytes.size()), entry["hex"].get<std::string>());
    EXPECT_EQ(pattern::check_metadata(bytes.data(), bytes.size()), "");
    if (!bytes.empty()) {
      bytes.back() ^= 1;
      EXPECT_NE(pattern::check_metadata(bytes.data(), bytes.size()), "");
    }
  }
}

TEST(Golden, Sizes) {
  const json pattern = golden("pattern.json");
  ASSERT_FALSE(pattern["sizes"].empty());
  for (const json& entry : pattern["sizes"]) {
    pattern::FrameSizes sizes(number(entry["seed"]), entry["min"], entry["max"]);
    for (const json& size : entry["sizes"]) {
      EXPECT_EQ(sizes.next(), size.get<std::size_t>());
    }
  }
  ASSERT_FALSE(pattern["splitmix64"].empty());
  for (const json& entry : pattern["splitmix64"]) {
    pattern::SplitMix64 random(number(entry["seed"]));
    for (const json& output : entry["outputs"]) {
      EXPECT_EQ(random.next(), number(output));
    }
  }
  EXPECT_THROW(pattern::FrameSizes(1, 2, 1), std::invalid_argument);
}

/// Performs the operations of a vector and compares shared memory after each.
class Replay {
 public:
  void step(const json& step) {
    EXPECT_EQ(perform(step), step["answer"].get<std::string>());
    compare(step["state"]);
  }

 private:
  std::string perform(const json& step) {
    const auto op = step["op"].get<std::string>();
    const std::size_t argument = step.value("arg", std::size_t{0});
    if (op == "create") {
      reader_.emplace(Reader::create(name_, {step["metadata_size"], step["payload_size"]}));
    } else if (op == "connect") {
      writer_.emplace(Writer::connect(name_));
    } else if (op == "meta") {
      Bytes metadata(argument);
      pattern::fill_metadata(metadata.data(), argument);
      writer_->write_metadata(metadata);
    } else if (op == "write") {
      writer_->write(content(argument, ++written_));
      return "ok 1";
    } else if (op == "wbuf") {
      Slot slot = writer_->acquire(argument);
      pattern::fill_frame(slot.data(), slot.size(), ++written_);
      slot.commit();
      return "ok seq " + std::to_string(written_);
    } else if (op == "read") {
      held_.push_back(reader_->read());
      const Frame& frame = held_.back();
      EXPECT_TRUE(is_whole(frame, frame.size(), frame.sequence()));
      return "ok seq " + std::to_string(frame.sequence()) + " size " + std::to_string(frame.size()) + " good";
    } else if (op == "release") {
      held_.front().release();
      held_.erase(held_.begin());
    } else {
      ADD_FAILURE() << "unknown operation " << op;
    }
    return "ok";
  }

  void compare(const json& expected) const {
    const State state = inspect(name_);
    EXPECT_EQ(state.segment_size, expected["segment_size"].get<std::uint64_t>());
    compare_fields(state, expected["oieb"]);
    Bytes segment = contents_of(objects(name_.text()).segment);
    ASSERT_EQ(segment.size(), state.segment_size);
    std::fill_n(segment.begin() + 0x50, 16, std::uint8_t{0});
    const std::uint8_t* metadata = segment.data() + detail::kOiebSize;
    EXPECT_EQ(hex(segment.data(), detail::kOiebSize), expected["oieb_hex_pids_zeroed"].get<std::string>());
    EXPECT_EQ(hex(metadata, state.metadata_size), expected["metadata_hex"].get<std::string>());
    EXPECT_EQ(hex(metadata + state.metadata_size, state.payload_size), expected["payload_hex"].get<std::string>());
    compare_semaphore(state.data_semaphore, expected["sem_w"], expected["sem_w"]["value"]);
    // P6: a release posts sem-r only while its value is 0, so that it stays at 1 where the vectors count on.
    compare_semaphore(state.space_semaphore, expected["sem_r"],
                      std::min(1U, expected["sem_r"]["value"].get<unsigned>()));
    EXPECT_TRUE(state.lock.held);
  }

  static void compare_semaphore(const SemaphoreState& state, const json& expected, std::uint32_t value) {
    EXPECT_TRUE(state.exists);
    EXPECT_EQ(state.size, expected["size"].get<std::uint64_t>());
    EXPECT_EQ(state.value, value);
    EXPECT_EQ(state.waiters, 0U);
    EXPECT_EQ(state.private_flag, 128U);
  }

  static void compare_fields(const State& state, const json& expected) {
    const auto pid = [](std::uint64_t value) -> json { return value == 0 ? json(0) : json("set"); };
    const json found = {{"oieb_size", state.oieb_size},
                        {"v_major", state.version[0]},
                        {"v_minor", state.version[1]},
                        {"v_patch", state.version[2]},
                        {"v_reserved", state.version[3]},
                        {"metadata_size", state.metadata_size},
                        {"metadata_free_bytes", state.metadata_free_bytes},
                        {"metadata_written_bytes", state.metadata_written_bytes},
                        {"payload_size", state.payload_size},
                        {"payload_free_bytes", state.payload_free_bytes},
                        {"payload_write_pos", state.payload_write_pos},
                        {"payload_read_pos", state.payload_read_pos},
                        {"payload_written_count", state.payload_written_count},
                        {"payload_read_count", state.payload_read_count},
                        {"writer_pid", pid(state.writer_pid)},
                        {"reader_pid", pid(state.reader_pid)}};
    EXPECT_EQ(found, expected);
  }

  UniqueName name_;
  std::optional<Reader> reader_;
  std::optional<Writer> writer_;
  std::vector<Frame> held_;
  std::uint64_t written_ = 0;
};

// Every operation leaves shared memory byte by byte as ZeroBuffer's C++ library does.
TEST(Golden, Vectors) {
  const json vectors = golden("ring-vectors.json");
  ASSERT_FALSE(vectors.empty());
  for (const json& vector : vectors) {
    Replay replay;
    for (std::size_t i = 0; i < vector["steps"].size(); ++i) {
      SCOPED_TRACE(vector["name"].get<std::string>() + ", step " + std::to_string(i));
      replay.step(vector["steps"][i]);
      if (testing::Test::HasFailure()) {
        return;
      }
    }
  }
}

}  // namespace
}  // namespace parley::ring
