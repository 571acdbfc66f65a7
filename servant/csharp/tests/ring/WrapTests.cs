using NUnit.Framework;
using Parley.Ring;

namespace Parley.Tests.Ring
{
    /// <summary>Where frames go: wraps, tails and rewinds (ring-buffer specification, "Writing a frame").</summary>
    [TestFixture]
    public class WrapTests : RingTest
    {
        private const int Payload = 1024;

        [TestCase(0)]
        [TestCase(1)]
        [TestCase(8)]
        [TestCase(15)]
        [TestCase(16)]
        [TestCase(17)]
        public void FramesStayWholeAroundATail(int tail)
        {
            using (RingReader reader = RingReader.Create(Name, 0, Payload, Patient))
            using (RingWriter writer = RingWriter.Connect(Name, Patient))
            {
                var raw = new RawBuffer(Name);
                raw.FillPayload(0, Payload, 0xee);
                ulong sequence = 0;
                for (int round = 0; round < 20; round++)
                {
                    foreach (int size in new[] { 300, 300, Payload - 632 - 16 - tail, 200 })
                    {
                        WritePattern(writer, size);
                        ReadAndCheck(reader, ++sequence, size);
                    }
                    Assert.AreEqual(Payload, raw[RawBuffer.PayloadFree]);
                    Assert.AreEqual(raw[RawBuffer.WrittenCount], raw[RawBuffer.ReadCount]);
                }
            }
        }

