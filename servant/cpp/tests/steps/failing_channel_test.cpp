// Each check of the steps of duplex channels notices what it is there for. The reader serves, the writer asks.
#include <future>

#include "cell.hpp"
#include "channel_end.hpp"
#include "parley/ring.hpp"

namespace parley::test {
namespace {

const std::string kPatience = " waits at most '20' milliseconds for the other side";
const std::string kOpen = "reader opens channel 'c' with '4096' bytes for requests";
const std::string kConnect = "writer connects to channel 'c' with '4096' bytes for responses";
const std::string kAsk = "writer sends '1' requests of '5' bytes";
const std::string kEcho = "reader echoes '1' requests";

const std::vector<std::string> opened{kOpen};
const std::vector<std::string> joined{kOpen, kConnect};
const std::vector<std::string> asked{kOpen, kConnect, kAsk};
const std::vector<std::string> answered{kOpen, kConnect, kAsk, kEcho};

class FailingChannelStep : public FailingSteps {};

TEST_P(FailingChannelStep, SaysWhatWasExpectedAndWhatCame) {
  pass({"reader" + kPatience, "writer" + kPatience});
  pass(GetParam().before);
  fail(GetParam().words, GetParam().how);
}

INSTANTIATE_TEST_SUITE_P(
    Opening, FailingChannelStep,
    testing::Values(
        FailingStep{
            "OpenedTwice", opened, "writer opens channel 'c' with '64' bytes for requests", {"", "", "", "InUse"}},
        FailingStep{"NoChannel", {}, kConnect, {"", "", "", "NotFound"}},
        FailingStep{"NoClient", opened, "reader accepts the client", {"", "", "", "ReadTimeout"}},
        FailingStep{"NoClientToAnswer", opened, kEcho, {"", "", "", "ReadTimeout"}},
        FailingStep{
            "AServerThatAsks", joined, "reader sends '1' requests of '5' bytes", {"is connected to no channel"}},
        FailingStep{"AClientThatServes", joined, "writer echoes '1' requests", {"has opened no channel"}},
        FailingStep{"NoChannelToClose", {}, "writer closes its channel", {"has no channel open"}},
        FailingStep{"AnEndOpen",
                    joined,
                    "writer has nothing open",
                    {"open in this process", "nothing", "an end of a channel"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Requests, FailingChannelStep,
    testing::Values(
        FailingStep{"None", joined, kEcho, {"", "", "", "ReadTimeout"}},
        FailingStep{
            "CountOfAnswers", answered, "reader has answered '2' requests", {"requests answered since", "2", "1"}},
        FailingStep{"ARequestAfterAll",
                    asked,
                    "reader fails to get a request: 'WriterDead'",
                    {"get a request: error", "WriterDead", "5 bytes"}},
        FailingStep{"ClosedInsteadOfDead",
                    {kOpen, kConnect, "writer closes its channel"},
                    "reader fails to get a request: 'WriterDead'",
                    {"get a request: error", "WriterDead", "WriterGone (", "WriterGone"}},
        FailingStep{"SentAfterAll",
                    joined,
                    "writer fails to send a request of '5' bytes: 'NoReader'",
                    {"send request 1 of 5 bytes: error", "NoReader", "success"}},
        FailingStep{
            "TooLargeToSend", joined, "writer sends '1' requests of '4081' bytes", {"", "", "", "FrameTooLarge"}},
        FailingStep{"TooLargeToFill",
                    joined,
                    "writer sends a request of '4081' bytes written in place and gets it back",
                    {"", "", "", "FrameTooLarge"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Responses, FailingChannelStep,
    testing::Values(
        FailingStep{
            "None", asked, "writer gets '1' responses of '5' bytes back, in order", {"", "", "", "ReadTimeout"}},
        FailingStep{"AnotherSize",
                    answered,
                    "writer gets '1' responses of '6' bytes back, in order",
                    {"bytes of response 1", "6", "5"}},
        FailingStep{"OneAfterAll",
                    answered,
                    "writer fails to get a response: 'WriterGone'",
                    {"get a response: error", "WriterGone", "5 bytes"}},
        FailingStep{"ACallBeforeItsTurn",
                    asked,
                    "writer sends a request of '5' bytes and gets it back",
                    {"1 requests have no response yet"}},
        FailingStep{"OneByOneBeforeItsTurn",
                    asked,
                    "writer sends '2' requests of '5' bytes and gets each back before the next",
                    {"1 requests have no response yet"}},
        FailingStep{"ACallInPlaceBeforeItsTurn",
                    asked,
                    "writer sends a request of '5' bytes written in place and gets it back",
                    {"1 requests have no response yet"}},
        FailingStep{"FlippedBeforeItsTurn",
                    asked,
                    "writer sends a request of '5' bytes and gets every bit flipped",
                    {"1 requests have no response yet"}},
        FailingStep{
            "AllBackBeforeTheirTurn",
            asked,
            "writer sends '2' requests of '5' bytes and has all of them back after '1' milliseconds at the earliest",
            {"1 requests have no response yet"}},
        FailingStep{"MeasuredBeforeItsTurn",
                    asked,
                    "writer measures '1' of '1' round trips of '5' bytes",
                    {"1 requests have no response yet"}},
        FailingStep{"MoreMeasuredThanDone",
                    joined,
                    "writer measures '2' of '1' round trips of '5' bytes",
                    {"2 of 1 round trips cannot be measured"}},
        FailingStep{"NoneMeasured",
                    joined,
                    "writer measures '0' of '1' round trips of '5' bytes",
                    {"0 of 1 round trips cannot be measured"}},
        FailingStep{"ARoundTripWithoutAnswer",
                    joined,
                    "writer measures '1' of '1' round trips of '5' bytes",
                    {"", "", "", "ReadTimeout"}}),
    name_of);

/// A channel whose other end is the test's own.
class Channel : public Cell {
 protected:
  Channel() { pass({"reader" + kPatience, "writer" + kPatience}); }

  ring::DuplexServer serve() const { return ring::DuplexServer::create(resource("c"), {0, 4096}); }
};

TEST_F(Channel, ARequestThatIsNoPattern) {
  pass({kOpen});
  auto client = ring::DuplexClient::connect(resource("c"), {0, 4096});
  client.send(ring::Bytes{1, 2, 4});
  fail(kEcho, {"byte 2 of request 1", "0x03", "0x04"});
}

TEST_F(Channel, ARequestThatChangesWhileItIsAnswered) {
  steps::ServerEnd server(serve());
  pass({kConnect, kAsk});
  const auto change_and_flip = [&](const ring::Frame& request) {
    damage("c_request", 0, 16, 0xFE);
    server.flip(request, Cancellation());
  };
  try {
    server.answer(1, change_and_flip, Cancellation());
    ADD_FAILURE() << "the change was not noticed";
  } catch (const Failure& failure) {
    EXPECT_STREQ(failure.what(), "byte 0 of request 1: expected 0x01, got 0xfe");
  }
}

TEST_F(Channel, AnotherResponse) {
  auto server = serve();
  pass({kConnect, kAsk});
  server.accept();
  server.respond(ring::Bytes{1, 2, 3, 4, 6});
  fail("writer gets '1' responses of '5' bytes back, in order", {"byte 4 of response 1", "0x05", "0x06"});
}

/// A channel with both ends, patient enough for steps that overlap.
class Overlapping : public Cell {
 protected:
  Overlapping() {
    pass({"reader waits at most '20000' milliseconds for the other side",
          "writer waits at most '20000' milliseconds for the other side", kOpen, kConnect});
  }

  /// The result of a step of the writer while the reader echoes.
  Json result_of(const std::string& words, int requests) {
    auto echo = std::async(std::launch::async,
                           [&] { return step("reader echoes '" + std::to_string(requests) + "' requests"); });
    Json result = step(words);
    EXPECT_EQ(echo.get()["status"], "passed");
    return result;
  }
};

TEST_F(Overlapping, AResponseThatIsNotFlipped) {
  const Json result = result_of("writer sends a request of '5' bytes and gets every bit flipped", 1);
  EXPECT_EQ(result["error"], "byte 0 of response 1: expected 0xfe, got 0x01");
}

TEST_F(Overlapping, ResponsesThatComeTooEarly) {
  const Json result = result_of(
      "writer sends '2' requests of '5' bytes and has all of them back after '3600000' milliseconds at the earliest",
      2);
  const std::string begin = "time until all responses were there: expected at least 3600000 ms, got ";
  EXPECT_EQ(result["error"].get<std::string>().substr(0, begin.size()), begin);
}

}  // namespace
}  // namespace parley::test
