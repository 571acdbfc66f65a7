using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using NUnit.Framework;
using Parley.Servant;

namespace Parley.Tests
{
    /// <summary>The ring's steps in two servants: what passes, and above all what must not.</summary>
    [TestFixture]
    public class RingStepsTests
    {
        private const int RLIMIT_NOFILE = 7;

        private ServantProcess _reader;
        private ServantProcess _writer;
        private string _prefix;

        [StructLayout(LayoutKind.Sequential)]
        private struct Limit
        {
            internal ulong Soft;
            internal ulong Hard;
        }

        [SetUp]
        public void Start()
        {
            _prefix = "parley-test-" + Guid.NewGuid().ToString("N") + "-";
            _reader = Servant();
            _writer = Servant();
        }

        [TearDown]
        public void Stop()
        {
            try
            {
                foreach (ServantProcess servant in new[] { _reader, _writer })
                {
                    Assert.That(servant.Client.Call("cleanup"), Is.Null);
                    Assert.That(servant.Client.Call("shutdown"), Is.Null);
                    Assert.That(servant.WaitForExit(), Is.EqualTo(0));
                }
                Assert.That(Directory.GetFiles("/dev/shm", "*" + _prefix + "*"), Is.Empty);
            }
            finally
            {
                _reader.Dispose();
                _writer.Dispose();
            }
        }

        [Test]
        public void ACycleOfMetadataAndFrames()
        {
            Open(1024, 10240);
            Passes(_writer, "the 'writer' process writes '100' bytes of metadata");
            Passes(_reader, "the 'reader' process finds '100' bytes of metadata");
            Passes(_writer, "the 'writer' process writes '3' frames of '512' bytes");
            Passes(_writer, "the 'writer' process has written '3' frames");
            Passes(_reader, "the 'reader' process reads frame '1' of '512' bytes");
            Passes(_reader, "the 'reader' process reads frames '2' to '3' of '512' bytes, taking '1' milliseconds over each");
            Passes(_reader, "the 'reader' process still holds frame '1' unchanged");
            Passes(_reader, "the 'reader' process finds no frame waiting");
            Passes(_writer, "the 'writer' process closes its buffer");
            Passes(_reader, "the 'reader' process fails to read a frame: 'WriterGone'");
        }

        [TestCase("the 'reader' process reads frame '2' of '512' bytes", "sequence number of the frame: expected 2, got 1")]
        [TestCase("the 'reader' process reads and releases frame '1' of '511' bytes", "bytes of frame 1: expected 511, got 512")]
        [TestCase("the 'reader' process reads frames '1' to '3' of '512' bytes", "bytes of frame 2: expected 512, got 100")]
        [TestCase("the 'reader' process reads frames '2' to '1' of '512' bytes", "frames 2 to 1 are none; the first number must not be above the second")]
        [TestCase("the 'reader' process finds no frame waiting", "look for a frame: error: expected ReadTimeout, got frame 1 of 512 bytes")]
        [TestCase("the 'reader' process fails to read a frame: 'WriterDead'", "read a frame: error: expected WriterDead, got frame 1 of 512 bytes")]
        [TestCase("the 'reader' process finds '10' bytes of metadata", "bytes of metadata: expected 10, got 5")]
        [TestCase("the 'reader' process finds no metadata", "metadata: expected none, got 5 bytes")]
        [TestCase("the 'reader' process releases frame '1'", "this process does not hold frame 1; a step that reads it must come first")]
        [TestCase("the 'reader' process still holds frame '1' unchanged", "this process does not hold frame 1; a step that reads it must come first")]
        [TestCase("the 'reader' process has written '1' frames", "this process is connected to no buffer; a step that connects must come first")]
        public void ChecksOfTheReaderFail(string text, string error)
        {
            Open(1024, 10240);
            Passes(_writer, "the 'writer' process writes '5' bytes of metadata");
            Passes(_writer, "the 'writer' process writes a frame of '512' bytes");
            Passes(_writer, "the 'writer' process writes a frame of '100' bytes");
            Passes(_writer, "the 'writer' process writes a frame of '512' bytes");
            Assert.That(Failure(_reader, text), Is.EqualTo(error));
        }

