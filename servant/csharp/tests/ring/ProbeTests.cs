using Newtonsoft.Json.Linq;
using System.Linq;
using Newtonsoft.Json;
using NUnit.Framework;
using Parley.Ring;

namespace Parley.Tests.Ring
{
    /// <summary>The probe's words, results and exit statuses.</summary>
    [TestFixture]
    public class ProbeTests : RingTest
    {
        [TestCase("", "a command is missing")]
        [TestCase("sing", "unknown command 'sing'")]
        [TestCase("read", "NAME is missing")]
        [TestCase("read x --payload 64 --frames 1", "--metadata is missing")]
        [TestCase("read x --metadata 0 --payload 64 --frames", "--frames needs a value")]
        [TestCase("read x --metadata 0 --payload 0 --frames 1", "--payload is '0'")]
        [TestCase("read x --metadata 0 --payload 64 --frames 1 --min 4", "--seed is missing")]
        [TestCase("read x --metadata 0 --payload 64 --frames 1 --hold 3 --batch 3", "exclude each other")]
        [TestCase("write x --frames 1 --seed -1 --min 1 --max 1", "--seed is '-1'")]
        [TestCase("write x --frames 1 --seed 1 --min 1 --max 1 --batch 2 --zero-copy", "exclude each other")]
        [TestCase("write x --frames 1 --seed 1 --min 1 --max 1 --die-after 0", "--die-after is '0'")]
        [TestCase("write x --frames 1 --seed 1 --min 5 --max 4", "--max is '4'")]
        [TestCase("write x --frames 1 --seed 1 --min 1 --max 1 --fast", "unknown option '--fast'")]
        [TestCase("inspect x --frames 1", "unknown option '--frames'")]
        public void WrongWords(string words, string message)
        {
            using (var probe = new Probe(words))
            {
                Assert.AreEqual(2, probe.Status());
                StringAssert.Contains(message, probe.Errors);
                StringAssert.Contains("usage:", probe.Errors);
            }
        }

        [TestCase("inspect {0}", RingError.NotFound)]
        [TestCase("inspect a/b", RingError.InvalidName)]
        [TestCase("read a/b --metadata 0 --payload 64 --frames 1", RingError.InvalidName)]
        [TestCase("write {0} --frames 1 --seed 1 --min 1 --max 1 --connect-timeout-ms 10", RingError.NotFound)]
        [TestCase("pong {0} --metadata 0 --payload 1000000000000000", RingError.System)]
        public void NotSetUp(string words, RingError error)
        {
            using (var probe = new Probe(string.Format(words, Name)))
            {
                JObject result = probe.Result();
                Assert.AreEqual(3, probe.Status());
                Assert.IsFalse((bool)result["ok"]);
                Assert.AreEqual(error.ToString(), (string)result["error"]);
                Assert.IsTrue(((string)result["message"]).Length > 0);
            }
        }

        [Test]
        public void WrongDataFails()
        {
            using (Probe probe = new Probe("read " + Name + " --metadata 0 --payload 1024 --frames 1").Ready())
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                byte[] data = TestPattern.Frame(1, 100);
                data[63] ^= 4;
                writer.Write(data);
                AssertCheckFailed(probe, "DataMismatch", "byte 63");
            }
        }

        [Test]
        public void WrongSizeFails()
        {
            using (Probe probe = new Probe("read " + Name +
                " --metadata 0 --payload 1024 --frames 1 --seed 1 --min 1 --max 1000").Ready())
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                WritePattern(writer, 100);
                AssertCheckFailed(probe, "SizeMismatch", "expected 466");
            }
        }

        [TestCase(10, "metadata has 10 bytes, expected 11")]
        [TestCase(11, "metadata byte 10")]
        public void WrongMetadataFails(int size, string message)
        {
            using (Probe probe = new Probe("read " + Name +
                " --metadata 64 --payload 1024 --frames 1 --metadata-length 11").Ready())
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                byte[] metadata = TestPattern.Metadata(size);
                metadata[size - 1]++;
                writer.WriteMetadata(metadata);
                WritePattern(writer, 1);
                AssertCheckFailed(probe, "MetadataMismatch", message);
            }
        }

        [Test]
        public void ADeadPeerFails()
        {
            using (Probe reader = new Probe("read " + Name + " --metadata 0 --payload 1024 --frames 10").Ready())
            using (var writer = new Probe("write " + Name + " --frames 10 --seed 1 --min 1 --max 9 --die-after 4"))
            {
                JObject result = reader.Result();
                Assert.AreEqual(1, reader.Status());
                Assert.AreEqual("WriterDead", (string)result["error"]);
                StringAssert.StartsWith("after 4 frames: ", (string)result["message"]);
            }
        }

        [Test]
        public void PingMeasuresRoundTrips()
        {
            using (Probe pong = new Probe("pong " + Name + " --metadata 0 --payload 65536").Ready())
            using (var ping = new Probe("ping " + Name + " --metadata 0 --payload 65536 --size 100 --count 500 --warmup 50"))
            {
                JObject result = ping.Succeeds();
                Assert.AreEqual(100, (int)result["size"]);
                Assert.AreEqual(500, (int)result["count"]);
                JToken times = result["microseconds"];
                double last = 0;
                foreach (string key in new[] { "min", "p50", "p90", "p99", "p999", "max" })
                {
                    Assert.IsTrue((double)times[key] >= last, key);
                    last = (double)times[key];
                }
                Assert.IsTrue((double)times["mean"] > 0 && (double)times["mean"] <= last);
                Assert.AreEqual(550, (int)pong.Succeeds()["frames"]);
            }
        }

        [Test]
        public void InspectShowsTheBuffer()
        {
            using (RingReader reader = RingReader.Create(Name, 100, 1000))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                WritePattern(writer, 100);
                byte[] before = new RawBuffer(Name).Segment;
                using (var probe = new Probe("inspect " + Name))
                {
                    JObject result = probe.Succeeds();
                    Assert.AreEqual(1280, (int)result["segment_size"]);
                    Assert.AreEqual(908, (int)result["payload_free_bytes"]);
                    Assert.AreEqual(1, (int)result["sem_w"]["value"]);
                    Assert.AreEqual(0, (int)result["sem_r"]["value"]);
                    Assert.AreEqual(128, (int)result["sem_r"]["private"]);
                    Assert.AreEqual("[1,0,0,0]", result["version"].ToString(Formatting.None));
                    Assert.IsTrue((bool)result["lock"]["held"]);
                    Assert.AreEqual((long)new RawBuffer(Name)[RawBuffer.WriterPid], (long)result["writer_pid"]);
                }
                CollectionAssert.AreEqual(before, new RawBuffer(Name).Segment);
            }
        }

        [Test]
        public void HeldFramesOfTheProbe()
        {
            string sizes = " --frames 300 --seed 5 --min 1 --max 100";
            using (Probe reader = new Probe("read " + Name + " --metadata 0 --payload 4096 --hold 7" + sizes).Ready())
            using (var writer = new Probe("write " + Name + sizes))
            {
                writer.Succeeds();
                Assert.AreEqual(300, (int)reader.Succeeds()["frames"]);
            }
        }

        private static void AssertCheckFailed(Probe probe, string error, string message)
        {
            JObject result = probe.Result();
            Assert.AreEqual(1, probe.Status());
            Assert.IsFalse((bool)result["ok"]);
            Assert.AreEqual(error, (string)result["error"]);
            CollectionAssert.AreEquivalent(new[] { "ok", "error", "message" }, result.Properties().Select(p => p.Name));
            StringAssert.Contains(message, (string)result["message"]);
        }
    }
}