        [TestCase(1)]
        [TestCase(8)]
        [TestCase(15)]
        public void NoFrameLeavesATailTooShortForAMarker(int tail)
        {
            using (RingReader reader = RingReader.Create(Name, 0, Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                var raw = new RawBuffer(Name);
                WritePattern(writer, 584);
                ReadAndCheck(reader, 1, 584);
                // Behind position 600 it would fit, and end at P − tail.
                int size = Payload - 600 - 16 - tail;
                WritePattern(writer, size);
                Assert.AreEqual(16 + size, raw[RawBuffer.WritePos], "the frame wrapped");
                Assert.AreEqual(3, raw[RawBuffer.WrittenCount], "with a marker");
                ReadAndCheck(reader, 2, size);
                Assert.AreEqual(Payload, raw[RawBuffer.PayloadFree]);
            }
        }

        [TestCase(1)]
        [TestCase(8)]
        [TestCase(15)]
        public void AShortTailThatIsThereIsLeftByARewind(int tail)
        {
            using (RingReader reader = RingReader.Create(Name, 0, Payload, Impatient))
            using (RingWriter writer = RingWriter.Connect(Name, Impatient))
            {
                var raw = new RawBuffer(Name);
                // Only a frame at 0 may leave such a tail.
                WritePattern(writer, Payload - 16 - tail);
                Assert.AreEqual(Payload - tail, raw[RawBuffer.WritePos]);
                Fails(RingError.BufferFull, () => WritePattern(writer, 1));
                ReadAndCheck(reader, 1, Payload - 16 - tail);
                WritePattern(writer, 40);
                Assert.AreEqual(56, raw[RawBuffer.WritePos]);
                Assert.AreEqual(0, raw[RawBuffer.ReadPos]);
                Assert.AreEqual(2, raw[RawBuffer.WrittenCount], "a rewind leaves no marker");
                ReadAndCheck(reader, 2, 40);
            }
        }

        [TestCase(1)]
        [TestCase(8)]
        [TestCase(15)]
        public void AShortTailOfAPeerIsAWrapWithoutAMarker(int tail)
        {
            using (RingReader reader = RingReader.Create(Name, 0, Payload))
            {
                var raw = new RawBuffer(Name);
                long position = Payload - tail;
                // What a peer's writer leaves that wrapped behind a short tail: a frame of 10 bytes at 0.
                raw[RawBuffer.WriterPid] = raw[RawBuffer.ReaderPid];
                PeerWrites(raw, 0, Payload - tail - 16, 1, Payload - tail);
                ReadAndCheckSize(reader, 1, Payload - tail - 16);
                Assert.AreEqual(position, raw[RawBuffer.ReadPos]);
                PeerWrites(raw, 0, 10, 2, 26 + tail);
                ReadAndCheckSize(reader, 2, 10);
                Assert.AreEqual(26, raw[RawBuffer.ReadPos]);
                Assert.AreEqual(2, raw[RawBuffer.ReadCount], "a wrap without a marker is not counted");
                Assert.AreEqual(Payload, raw[RawBuffer.PayloadFree]);
                raw[RawBuffer.WriterPid] = 0;
            }
        }

        [Test]
        public void APositionOfPMeansZero()
        {
            using (RingReader reader = RingReader.Create(Name, 0, Payload))
            {
                var raw = new RawBuffer(Name);
                raw[RawBuffer.WriterPid] = raw[RawBuffer.ReaderPid];
                PeerWrites(raw, 0, Payload - 16, 1, Payload);
                ReadAndCheckSize(reader, 1, Payload - 16);
                raw[RawBuffer.ReadPos] = Payload;
                PeerWrites(raw, 0, 10, 2, 26);
                ReadAndCheckSize(reader, 2, 10);
                raw[RawBuffer.WriterPid] = 0;
            }
        }

        [Test]
        public void EveryFrameUpToPayloadMinus16FitsAnEmptyRing()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 10240, Patient))
            using (RingWriter writer = RingWriter.Connect(Name, Patient))
            {
                ulong sequence = 0;
                foreach (int size in new[] { 6144, 7168, 10224, 1, 10224, 5000, 10223, 10224, 10209, 10000 })
                {
                    WritePattern(writer, size);
                    ReadAndCheck(reader, ++sequence, size);
                }
                RingException e = Fails(RingError.FrameTooLarge, () => WritePattern(writer, 10225));
                Assert.AreEqual(10225, e.Size);
                Assert.AreEqual(10224, e.Largest);
            }
        }

        [Test]
        public void ALargeRingIsRewoundWheneverItIsEmpty()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 2 << 20))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                var raw = new RawBuffer(Name);
                for (ulong sequence = 1; sequence <= 5; sequence++)
                {
                    WritePattern(writer, 1000);
                    Assert.AreEqual(1016, raw[RawBuffer.WritePos]);
                    ReadAndCheck(reader, sequence, 1000);
                }
            }
        }

        [Test]
        public void ASmallRingIsNotRewoundWithoutNeed()
        {
            using (RingReader reader = RingReader.Create(Name, 0, Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                WritePattern(writer, 100);
                ReadAndCheck(reader, 1, 100);
                WritePattern(writer, 100);
                Assert.AreEqual(232, new RawBuffer(Name)[RawBuffer.WritePos]);
            }
        }

        [Test]
        public void AMarkerCostsItsTailUntilItIsRead()
        {
            using (RingReader reader = RingReader.Create(Name, 0, Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                var raw = new RawBuffer(Name);
                WritePattern(writer, 784);
                ReadAndCheck(reader, 1, 784);
                WritePattern(writer, 284);
                Assert.AreEqual(Payload - 224 - 300, raw[RawBuffer.PayloadFree]);
                Assert.AreEqual(3, raw[RawBuffer.WrittenCount]);
                using (Frame frame = reader.Read())
                {
                    Assert.AreEqual(Payload - 300, raw[RawBuffer.PayloadFree]);
                    Assert.AreEqual(3, raw[RawBuffer.ReadCount]);
                    Assert.AreEqual(-1, TestPattern.CheckFrame(frame));
                }
                Assert.AreEqual(Payload, raw[RawBuffer.PayloadFree]);
            }
        }

        [TestCase(1024, 0, 1024, 1024, 0, 0, false, true)]
        [TestCase(1024, 100, 924, 924, 100, 0, false, true)]
        [TestCase(1024, 100, 900, 924, 100, 0, false, false)]
        [TestCase(1024, 100, 1024, 908, 100, 0, false, true)]
        [TestCase(1024, 100, 1024, 909, 0, 0, true, true)]
        [TestCase(1024, 100, 1000, 909, 0, 0, true, false)]
        [TestCase(1024, 800, 524, 300, 0, 224, false, true)]
        [TestCase(1024, 800, 523, 300, 0, 224, false, false)]
        [TestCase(1024, 800, 1024, 801, 0, 0, true, true)]
        [TestCase(1024, 1010, 1023, 17, 0, 0, true, false)]
        [TestCase(1024, 1010, 1024, 17, 0, 0, true, true)]
        [TestCase(1024, 1024, 1024, 17, 0, 0, false, true)]
        [TestCase(1024, 0, 1024, 1010, 0, 0, false, true)]
        [TestCase(1048576, 64, 1048576, 64, 64, 0, false, true)]
        [TestCase(1048640, 64, 1048640, 64, 0, 0, true, true)]
        [TestCase(1048640, 64, 1048639, 64, 64, 0, false, true)]
        public void Placements(long size, long writePos, long free, long total, long position, long tail, bool rewind,
            bool found)
        {
            Placement placement;
            Assert.AreEqual(found, Placement.TryFind(size, writePos, free, total, out placement));
            if (found)
            {
                Assert.AreEqual(position, placement.Position, "position");
                Assert.AreEqual(tail, placement.Tail, "tail");
                Assert.AreEqual(rewind, placement.IsRewind, "rewind");
            }
        }

        private static void PeerWrites(RawBuffer raw, long position, int size, ulong sequence, int cost)
        {
            raw.SetHeader(position, (ulong)size, sequence);
            raw[RawBuffer.WritePos] = (ulong)(position + 16 + size);
            raw[RawBuffer.WrittenCount]++;
            raw[RawBuffer.PayloadFree] -= (ulong)cost;
            raw.DataTokens++;
        }

        private static void ReadAndCheckSize(RingReader reader, ulong sequence, long size)
        {
            using (Frame frame = reader.Read())
            {
                Assert.AreEqual(sequence, frame.Sequence);
                Assert.AreEqual(size, frame.Size);
            }
        }
    }
}
