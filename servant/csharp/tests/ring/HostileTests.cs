using System;
using NUnit.Framework;
using Parley.Ring;

namespace Parley.Tests.Ring
{
    /// <summary>Memory that cannot be true (ring-buffer specification, "Hostile and broken memory").</summary>
    [TestFixture]
    public class HostileTests : RingTest
    {
        private const ulong Payload = 1024;
        private const ulong Metadata = 64;

        private static readonly ulong[] Values =
        {
            0, 1, 63, 65, Payload - 1, Payload, Payload + 1, Payload + 64, int.MaxValue, uint.MaxValue, 1UL << 32,
            1UL << 62, 1UL << 63, ulong.MaxValue - 63, ulong.MaxValue,
        };

        public static readonly int[] Fields =
        {
            RawBuffer.OiebSize, RawBuffer.MetadataSize, RawBuffer.MetadataFree, RawBuffer.MetadataWritten,
            RawBuffer.PayloadSize, RawBuffer.PayloadFree, RawBuffer.WritePos, RawBuffer.ReadPos,
            RawBuffer.WrittenCount, RawBuffer.ReadCount, RawBuffer.WriterPid, RawBuffer.ReaderPid,
        };

        [TestCase(RawBuffer.OiebSize, 1UL, "oieb_size")]
        [TestCase(RawBuffer.MetadataSize, 65UL, "metadata_size")]
        [TestCase(RawBuffer.MetadataSize, ulong.MaxValue - 63, "metadata_size")]
        [TestCase(RawBuffer.MetadataSize, Metadata + Payload, "payload_size")]
        [TestCase(RawBuffer.MetadataFree, Metadata + 1, "metadata_free_bytes")]
        [TestCase(RawBuffer.MetadataWritten, Metadata + 1, "metadata_written_bytes")]
        [TestCase(RawBuffer.PayloadSize, 0UL, "payload_size")]
        [TestCase(RawBuffer.PayloadSize, Payload - 1, "payload_size")]
        [TestCase(RawBuffer.PayloadSize, Payload + 64, "payload_size")]
        [TestCase(RawBuffer.PayloadSize, ulong.MaxValue - 63, "payload_size")]
        [TestCase(RawBuffer.PayloadFree, Payload + 1, "payload_free_bytes")]
        [TestCase(RawBuffer.WritePos, Payload + 1, "payload_write_pos")]
        [TestCase(RawBuffer.ReadPos, ulong.MaxValue, "payload_read_pos")]
        [TestCase(RawBuffer.WriterPid, 4194305UL, "writer_pid")]
        [TestCase(RawBuffer.ReaderPid, ulong.MaxValue, "reader_pid")]
        public void ConnectingNamesTheField(int offset, ulong value, string field)
        {
            using (RingReader reader = RingReader.Create(Name, (int)Metadata, (long)Payload))
            {
                var raw = new RawBuffer(Name);
                raw[offset] = value;
                byte[] before = raw.Segment;
                RingException e = Fails(RingError.Corrupt, () => RingWriter.Connect(Name));
                Assert.AreEqual(field, e.Field, e.Message);
                StringAssert.Contains(field, e.Message);
                CollectionAssert.AreEqual(before, raw.Segment, "a failed connect changes nothing");
            }
        }

        [Test]
        public void AnotherMajorVersionIsRefused()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            {
                new RawBuffer(Name).SetByte(RawBuffer.VersionMajor, 2);
                Fails(RingError.VersionMismatch, () => RingWriter.Connect(Name));
            }
        }

        [Test]
        public void ConnectedSidesSurviveAnyValueOfAnyField([ValueSource("Fields")] int offset)
        {
            var brief = new RingOptions { Timeout = TimeSpan.FromMilliseconds(1) };
            foreach (ulong value in Values)
            {
                foreach (int pending in new[] { 0, 2 })
                {
                    string name = Name + offset + "-" + value + "-" + pending;
                    using (RingReader reader = RingReader.Create(name, (int)Metadata, (long)Payload, brief))
                    using (RingWriter writer = RingWriter.Connect(name, brief))
                    {
                        WritePattern(writer, 500);
                        ReadAndCheck(reader, 1, 500);
                        for (int i = 0; i < pending; i++)
                        {
                            WritePattern(writer, 100);
                        }
                        new RawBuffer(name)[offset] = value;
                        for (int i = 0; i < 4; i++)
                        {
                            Survives(() => WritePattern(writer, 300));
                            Survives(() => reader.Read().Release());
                            Survives(() => reader.Metadata());
                        }
                        Survives(() => writer.WriteMetadata(new byte[5]));
                    }
                }
            }
        }

