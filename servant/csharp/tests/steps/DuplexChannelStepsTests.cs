using NUnit.Framework;

namespace Parley.Tests
{
    /// <summary>The steps of feature 13: what must not pass.</summary>
    [TestFixture]
    public class DuplexChannelStepsTests : StepsTest
    {
        [Test]
        public void RequestsComeBack()
        {
            long connecting = Begins(Writer, "the 'client' process connects to channel 'calls' with '65536' bytes for responses");
            Passes(Reader, "the 'server' process opens channel 'calls' with '65536' bytes for requests");
            Assert.That(Ends(Writer, connecting), Is.Null);
            long serving = Begins(Reader, "the 'server' process echoes '5' requests, taking '1' milliseconds over each");
            Passes(Writer, "the 'client' process sends a request of '1' bytes and gets it back");
            Passes(Writer, "the 'client' process sends a request of '400' bytes written in place and gets it back");
            Passes(Writer, "the 'client' process sends '3' requests of '64' bytes and has all of them back after '3' milliseconds at the earliest");
            Assert.That(Ends(Reader, serving), Is.Null);
            Passes(Reader, "the 'server' process has answered '5' requests");
            Assert.That(Failure(Reader, "the 'server' process has answered '4' requests"),
                Is.EqualTo("requests answered since the channel was opened: expected 4, got 5"));
            Passes(Writer, "the 'client' process closes its channel");
            Passes(Reader, "the 'server' process fails to get a request: 'WriterGone'");
        }

        [TestCase("gets every bit flipped", "echoes '1' requests", "byte 0 of response 1: expected 0xfe, got 0x01")]
        [TestCase("gets it back", "answers '1' requests with every bit flipped, the request unchanged", "byte 0 of response 1: expected 0x01, got 0xfe")]
        [TestCase("gets every bit flipped", "answers '1' requests with every bit flipped, the request unchanged", null)]
        public void TheResponseMustBeTheExpectedOne(string gets, string serves, string error)
        {
            OpenChannel();
            long serving = Begins(Reader, "the 'server' process " + serves);
            Assert.That(Step(Writer, "the 'client' process sends a request of '9' bytes and " + gets)["error"], Is.EqualTo(error));
            Assert.That(Ends(Reader, serving), Is.Null);
        }

        [Test]
        public void ResponsesHaveTheirSizeAndTheirOrder()
        {
            OpenChannel();
            Passes(Writer, "the 'client' process sends '2' requests of '10' bytes");
            Passes(Writer, "the 'client' process sends '1' requests of '11' bytes");
            Passes(Reader, "the 'server' process echoes '3' requests");
            Assert.That(Failure(Writer, "the 'client' process sends a request of '1' bytes and gets it back"),
                Is.EqualTo("3 requests have no response yet; a step that gets their responses must come first"));
            Assert.That(Failure(Writer, "the 'client' process gets '3' responses of '10' bytes back, in order"),
                Is.EqualTo("bytes of response 3: expected 10, got 11"));
        }

        [Test]
        public void ARequestThatIsNotThePatternFails()
        {
            OpenChannel();
            Passes(Writer, "the 'client' process sends '1' requests of '10' bytes");
            Raw("calls_request").SetByte(128 + 16 + 3, 0);
            Assert.That(Failure(Reader, "the 'server' process echoes '1' requests"), Is.EqualTo("byte 3 of request 1: expected 0x04, got 0x00"));
            Passes(Reader, "the 'server' process has answered '0' requests");
        }

        [Test]
        public void ResponsesThatComeTooEarlyFail()
        {
            OpenChannel();
            long serving = Begins(Reader, "the 'server' process echoes '2' requests");
            Assert.That(
                Failure(Writer, "the 'client' process sends '2' requests of '10' bytes and has all of them back after '600000' milliseconds at the earliest"),
                Is.StringStarting("time until all responses were there: expected at least 600000 ms, got "));
            Assert.That(Ends(Reader, serving), Is.Null);
        }

        [Test]
        public void WhatSucceedsThoughItShouldNotFails()
        {
            OpenChannel();
            Passes(Reader, "the 'server' process accepts the client");
            Assert.That(Failure(Writer, "the 'client' process fails to send a request of '10' bytes: 'ReaderDead'"),
                Is.EqualTo("send a request of 10 bytes: error: expected ReaderDead, got success"));
            Passes(Reader, "the 'server' process echoes '1' requests");
            Assert.That(Failure(Writer, "the 'client' process fails to get a response: 'WriterGone'"),
                Is.EqualTo("get a response: error: expected WriterGone, got response 1 of 10 bytes"));
            Passes(Writer, "the 'client' process sends '1' requests of '20' bytes");
            Assert.That(Failure(Reader, "the 'server' process fails to get a request: 'WriterGone'"),
                Is.EqualTo("get a request: error: expected WriterGone, got request 2 of 20 bytes"));
        }

        [Test]
        public void AProcessHasOneChannel()
        {
            OpenChannel();
            Passes(Reader, "the 'server' process opens channel 'others' with '64' bytes for requests");
            Passes(Writer, "the 'client' process fails to send a request of '10' bytes: 'NoReader'");
            Passes(Writer, "the 'client' process connects to channel 'others' with '64' bytes for responses");
            Passes(Writer, "the 'client' process sends '1' requests of '10' bytes");
            Passes(Reader, "the 'server' process closes its channel");
            Assert.That(Failure(Reader, "the 'server' process closes its channel"),
                Is.EqualTo("this process has no channel open; a step that opens or connects to one must come first"));
            Assert.That(Failure(Reader, "the 'server' process echoes '1' requests"), Contains.Substring("a step that opens one must come first"));
        }

        [Test]
        public void AClientWaitsForItsServerNoLongerThanItsPatience()
        {
            Passes(Writer, "the 'client' process waits at most '20' milliseconds for the other side");
            Assert.That(Step(Writer, "the 'client' process connects to channel 'calls' with '64' bytes for responses").Object("failure")["type"],
                Is.EqualTo("NotFound"));
        }

        [Test]
        public void ThePatienceHoldsForAnOpenChannel()
        {
            OpenChannel();
            Passes(Writer, "the 'client' process waits at most '20' milliseconds for the other side");
            Passes(Writer, "the 'client' process fails to get a response: 'ReadTimeout'");
        }
    }
}
