using NUnit.Framework;
using Parley.Servant;
using Parley.Tests.Ring;

namespace Parley.Tests
{
    /// <summary>The steps of feature 11: what must not pass.</summary>
    [TestFixture]
    public class StressStepsTests : StepsTest
    {
        [Test]
        public void BuffersThatComeAndGoLeaveNothingOpen()
        {
            Passes(Reader, "the 'reader' process creates and destroys buffer 'frames' '5' times");
            Passes(Reader, "the 'reader' process creates and destroys buffer 'frames' '2' times, keeping it for '1' milliseconds");
            Passes(Reader, "the 'reader' process has nothing open");
            Open(0, 1024);
            Assert.That(Failure(Reader, "the 'reader' process has nothing open"),
                Is.EqualTo("open in this process: expected nothing, got buffer '" + Raw("frames").Name + "'"));
            Assert.That(Failure(Writer, "the 'writer' process has nothing open"), Contains.Substring("got buffer"));
            Passes(Writer, "the 'writer' process closes its buffer");
            Passes(Writer, "the 'writer' process has nothing open");
            OpenChannel();
            Assert.That(Failure(Writer, "the 'client' process has nothing open"),
                Is.EqualTo("open in this process: expected nothing, got channel 'calls'"));
            Assert.That(Step(Writer, "the 'writer' process creates and destroys buffer 'frames' '1' times").Object("failure")["type"],
                Is.EqualTo("InUse"));
        }

        [Test]
        public void AWriterKeepsTryingUntilItIsToldSomethingElse()
        {
            long trying = Begins(Writer, "the 'writer' process connects to buffer 'frames' and closes it '3' times, told nothing but 'NotFound, NoReader' in between");
            Passes(Reader, "the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '64' bytes of payload");
            Assert.That(Ends(Writer, trying), Is.Null);
            Passes(Writer, "the 'writer' process connects to buffer 'frames'");
            JsonObject result = Step(
                Reader, "the 'writer' process connects to buffer 'frames' and closes it '3' times, told nothing but 'NotFound, NoReader' in between");
            Assert.That(result.String("error"), Is.StringStarting("connect to buffer 'frames', having done so 0 of 3 times: error: "
                + "expected NotFound, NoReader, got WriterExists ("));
            Assert.That(Failure(Reader, "the 'writer' process connects to buffer 'frames' and closes it '3' times, told nothing but 'Odd' in between"),
                Contains.Substring("no error named 'Odd'"));
        }

        [Test]
        public void SeededTrafficArrivesUnderItsSeed()
        {
            Open(0, 4096);
            long writing = Begins(Writer, "the 'writer' process writes '200' frames of '1' to '900' bytes, seed '7'");
            Passes(Reader, "the 'reader' process reads '200' frames of '1' to '900' bytes, seed '7', holding up to '4' and pausing up to '20' microseconds");
            Assert.That(Ends(Writer, writing), Is.Null);
            Assert.That(Raw("frames")[RawBuffer.PayloadFree], Is.EqualTo(4096));
            Passes(Writer, "the 'writer' process writes '2' frames of '30' bytes");
            Passes(Reader, "the 'reader' process reads and releases the next frame of '30' bytes");
            Assert.That(Failure(Reader, "the 'reader' process reads and releases the next frame of '31' bytes"),
                Is.EqualTo("bytes of frame 202: expected 31, got 30"));
        }

        [Test]
        public void AnotherSeedFails()
        {
            Open(0, 10240);
            Passes(Writer, "the 'writer' process writes '3' frames of '1' to '900' bytes, seed '7'");
            Assert.That(Failure(Reader, "the 'reader' process reads '3' frames of '1' to '900' bytes, seed '8', holding up to '4' and pausing up to '0' microseconds"),
                Is.StringStarting("bytes of frame 1: expected "));
        }

        [TestCase("0", "9")]
        [TestCase("9", "8")]
        public void SizesThatCannotBeDrawnFail(string min, string max)
        {
            Open(0, 1024);
            Assert.That(Failure(Writer, "the 'writer' process writes '3' frames of '" + min + "' to '" + max + "' bytes, seed '7'"),
                Is.EqualTo("frames of " + min + " to " + max + " bytes cannot be drawn; the first size must be at least 1 and not above the second"));
        }