        [TestCase(RawBuffer.PayloadFree, "payload_free_bytes")]
        [TestCase(RawBuffer.WritePos, "payload_write_pos")]
        [TestCase(RawBuffer.ReaderPid, "reader_pid")]
        [TestCase(RawBuffer.WriterPid, "writer_pid")]
        [TestCase(RawBuffer.WrittenCount, "payload_written_count")]
        public void AConnectedWriterNamesTheField(int offset, string field)
        {
            using (RingReader reader = RingReader.Create(Name, 0, (long)Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                new RawBuffer(Name)[offset] = Payload + 1;
                Assert.AreEqual(field, Fails(RingError.Corrupt, () => WritePattern(writer, 10)).Field);
            }
        }

        [TestCase(RawBuffer.PayloadFree, Payload + 1, "payload_free_bytes")]
        [TestCase(RawBuffer.PayloadFree, Payload, "payload_free_bytes")]
        [TestCase(RawBuffer.ReadPos, Payload + 1, "payload_read_pos")]
        [TestCase(RawBuffer.ReadPos, 1UL, "payload_read_pos")]
        [TestCase(RawBuffer.ReadPos, 0UL, "payload_read_pos")]
        [TestCase(RawBuffer.WrittenCount, ulong.MaxValue, "payload_written_count")]
        [TestCase(RawBuffer.WrittenCount, 1UL, "payload_written_count")]
        [TestCase(RawBuffer.ReadCount, 7UL, "payload_read_count")]
        [TestCase(RawBuffer.ReaderPid, 1UL, "reader_pid")]
        public void AReaderNamesTheField(int offset, ulong value, string field)
        {
            using (RingReader reader = RingReader.Create(Name, 0, (long)Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                WritePattern(writer, 100);
                ReadAndCheck(reader, 1, 100);
                WritePattern(writer, 100);
                new RawBuffer(Name)[offset] = value;
                Assert.AreEqual(field, Fails(RingError.Corrupt, () => reader.Read()).Field);
                Assert.AreEqual(field, Fails(RingError.Corrupt, () => reader.Read()).Field, "and again");
            }
        }

        [TestCase(Payload + 1)]
        [TestCase(ulong.MaxValue)]
        public void ReadingDoesNotDependOnWhereTheWriterIs(ulong position)
        {
            using (RingReader reader = RingReader.Create(Name, 0, (long)Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                WritePattern(writer, 100);
                new RawBuffer(Name)[RawBuffer.WritePos] = position;
                ReadAndCheck(reader, 1, 100);
            }
        }

        [TestCase(0UL, 2UL, "the size is 0")]
        [TestCase(0UL, 0UL, "a marker with nothing behind it")]
        [TestCase(Payload - 116 - 15, 2UL, "one byte past the ring")]
        [TestCase(Payload, 2UL, "as large as the ring")]
        [TestCase(ulong.MaxValue, 2UL, "−1")]
        [TestCase(ulong.MaxValue - 15, 2UL, "the sum with the header is 0")]
        [TestCase(1UL << 63, 2UL, "the sign bit")]
        public void AHeaderThatCannotBeTrue(ulong size, ulong sequence, string why)
        {
            using (RingReader reader = RingReader.Create(Name, 0, (long)Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                WritePattern(writer, 100);
                ReadAndCheck(reader, 1, 100);
                WritePattern(writer, 100);
                new RawBuffer(Name).SetHeader(116, size, sequence);
                RingException e = Fails(RingError.Corrupt, () => reader.Read());
                Assert.AreEqual("frame_size", e.Field, why);
                Assert.AreEqual(size, e.Value, why);
                Assert.AreEqual(Payload - 116 - 16, e.Limit, why);
            }
        }

        [Test]
        public void TheLargestHeaderThatStaysInTheRingIsBelieved()
        {
            using (RingReader reader = RingReader.Create(Name, 0, (long)Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                WritePattern(writer, 100);
                new RawBuffer(Name).SetHeader(0, Payload - 16, 1);
                Assert.AreEqual(Payload - 16, reader.Read().ToArray().Length);
            }
        }

        [TestCase(192UL, Description = "the free bytes are true")]
        [TestCase(0UL, Description = "the free bytes are the writer's")]
        public void AFrameOverAHeldFrame(ulong free)
        {
            using (RingReader reader = RingReader.Create(Name, 0, 256))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                var raw = new RawBuffer(Name);
                WritePattern(writer, 48);
                ReadAndCheck(reader, 1, 48);
                WritePattern(writer, 48);
                Frame held = reader.Read();
                raw.SetHeader(128, 0, 0);
                raw.SetHeader(0, 49, 3);
                raw[RawBuffer.WritePos] = 16 + 49;
                raw[RawBuffer.PayloadFree] = free;
                raw[RawBuffer.WrittenCount] += 2;
                raw.DataTokens++;
                RingException e = Fails(RingError.Corrupt, () => reader.Read());
                Assert.AreEqual("frame_size", e.Field, e.Message);
                Assert.AreEqual(49, e.Value);
                Assert.AreEqual(48, e.Limit);
                held.Release();
                Assert.AreEqual(free + 64, raw[RawBuffer.PayloadFree]);
            }
        }

        [Test]
        public void AFrameInARingFullOfHeldFrames()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 256))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                var raw = new RawBuffer(Name);
                var held = new Frame[4];
                for (int i = 0; i < held.Length; i++)
                {
                    WritePattern(writer, 48);
                    held[i] = reader.Read();
                }
                raw.SetHeader(0, 48, 5);
                raw[RawBuffer.WritePos] = 64;
                raw[RawBuffer.WrittenCount]++;
                raw.DataTokens++;
                RingException e = Fails(RingError.Corrupt, () => reader.Read());
                Assert.AreEqual("frame_size", e.Field, e.Message);
                Assert.AreEqual(48, e.Value);
                Assert.AreEqual(0, e.Limit);
                foreach (Frame frame in held)
                {
                    frame.Release();
                }
                Assert.AreEqual(256, raw[RawBuffer.PayloadFree]);
            }
        }

