using System;
using System.Collections.Generic;
using System.Linq;
using Newtonsoft.Json.Linq;
using NUnit.Framework;
using Parley.Ring;

namespace Parley.Tests.Ring
{
    /// <summary>The golden data that every language shares.</summary>
    [TestFixture]
    public class GoldenTests : RingTest
    {
        private static readonly string[] Sequences =
        {
            "basic", "zero-metadata", "wrap-marker", "exact-fit", "tail-16", "held-frames", "zero-copy-write",
        };

        [Test]
        public void EverySequenceIsTested()
        {
            CollectionAssert.AreEqual(Repository.Golden("ring-vectors.json").Select(s => (string)s["name"]).ToArray(),
                Sequences);
        }

        [Test]
        public void MemoryEqualsTheVectors([ValueSource("Sequences")] string sequence)
        {
            JToken steps = Repository.Golden("ring-vectors.json").Single(s => (string)s["name"] == sequence)["steps"];
            RingReader reader = null;
            RingWriter writer = null;
            var held = new Queue<Frame>();
            try
            {
                int number = 0;
                foreach (JToken step in steps)
                {
                    string operation = (string)step["op"];
                    string where = sequence + " step " + ++number + " " + operation;
                    int argument = (int?)step["arg"] ?? 0;
                    switch (operation)
                    {
                        case "create":
                            reader = RingReader.Create(Name, (int)step["metadata_size"], (long)step["payload_size"]);
                            break;
                        case "connect":
                            writer = RingWriter.Connect(Name);
                            break;
                        case "meta":
                            writer.WriteMetadata(TestPattern.Metadata(argument));
                            break;
                        case "write":
                            WritePattern(writer, argument);
                            break;
                        case "wbuf":
                            WriteInPlace(writer, argument);
                            break;
                        case "read":
                            held.Enqueue(Read(reader, (string)step["answer"], where));
                            break;
                        case "release":
                            held.Dequeue().Release();
                            break;
                        default:
                            Assert.Fail("unknown operation " + operation);
                            break;
                    }
                    CompareState(step["state"], where);
                }
                Assert.IsTrue(number > 3, "the sequence has steps");
            }
            finally
            {
                writer?.Dispose();
                reader?.Dispose();
            }
        }

        [Test]
        public void ValidNamesAreAccepted()
        {
            foreach (JToken name in Repository.Golden("names.json")["valid"])
            {
                Assert.AreEqual((string)name, RingName.Parse((string)name).Name);
            }
        }

        [Test]
        public void InvalidNamesAreRefusedBeforeAnythingIsCreated()
        {
            foreach (JToken entry in Repository.Golden("names.json")["invalid"])
            {
                string name = (string)entry["name"];
                Fails(RingError.InvalidName, () => RingReader.Create(name, 0, 64));
                Fails(RingError.InvalidName, () => RingWriter.Connect(name));
                Fails(RingError.InvalidName, () => RingInspector.Inspect(name));
            }
            Fails(RingError.InvalidName, () => RingReader.Create(null, 0, 64));
        }

        [Test]
        public void TheLongestNameWorks()
        {
            string name = Name + new string('x', RingName.MaxLength - Name.Length);
            using (RingReader reader = RingReader.Create(name, 0, 64))
            using (RingWriter writer = RingWriter.Connect(name))
            {
                WritePattern(writer, 1);
                ReadAndCheck(reader, 1, 1);
            }
        }

        [Test]
        public void ErrorsHaveTheirNames()
        {
            CollectionAssert.AreEqual(Repository.Golden("errors.json").Select(e => (string)e["name"]).ToArray(),
                Enum.GetNames(typeof(RingError)));
        }

        [Test]
        public void PatternOfFrames()
        {
            foreach (JToken entry in Repository.Golden("pattern.json")["frames"])
            {
                ulong sequence = ulong.Parse((string)entry["sequence"]);
                byte[] data = TestPattern.Frame(sequence, (int)entry["length"]);
                Assert.AreEqual((string)entry["hex"], Hex(data, 0, data.Length));
                Assert.AreEqual(-1, TestPattern.CheckFrame(data, sequence));
                for (int i = 0; i < data.Length; i++)
                {
                    data[i] ^= 1;
                    Assert.AreEqual(i, TestPattern.CheckFrame(data, sequence));
                    data[i] ^= 1;
                }
            }
        }

