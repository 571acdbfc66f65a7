#include "support.hpp"

namespace parley::ring {
namespace {

TEST(Error, SaysWhatWhereAndWhatToDo) {
  using std::chrono::milliseconds;
  const auto says = [](const Error& error, const std::string& text) { EXPECT_EQ(std::string(error.what()), text); };
  says(Error::corrupt("n", "payload_size", 7, 5), "ring \"n\": corrupt: payload_size is 7, limit 5");
  says(Error::exceeds(ErrorKind::FrameTooLarge, "n", 49, 48),
       "ring \"n\": frame of 49 bytes is too large, at most 48 fit");
  says(Error::exceeds(ErrorKind::VersionMismatch, "n", 2, 1),
       "ring \"n\": layout version 2, only version 1 is understood");
  says(Error::timed_out(ErrorKind::BufferFull, "n", milliseconds(1500)),
       "ring \"n\": buffer full: the reader made no room within 1500 ms");
  says(Error::timed_out(ErrorKind::ReadTimeout, "n", kDefaultTimeout), "ring \"n\": no frame within 5 s");
  says(Error::sequence_gap("n", 3, 5), "ring \"n\": sequence gap: expected 3, got 5");
  says(Error::of(ErrorKind::InUse, "n", 12, "choose another name"),
       "ring \"n\": already in use by pid 12: choose another name");
  says(Error::system("n", "fallocate", "/dev/shm/n", ENOSPC),
       "ring \"n\": fallocate: /dev/shm/n: No space left on device; free space there or ask for smaller sizes");
}

// Every kind has a message of its own, on one line.
TEST(Error, EachKindIsExplained) {
  std::set<std::string> messages;
  for (std::size_t i = 0; i < kErrorKindNames.size(); ++i) {
    ErrorFacts facts;
    facts.name = "n";
    facts.call = "open";
    const Error error(static_cast<ErrorKind>(i), facts);
    const std::string message = error.what();
    EXPECT_GT(message.size(), std::string("ring \"n\": ").size());
    EXPECT_EQ(message.find('\n'), std::string::npos);
    EXPECT_TRUE(messages.insert(message).second) << message;
  }
}

TEST(Error, CarriesItsDetails) {
  const auto details = [](const Error& error) {
    std::string text;
    for (const auto& [key, value] : error.details()) {
      text += key + "=";
      text += std::holds_alternative<std::string>(value) ? std::get<std::string>(value)
                                                         : std::to_string(std::get<std::uint64_t>(value));
      text += " ";
    }
    return text;
  };
  EXPECT_EQ(details(Error::corrupt("n", "payload_size", 7, 5)), "field=payload_size value=7 limit=5 ");
  EXPECT_EQ(details(Error::exceeds(ErrorKind::FrameTooLarge, "n", 49, 48)), "size=49 largest=48 ");
  EXPECT_EQ(details(Error::timed_out(ErrorKind::BufferFull, "n", std::chrono::milliseconds(1500))), "timeout=1500 ");
  EXPECT_EQ(details(Error::sequence_gap("n", 3, 5)), "expected=3 actual=5 ");
  EXPECT_EQ(details(Error::system("n", "open", "p", ENOENT)), "call=open errno=2 ");
  EXPECT_EQ(details(Error::of(ErrorKind::Closed, "n")), "");
}

}  // namespace
}  // namespace parley::ring