        [Test]
        public void AHeldFrameThatChangesFails()
        {
            Open(0, 4096);
            Passes(Writer, "the 'writer' process writes '1' frames of '100' to '100' bytes, seed '7'");
            // Of this seed the first two frames stay held until the end.
            long reading = Begins(Reader,
                "the 'reader' process reads '2' frames of '100' to '100' bytes, seed '7', holding up to '4' and pausing up to '0' microseconds");
            RingTest.WaitUntil(() => Raw("frames").DataWaiters > 0, "the reader holds the first frame and waits for the second");
            Raw("frames").SetByte(128 + 16 + 9, 0xee);
            Passes(Writer, "the 'writer' process writes '1' frames of '100' to '100' bytes, seed '7'");
            Assert.That(Ends(Reader, reading), Is.EqualTo("byte 9 of frame 1: expected 0x0a, got 0xee"));
        }

        [Test]
        public void TheReaderStopsAtTheClosingFrame()
        {
            Open(0, 65536);
            long writing = Begins(Writer, "the 'writer' process writes frames of '1' to '50' bytes, seed '11', for '1' seconds");
            JsonObject read = Step(Reader, "the 'reader' process reads frames of '1' to '50' bytes, seed '11', until the writer rests");
            Assert.That(read["error"], Is.Null);
            var wrote = (JsonObject)Writer.Client.Result(writing);
            string frames = Logs(read)[0].Replace(" frames read, and the closing one", "");
            Assert.That(Logs(wrote), Is.EqualTo(new[] { frames + " frames written in 1 seconds, and the closing one" }));
            Passes(Reader, "the 'reader' process finds no frame waiting");
        }

        [Test]
        public void AClosingFrameAloneFails()
        {
            Open(0, 65536);
            Passes(Writer, "the 'writer' process writes frames of '1' to '50' bytes, seed '11', for '0' seconds");
            Assert.That(Failure(Reader, "the 'reader' process reads frames of '1' to '50' bytes, seed '11', until the writer rests"),
                Is.EqualTo("frames before the closing one: expected at least 1, got 0"));
        }

        [Test]
        public void ASeriesEndsWhereItIsRefused()
        {
            Passes(Writer, "the 'writer' process creates buffer 'many-7' with '0' bytes of metadata and '64' bytes of payload");
            Assert.That(Failure(Reader, "the 'reader' process creates buffers 'many-1', 'more-2' and so on until it is refused: 'InUse'"),
                Contains.Substring("are not the first two of one series"));
            Passes(Reader, "the 'reader' process creates buffers 'many-1', 'many-2' and so on until it is refused: 'InUse'");
            Assert.That(Failure(Reader, "the 'reader' process has created at least '7' of them, and each carries a frame"),
                Is.EqualTo("buffers created: expected at least 7, got 6"));
            Passes(Reader, "the 'reader' process has created at least '6' of them, and each carries a frame");
            Assert.That(Raw("many-2")[RawBuffer.ReadCount], Is.EqualTo(1));
            Passes(Writer, "the 'writer' process fails to connect to buffer 'many-3': 'NotFound'");
            Passes(Reader, "the 'reader' process closes all of them");
            Passes(Writer, "the 'writer' process fails to connect to buffer 'many-1': 'NotFound'");
            Passes(Reader, "the 'reader' process has nothing open");
        }

        [Test]
        public void AnotherRefusalOfASeriesFails()
        {
            Passes(Writer, "the 'writer' process creates buffer 'many-2' with '0' bytes of metadata and '64' bytes of payload");
            Assert.That(Failure(Reader, "the 'reader' process creates buffers 'many-1', 'many-2' and so on until it is refused: 'System errno=EMFILE'"),
                Is.StringStarting("create buffers 'many-1' and so on: error: expected System errno=EMFILE, got InUse ("));
            Passes(Reader, "the 'reader' process closes all of them");
        }
    }
}