        [Test]
        public void SpaceIsReturnedOnceTheMemoryIsWholeAgain([Values(true, false)] bool isReadMeanwhile)
        {
            using (RingReader reader = RingReader.Create(Name, 0, (long)Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                var raw = new RawBuffer(Name);
                WritePattern(writer, 100);
                Frame frame = reader.Read();
                WritePattern(writer, 100);
                ulong free = raw[RawBuffer.PayloadFree];
                raw[RawBuffer.PayloadFree] = Payload - 1;
                frame.Release();
                Assert.AreEqual(Payload - 1, raw[RawBuffer.PayloadFree]);
                if (isReadMeanwhile)
                {
                    RingException e = Fails(RingError.Corrupt, () => reader.Read());
                    Assert.AreEqual("payload_free_bytes", e.Field);
                    Assert.AreEqual(Payload - 1, e.Value);
                    Assert.AreEqual(Payload - 116, e.Limit);
                }
                raw[RawBuffer.PayloadFree] = free;
                ReadAndCheck(reader, 2, 100);
                Assert.AreEqual(Payload, raw[RawBuffer.PayloadFree]);
            }
        }

        [TestCase(2UL)]
        [TestCase(4UL)]
        [TestCase(ulong.MaxValue)]
        [TestCase(0UL)]
        public void ASequenceGapSaysExpectedAndActual(ulong actual)
        {
            using (RingReader reader = RingReader.Create(Name, 0, (long)Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                WritePattern(writer, 100);
                ReadAndCheck(reader, 1, 100);
                WritePattern(writer, 100);
                ReadAndCheck(reader, 2, 100);
                WritePattern(writer, 100);
                new RawBuffer(Name).SetHeader(232, 100, actual);
                RingException e = Fails(RingError.SequenceGap, () => reader.Read());
                Assert.AreEqual(3, e.Expected);
                Assert.AreEqual(actual, e.Actual);
            }
        }

        [Test]
        public void AMarkerAfterAMarkerIsCorruptAndNoLoop()
        {
            using (RingReader reader = RingReader.Create(Name, 0, (long)Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                var raw = new RawBuffer(Name);
                WritePattern(writer, 784);
                ReadAndCheck(reader, 1, 784);
                WritePattern(writer, 284);
                raw.SetHeader(0, 0, 0);
                Assert.AreEqual("frame_size", Fails(RingError.Corrupt, () => reader.Read()).Field);
            }
        }

        [Test]
        public void GoodFramesOfABatchComeBeforeABrokenOne()
        {
            using (RingReader reader = RingReader.Create(Name, 0, (long)Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            using (var batch = new FrameBatch(8))
            {
                for (int i = 0; i < 4; i++)
                {
                    WritePattern(writer, 100);
                }
                new RawBuffer(Name).SetHeader(232, ulong.MaxValue, 3);
                Assert.AreEqual(2, reader.ReadBatch(batch));
                batch.Release();
                Fails(RingError.Corrupt, () => reader.ReadBatch(batch));
            }
        }

        [Test]
        public void MetadataThatCannotBeTrue()
        {
            using (RingReader reader = RingReader.Create(Name, (int)Metadata, (long)Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                var raw = new RawBuffer(Name);
                writer.WriteMetadata(TestPattern.Metadata(20));
                raw[128] = ulong.MaxValue;
                Assert.AreEqual("metadata_length", Fails(RingError.Corrupt, () => reader.Metadata()).Field);
                raw[128] = 20;
                raw[RawBuffer.MetadataWritten] = 7;
                Assert.AreEqual("metadata_written_bytes", Fails(RingError.Corrupt, () => reader.Metadata()).Field);
                raw[RawBuffer.MetadataWritten] = Metadata + 1;
                Assert.AreEqual("metadata_written_bytes", Fails(RingError.Corrupt, () => reader.Metadata()).Field);
            }
        }

        [TestCase(0UL)]
        [TestCase(Metadata + 1)]
        public void MetadataIsNotWrittenIntoABlockThatCannotBeFree(ulong free)
        {
            using (RingReader reader = RingReader.Create(Name, (int)Metadata, (long)Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                new RawBuffer(Name)[RawBuffer.MetadataFree] = free;
                RingException e = Fails(RingError.Corrupt, () => writer.WriteMetadata(new byte[5]));
                Assert.AreEqual("metadata_free_bytes", e.Field);
                Assert.AreEqual(free, e.Value);
                Assert.AreEqual(Metadata, e.Limit);
            }
        }

        [Test]
        public void SemaphoresAtTheirMaximum()
        {
            using (RingReader reader = RingReader.Create(Name, 0, (long)Payload))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                var raw = new RawBuffer(Name);
                WritePattern(writer, 10);
                raw.SpaceTokens = int.MaxValue;
                ReadAndCheck(reader, 1, 10);
                Assert.AreEqual(int.MaxValue, raw.SpaceTokens);
                raw.DataTokens = int.MaxValue;
                RingException e = Fails(RingError.System, () => WritePattern(writer, 10));
                Assert.AreEqual("sem_post", e.Call);
                Assert.AreEqual(75, e.Errno);
                raw.DataTokens = 0;
            }
        }

        [Test]
        public void TokensWithoutFramesAreNoFrames()
        {
            using (RingReader reader = RingReader.Create(Name, 0, (long)Payload, Impatient))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                new RawBuffer(Name).DataTokens = 5;
                Fails(RingError.ReadTimeout, () => reader.Read());
                Assert.AreEqual(0, new RawBuffer(Name).DataTokens);
                WritePattern(writer, 10);
                ReadAndCheck(reader, 1, 10);
            }
        }

        private static void Survives(Action action)
        {
            try
            {
                action();
            }
            catch (RingException e)
            {
                Assert.IsTrue(e.Message.Length > 0);
            }
        }
    }
}
