using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using Parley.Ring;

namespace Parley.Tests.Ring
{
    /// <summary>Writing, reading, holding and releasing frames; slots, batches and metadata.</summary>
    [TestFixture]
    public class FrameTests : RingTest
    {
        [Test]
        public void HeldFramesAreNeverOverwritten()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024, Impatient))
            using (RingWriter writer = RingWriter.Connect(Name, Impatient))
            {
                var raw = new RawBuffer(Name);
                for (int i = 0; i < 4; i++)
                {
                    WritePattern(writer, 240);
                }
                List<Frame> frames = Enumerable.Range(0, 4).Select(unused => reader.Read()).ToList();
                frames[2].Release();
                frames[1].Release();
                Assert.AreEqual(0, raw[RawBuffer.PayloadFree], "the oldest frame is held");
                Fails(RingError.BufferFull, () => WritePattern(writer, 1));
                Assert.AreEqual(-1, TestPattern.CheckFrame(frames[0]));
                frames[0].Release();
                Assert.AreEqual(768, raw[RawBuffer.PayloadFree]);
                frames[3].Release();
                Assert.AreEqual(1024, raw[RawBuffer.PayloadFree]);
            }
        }

        [Test]
        public void ATailBehindAHeldFrameStaysTaken()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024, Impatient))
            using (RingWriter writer = RingWriter.Connect(Name, Impatient))
            {
                var raw = new RawBuffer(Name);
                WritePattern(writer, 384);
                WritePattern(writer, 384);
                reader.Read().Release();
                Frame second = reader.Read();
                WritePattern(writer, 284);
                using (Frame third = reader.Read())
                {
                    // The marker's 224 bytes lie behind the second frame, which is held.
                    Assert.AreEqual(1024 - 400 - 224 - 300, raw[RawBuffer.PayloadFree]);
                    second.Release();
                    Assert.AreEqual(1024 - 300, raw[RawBuffer.PayloadFree]);
                    Assert.AreEqual(-1, TestPattern.CheckFrame(third));
                }
                Assert.AreEqual(1024, raw[RawBuffer.PayloadFree]);
            }
        }

        [Test]
        public void ReleasingTwiceIsHarmless()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                WritePattern(writer, 100);
                WritePattern(writer, 100);
                Frame first = reader.Read();
                first.Release();
                Frame second = reader.Read();
                first.Release();
                first.Dispose();
                Assert.AreEqual(1024 - 116, new RawBuffer(Name)[RawBuffer.PayloadFree]);
                Assert.AreEqual(-1, TestPattern.CheckFrame(second));
                second.Release();
                Assert.AreEqual(1024, new RawBuffer(Name)[RawBuffer.PayloadFree]);
                Assert.Throws<ObjectDisposedException>(() => second.ToArray());
            }
        }

        [Test]
        public void ManyHeldFramesInAnyOrder()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 4096))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                var random = new Random(4);
                for (int round = 0; round < 10; round++)
                {
                    for (int i = 0; i < 50; i++)
                    {
                        WritePattern(writer, 20);
                    }
                    Frame[] frames = Enumerable.Range(0, 50).Select(unused => reader.Read()).ToArray();
                    Assert.IsTrue(frames.All(frame => TestPattern.CheckFrame(frame) < 0));
                    foreach (Frame frame in frames.OrderBy(unused => random.Next()))
                    {
                        frame.Release();
                    }
                    Assert.AreEqual(4096, new RawBuffer(Name)[RawBuffer.PayloadFree]);
                }
            }
        }

        [Test]
        public unsafe void AnAbandonedSlotChangesNothing()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024, Impatient))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                WritePattern(writer, 784);
                ReadAndCheck(reader, 1, 784);
                byte[] before = new RawBuffer(Name).Segment.Take(128).ToArray();
                using (Slot slot = writer.Acquire(300))
                {
                    TestPattern.FillFrame(slot.Data, slot.Size, 2);
                    Assert.Throws<InvalidOperationException>(() => WritePattern(writer, 1));
                    CollectionAssert.AreEqual(before, new RawBuffer(Name).Segment.Take(128).ToArray());
                }
                CollectionAssert.AreEqual(before, new RawBuffer(Name).Segment.Take(128).ToArray());
                Fails(RingError.ReadTimeout, () => reader.Read());
                WritePattern(writer, 5);
                ReadAndCheck(reader, 2, 5);
            }
        }

        [Test]
        public unsafe void ASlotEndsOnce()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                Slot slot = writer.Acquire(10);
                TestPattern.FillFrame(slot.Data, 10, 1);
                slot.Commit();
                slot.Abandon();
                Assert.Throws<ObjectDisposedException>(() => slot.Commit());
                ReadAndCheck(reader, 1, 10);
                Assert.AreEqual(2, writer.NextSequence);
            }
        }

        [Test]
        public void AppendedFramesAreInvisibleUntilPublished()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 4096, Impatient))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                var raw = new RawBuffer(Name);
                for (int i = 0; i < 3; i++)
                {
                    byte[] data = TestPattern.Frame(writer.NextSequence, 100);
                    writer.Append(data, 0, data.Length);
                }
                Assert.AreEqual(3, writer.Appended);
                Assert.AreEqual(4096, raw[RawBuffer.PayloadFree]);
                Fails(RingError.ReadTimeout, () => reader.Read());
                writer.Publish();
                Assert.AreEqual(0, writer.Appended);
                Assert.AreEqual(4096 - 348, raw[RawBuffer.PayloadFree]);
                Assert.AreEqual(3, raw.DataTokens);
                using (var batch = new FrameBatch(8))
                {
                    Assert.AreEqual(3, reader.ReadBatch(batch));
                    for (int i = 0; i < 3; i++)
                    {
                        Assert.AreEqual(i + 1, batch[i].Sequence);
                        Assert.AreEqual(-1, TestPattern.CheckFrame(batch[i].ToArray(), batch[i].Sequence));
                    }
                    Assert.Throws<InvalidOperationException>(() => reader.ReadBatch(batch));
                    Assert.AreEqual(4096 - 348, raw[RawBuffer.PayloadFree]);
                }
                Assert.AreEqual(4096, raw[RawBuffer.PayloadFree]);
            }
        }

        [Test]
        public void BatchesWrap()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024, Patient))
            using (RingWriter writer = RingWriter.Connect(Name, Patient))
            using (var batch = new FrameBatch(5))
            {
                var sizes = new FrameSizes(3, 1, 250);
                var expected = new FrameSizes(3, 1, 250);
                const int Frames = 5000;
                var write = new Background(() =>
                {
                    for (int i = 1; i <= Frames; i++)
                    {
                        byte[] data = TestPattern.Frame((ulong)i, (int)sizes.Next());
                        writer.Append(data, 0, data.Length);
                        if (i % 7 == 0 || i == Frames)
                        {
                            writer.Publish();
                        }
                    }
                });
                for (ulong next = 1; next <= Frames;)
                {
                    int count = reader.ReadBatch(batch);
                    for (int i = 0; i < count; i++, next++)
                    {
                        Assert.AreEqual(next, batch[i].Sequence);
                        Assert.AreEqual(expected.Next(), batch[i].Size);
                        Assert.AreEqual(-1, TestPattern.CheckFrame(batch[i].ToArray(), next));
                    }
                    batch.Release();
                }
                write.Succeeds();
                Assert.AreEqual(1024, new RawBuffer(Name)[RawBuffer.PayloadFree]);
            }
        }

        [Test]
        public void MetadataIsWrittenOnce()
        {
            using (RingReader reader = RingReader.Create(Name, 1024, 1024))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                Assert.IsNull(reader.Metadata());
                Fails(RingError.MetadataTooLarge, () => writer.WriteMetadata(new byte[1017]));
                writer.WriteMetadata(TestPattern.Metadata(1016));
                Fails(RingError.MetadataAlreadyWritten, () => writer.WriteMetadata(new byte[1]));
                byte[] metadata = reader.Metadata();
                Assert.AreEqual(1016, metadata.Length);
                Assert.AreEqual(-1, TestPattern.CheckMetadata(metadata));
            }
        }

        [Test]
        public void EmptyMetadataIsMetadata()
        {
            using (RingReader reader = RingReader.Create(Name, 8, 1024))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                writer.WriteMetadata(new byte[0]);
                Assert.AreEqual(0, reader.Metadata().Length);
                Fails(RingError.MetadataAlreadyWritten, () => writer.WriteMetadata(new byte[0]));
            }
        }

        [Test]
        public void WithoutAMetadataBlockFramesFlow()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                Fails(RingError.NoMetadataBlock, () => writer.WriteMetadata(new byte[0]));
                Fails(RingError.NoMetadataBlock, () => reader.Metadata());
                WritePattern(writer, 10);
                ReadAndCheck(reader, 1, 10);
            }
        }

        [Test]
        public void TheSmallestRing()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                Assert.AreEqual(64, reader.PayloadSize);
                Fails(RingError.FrameTooLarge, () => WritePattern(writer, 49));
                Fails(RingError.EmptyFrame, () => writer.Write(new byte[0]));
                for (ulong sequence = 1; sequence <= 48; sequence++)
                {
                    WritePattern(writer, (int)sequence);
                    ReadAndCheck(reader, sequence, (long)sequence);
                }
            }
        }

        [Test]
        public void AFrameIsAStreamToo()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                WritePattern(writer, 100);
                using (Frame frame = reader.Read())
                using (var copy = new MemoryStream())
                using (Stream stream = frame.OpenStream())
                {
                    stream.CopyTo(copy);
                    CollectionAssert.AreEqual(TestPattern.Frame(1, 100), copy.ToArray());
                }
            }
        }

        [Test]
        public void PartsOfAnArray()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                byte[] data = TestPattern.Frame(0, 50);
                writer.Write(data, 1, 20);
                ReadAndCheck(reader, 1, 20);
                Assert.Throws<ArgumentOutOfRangeException>(() => writer.Write(data, 40, 11));
                Assert.Throws<ArgumentOutOfRangeException>(() => writer.Write(data, -1, 5));
                Assert.Throws<ArgumentNullException>(() => writer.Write(null));
            }
        }
    }
}
