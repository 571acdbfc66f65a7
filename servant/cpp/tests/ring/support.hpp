#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "parley/ring.hpp"

namespace parley::ring {

/// Bounds tests that could hang; reaching it is a failure.
inline constexpr std::chrono::nanoseconds kLimit = std::chrono::seconds(30);
inline constexpr std::chrono::nanoseconds kNever = std::chrono::nanoseconds::zero();

/// What the names of all buffers of this process begin with.
std::string name_prefix();

/// The files of buffers whose names begin with `prefix`.
std::vector<std::string> leftovers(const std::string& prefix);

/// A name that nothing else uses. At its end what is left is removed, and is a failure unless a killed reader may have
/// left it.
class UniqueName {
 public:
  enum class Ends { Clean, Abandoned };

  explicit UniqueName(Ends ends = Ends::Clean);
  ~UniqueName();
  UniqueName(const UniqueName&) = delete;
  UniqueName& operator=(const UniqueName&) = delete;
  UniqueName(UniqueName&&) = delete;
  UniqueName& operator=(UniqueName&&) = delete;

  const std::string& text() const { return text_; }
  operator const std::string&() const { return text_; }  // NOLINT(google-explicit-constructor): it is a name
  operator std::string_view() const { return text_; }    // NOLINT(google-explicit-constructor): it is a name

 private:
  std::string text_;
  Ends ends_;
};

/// A buffer's shared memory, mapped a second time, as another process would.
struct Observer {
  explicit Observer(std::string_view name);

  detail::Oieb& oieb() const { return segment.oieb(); }
  std::uint64_t free() const { return oieb().payload_free.load(); }

  detail::Segment segment;
  detail::Semaphore data;
  detail::Semaphore space;
};

/// A ring with both sides in this process.
struct Pair {
  explicit Pair(Sizes sizes, Options options = {})
      : reader(Reader::create(name, sizes, options)), writer(Writer::connect(name, options)), raw(name.text()) {}

  /// Writes one frame and reads it back whole.
  void exchange(std::size_t size, std::uint64_t sequence);

  UniqueName name;
  Reader reader;
  Writer writer;
  Observer raw;
};

/// The content of the frame with that sequence number.
Bytes content(std::size_t size, std::uint64_t sequence);

/// Whether the frame is that one, whole.
testing::AssertionResult is_whole(const Frame& frame, std::size_t size, std::uint64_t sequence);

/// Reads one frame and checks it.
void read_one(Reader& reader, std::uint64_t sequence);

/// Waits for a condition; not reaching it is a failure.
void eventually(const std::string& what, const std::function<bool()>& met);

/// Waits until somebody sleeps on the semaphore.
void await_sleeper(const detail::Semaphore& semaphore);

/// Calls `call`, which must throw an Error of that kind, and gives it.
template <typename Call>
Error error_of(ErrorKind kind, const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(to_string(error.kind()), to_string(kind)) << error.what();
    return error;
  }
  ADD_FAILURE() << "no error, expected " << to_string(kind);
  return Error::of(kind, "");
}

/// The whole file.
Bytes contents_of(const std::string& path);

}  // namespace parley::ring