        [Test]
        public void PatternOfLargeFrames()
        {
            byte[] data = TestPattern.Frame(77, 100003);
            for (int i = 0; i < data.Length; i++)
            {
                if (data[i] != unchecked((byte)(i + 77)))
                {
                    Assert.Fail("byte " + i);
                }
            }
            data[99999]++;
            Assert.AreEqual(99999, TestPattern.CheckFrame(data, 77));
        }

        [Test]
        public void PatternOfMetadata()
        {
            foreach (JToken entry in Repository.Golden("pattern.json")["metadata"])
            {
                byte[] data = TestPattern.Metadata((int)entry["length"]);
                Assert.AreEqual((string)entry["hex"], Hex(data, 0, data.Length));
                Assert.AreEqual(-1, TestPattern.CheckMetadata(data));
                if (data.Length > 0)
                {
                    data[data.Length - 1]++;
                    Assert.AreEqual(data.Length - 1, TestPattern.CheckMetadata(data));
                }
            }
        }

        [Test]
        public void SizesOfFrames()
        {
            foreach (JToken entry in Repository.Golden("pattern.json")["sizes"])
            {
                var sizes = new FrameSizes(ulong.Parse((string)entry["seed"]), (long)entry["min"], (long)entry["max"]);
                long[] drawn = entry["sizes"].Select(unused => sizes.Next()).ToArray();
                CollectionAssert.AreEqual(entry["sizes"].Select(size => (long)size).ToArray(), drawn);
            }
        }

        private static unsafe void WriteInPlace(RingWriter writer, int size)
        {
            using (Slot slot = writer.Acquire(size))
            {
                TestPattern.FillFrame(slot.Data, size, writer.NextSequence);
                slot.Commit();
            }
        }

        private static Frame Read(RingReader reader, string answer, string where)
        {
            Frame frame = reader.Read();
            string good = TestPattern.CheckFrame(frame) < 0 ? "good" : "bad";
            Assert.AreEqual(answer, "ok seq " + frame.Sequence + " size " + frame.Size + " " + good, where);
            return frame;
        }

        private void CompareState(JToken expected, string where)
        {
            byte[] segment = new RawBuffer(Name).Segment;
            Assert.AreEqual((long)expected["segment_size"], segment.Length, where);
            JToken oieb = expected["oieb"];
            RingState state = RingInspector.Inspect(Name);
            AssertPid((string)oieb["reader_pid"], state.Oieb.ReaderPid, where + " reader_pid");
            AssertPid((string)oieb["writer_pid"], state.Oieb.WriterPid, where + " writer_pid");
            Array.Clear(segment, RawBuffer.WriterPid, 16);
            Assert.AreEqual((string)expected["oieb_hex_pids_zeroed"], Hex(segment, 0, 128), where + " OIEB");
            int metadata = (int)oieb["metadata_size"];
            Assert.AreEqual((string)expected["metadata_hex"], Hex(segment, 128, metadata), where + " metadata");
            Assert.AreEqual((string)expected["payload_hex"], Hex(segment, 128 + metadata, segment.Length - 128 - metadata),
                where + " payload");
            Assert.AreEqual((long)expected["sem_w"]["size"], state.Data.Value.Size, where);
            Assert.AreEqual((uint)expected["sem_w"]["value"], state.Data.Value.Value, where + " sem-w");
            Assert.AreEqual((long)expected["sem_r"]["size"], state.Space.Value.Size, where);
            // A reader skips posts that nobody needs (P6), so the value is 1 where the observed library counted on.
            Assert.AreEqual(Math.Min((uint)expected["sem_r"]["value"], 1), state.Space.Value.Value, where + " sem-r");
        }

        private static void AssertPid(string expected, ulong pid, string where)
        {
            ulong own = (ulong)System.Diagnostics.Process.GetCurrentProcess().Id;
            Assert.AreEqual(expected == "set" ? own : 0, pid, where);
        }

        private static string Hex(byte[] data, int start, int size)
        {
            return BitConverter.ToString(data, start, size).Replace("-", "").ToLowerInvariant();
        }
    }
}