        [TestCase("the 'writer' process has written '2' frames", "frames written since the writer connected: expected 2, got 1")]
        [TestCase("the 'writer' process fails to write a frame of '10' bytes: 'BufferFull'",
            "write a frame of 10 bytes: error: expected BufferFull, got success: it is frame 2")]
        [TestCase("the 'writer' process fails to write '10' bytes of metadata: 'MetadataTooLarge'",
            "write 10 bytes of metadata: error: expected MetadataTooLarge, got success")]
        [TestCase("the 'writer' process commits the acquired frame", "this process has acquired no frame; a step that acquires one must come first")]
        [TestCase("the 'writer' process reads frame '1' of '1' bytes",
            "this process has created no buffer, or has closed it; a step that creates one must come first")]
        public void ChecksOfTheWriterFail(string text, string error)
        {
            Open(1024, 10240);
            Passes(_writer, "the 'writer' process writes a frame of '512' bytes");
            Assert.That(Failure(_writer, text), Is.EqualTo(error));
        }

        [Test]
        public void AnotherErrorThanTheExpectedOneFailsAndBothAreNamed()
        {
            Open(0, 1024);
            JsonObject result = Step(_writer, "the 'writer' process fails to write a frame of '2000' bytes: 'EmptyFrame'");
            Assert.That(result["status"], Is.EqualTo("failed"));
            JsonObject failure = result.Object("failure");
            Assert.That(failure["type"], Is.EqualTo("FrameTooLarge"));
            Assert.That(failure["expected"], Is.EqualTo("EmptyFrame"));
            Assert.That(failure.String("actual").StartsWith("FrameTooLarge size=2000 largest=1008 (", StringComparison.Ordinal), failure.String("actual"));
        }

        [Test]
        public void AnErrorThatTheRingDoesNotKnowIsNamed()
        {
            Open(0, 1024);
            string error = Failure(_writer, "the 'writer' process fails to write a frame of '0' bytes: 'Nothing'");
            Assert.That(error, Is.EqualTo("the ring has no error named 'Nothing'; see the errors of the ring's documentation"));
        }

        [Test]
        public void ARefusalThatNobodyExpectedFailsUnderTheRingsName()
        {
            JsonObject result = Step(_writer, "the 'writer' process connects to buffer 'frames'");
            Assert.That(result["status"], Is.EqualTo("failed"));
            Assert.That(result.Object("failure")["type"], Is.EqualTo("NotFound"));
        }

        [Test]
        public void AFullRingRefusesAtOnceWithoutWaiting()
        {
            Open(0, 1024);
            Passes(_writer, "the 'writer' process waits at most '1' milliseconds for the other side");
            Passes(_writer, "the 'writer' process writes frames of '100' bytes until the buffer is full");
            Passes(_writer, "the 'writer' process has written '8' frames");
            Passes(_writer, "the 'writer' process waits at most '60000' milliseconds for the other side");
            JsonObject result = Step(_writer, "the 'writer' process writes a frame of '100' bytes without waiting");
            Assert.That(result.Object("failure")["type"], Is.EqualTo("BufferFull"));
            Passes(_writer, "the 'writer' process has written '8' frames");
        }

        [Test]
        public void ABlockedWriteEndsWithItsStep()
        {
            Open(0, 1024);
            Passes(_writer, "the 'writer' process waits at most '60000' milliseconds for the other side");
            JsonObject result = _writer.Client.Step(
                "When", "the 'writer' process writes '9' frames of '100' bytes", new JsonObject { { "TimeoutMs", 300L } });
            Assert.That(result["status"], Is.EqualTo("timeout"));
            Passes(_writer, "the 'writer' process has written '8' frames");
        }

        [TestCase("race-1=won,race-2=InUse", "race-1=InUse,race-2=won", null)]
        [TestCase("race-1=won,race-2=won", "race-1=InUse,race-2=won", "outcomes of the race for race-2: expected InUse, won, got won, won")]
        [TestCase("race-1=won,race-2=InUse", "race-1=System,race-2=won", "outcomes of the race for race-1: expected InUse, won, got System, won")]
        [TestCase("race-1=won", "race-1=InUse", "races that were reported: expected 2, got 1")]
        [TestCase("race-1=won,race-2", "race-1=InUse", "the report race.1 holds 'race-2', expected name=outcome")]
        public void RacesAreJudgedByTheirReports(string first, string second, string error)
        {
            var context = new JsonObject { { "other", "x" }, { "race.1", first }, { "race.2", second } };
            JsonObject result = _writer.Client.Step(
                "Then", "the 'writer' process sees exactly one winner in each of '2' races, the other told 'InUse'", new JsonObject { { "Context", context } });
            Assert.That(result["error"], Is.EqualTo(error));
        }

        [TestCase("race-5", "race-1")]
        [TestCase("race-1", "rice-5")]
        [TestCase("race", "race")]
        public void ARangeOfNamesMustRise(string first, string last)
        {
            string error = Failure(_reader, "two 'reader' processes race to create buffers '" + first + "' to '" + last + "'");
            Assert.That(error, Contains.Substring("is no range"));
        }

        [Test]
        public void ARaceIsReportedUnderTheProcess()
        {
            JsonObject first = Step(_reader, "two 'reader' processes race to create buffers 'race-1' to 'race-3'");
            Assert.That(first.Object("context")["race." + _reader.ServantId], Is.EqualTo("race-1=won,race-2=won,race-3=won"));
            JsonObject second = Step(_writer, "two 'reader' processes race to create buffers 'race-2' to 'race-4'");
            Assert.That(second.Object("context")["race." + _writer.ServantId], Is.EqualTo("race-2=InUse,race-3=InUse,race-4=won"));
        }

        [Test]
        public void WithoutADescriptorToSpareAStepStillFailsAndPasses()
        {
            const string create = "the 'reader' process fails to create buffer 'frames' with '0' bytes of metadata and '64' bytes of payload: ";
            int most = Directory.GetFileSystemEntries("/proc/" + _reader.ServantId + "/fd").Max(path => int.Parse(Path.GetFileName(path)));
            var limit = new Limit { Soft = (ulong)most + 1, Hard = 4096 };
            Assert.That(prlimit((int)_reader.ServantId, RLIMIT_NOFILE, ref limit, IntPtr.Zero), Is.EqualTo(0));
            Assert.That(Failure(_reader, create + "'InUse'"), Contains.Substring("expected InUse, got System call=open errno=EMFILE ("));
            Passes(_reader, create + "'System errno=EMFILE'");
        }

        [DllImport("libc.so.6", SetLastError = true)]
        private static extern int prlimit(int pid, int resource, ref Limit limit, IntPtr old);

        private ServantProcess Servant()
        {
            var servant = new ServantProcess("");
            servant.Client.Call("initialize", new JsonObject { { "ResourcePrefix", _prefix } });
            return servant;
        }

        private void Open(int metadata, int payload)
        {
            Passes(_reader, "the 'reader' process creates buffer 'frames' with '" + metadata + "' bytes of metadata and '" + payload + "' bytes of payload");
            Passes(_writer, "the 'writer' process connects to buffer 'frames'");
        }

        private static JsonObject Step(ServantProcess servant, string text)
        {
            return servant.Client.Step("Then", text);
        }

        private static void Passes(ServantProcess servant, string text)
        {
            Assert.That(Step(servant, text)["error"], Is.Null, text);
        }

        private static string Failure(ServantProcess servant, string text)
        {
            JsonObject result = Step(servant, text);
            Assert.That(result["status"], Is.EqualTo("failed"), text);
            return result.String("error");
        }
    }
}
