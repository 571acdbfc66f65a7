using System;
using System.Diagnostics;
using System.Threading;
using NUnit.Framework;
using Parley.Ring;

namespace Parley.Tests.Ring
{
    /// <summary>Blocked reads and writes, and everything that ends them.</summary>
    [TestFixture]
    public class WaitingTests : RingTest
    {
        [Test]
        public void AReadTimesOut([Values(0, 1, 50)] int milliseconds)
        {
            var options = new RingOptions { Timeout = TimeSpan.FromMilliseconds(milliseconds) };
            using (RingReader reader = RingReader.Create(Name, 0, 1024, options))
            {
                Stopwatch waited = Stopwatch.StartNew();
                Fails(RingError.ReadTimeout, () => reader.Read());
                Assert.IsTrue(waited.ElapsedMilliseconds >= milliseconds - 1, "waited " + waited.Elapsed);
                Assert.AreEqual(0, new RawBuffer(Name).DataWaiters);
            }
        }

        [Test]
        public void AFullRingTimesOutAndStaysAsItWas()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name, Impatient))
            {
                WritePattern(writer, 1008);
                byte[] before = new RawBuffer(Name).Segment;
                RingException e = Fails(RingError.BufferFull, () => WritePattern(writer, 1));
                Assert.AreEqual(20, e.TimeoutMilliseconds);
                CollectionAssert.AreEqual(before, new RawBuffer(Name).Segment);
                ReadAndCheck(reader, 1, 1008);
                WritePattern(writer, 1);
                ReadAndCheck(reader, 2, 1);
            }
        }

        [Test]
        public void ABlockedReadIsWoken([Values(0, 150)] int spinMicroseconds)
        {
            var options = new RingOptions { Timeout = Long, Spin = TimeSpan.FromTicks(spinMicroseconds * 10) };
            using (RingReader reader = RingReader.Create(Name, 0, 1024, options))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                for (ulong sequence = 1; sequence <= 20; sequence++)
                {
                    var read = new Background(() => ReadAndCheck(reader, sequence, 10));
                    WaitUntil(() => new RawBuffer(Name).DataWaiters > 0, "the reader sleeps");
                    WritePattern(writer, 10);
                    read.Succeeds();
                }
            }
        }

        [Test]
        public void ABlockedWriteIsWoken([Values(0, 150)] int spinMicroseconds)
        {
            var options = new RingOptions { Timeout = Long, Spin = TimeSpan.FromTicks(spinMicroseconds * 10) };
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name, options))
            {
                WritePattern(writer, 1008);
                for (ulong sequence = 1; sequence <= 20; sequence++)
                {
                    var write = new Background(() => WritePattern(writer, 1008));
                    WaitUntil(() => new RawBuffer(Name).SpaceWaiters > 0, "the writer sleeps");
                    ReadAndCheck(reader, sequence, 1008);
                    write.Succeeds();
                }
            }
        }

        [Test]
        public void OldTokensDoNotStarveABlockedWriter()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name, Patient))
            {
                WritePattern(writer, 1008);
                new RawBuffer(Name).SpaceTokens = 1000;
                var write = new Background(() => WritePattern(writer, 1008));
                WaitUntil(() => new RawBuffer(Name).SpaceWaiters > 0, "the writer sleeps");
                Assert.AreEqual(0, new RawBuffer(Name).SpaceTokens);
                ReadAndCheck(reader, 1, 1008);
                write.Succeeds();
            }
        }

        [Test]
        public void CancellationEndsABlockedRead()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024, Patient))
            using (var source = new CancellationTokenSource())
            {
                var read = new Background(() => reader.Read(source.Token));
                WaitUntil(() => new RawBuffer(Name).DataWaiters > 0, "the reader sleeps");
                source.Cancel();
                Assert.IsInstanceOf<OperationCanceledException>(read.Failure());
                Assert.AreEqual(0, new RawBuffer(Name).DataWaiters);
            }
        }

        [Test]
        public void CancellationEndsABlockedWrite()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name, Patient))
            using (var source = new CancellationTokenSource())
            {
                WritePattern(writer, 1008);
                var write = new Background(() => writer.Write(new byte[1], source.Token));
                WaitUntil(() => new RawBuffer(Name).SpaceWaiters > 0, "the writer sleeps");
                source.Cancel();
                Assert.IsInstanceOf<OperationCanceledException>(write.Failure());
                ReadAndCheck(reader, 1, 1008);
                WritePattern(writer, 5);
                ReadAndCheck(reader, 2, 5);
            }
        }

        [Test]
        public void DisposeEndsABlockedRead()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024, Patient))
            {
                var read = new Background(() => reader.Read());
                WaitUntil(() => new RawBuffer(Name).DataWaiters > 0, "the reader sleeps");
                reader.Dispose();
                AssertError(RingError.Closed, read.Failure());
            }
        }

        [Test]
        public void DisposeEndsABlockedWrite()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name, Patient))
            {
                WritePattern(writer, 1008);
                var write = new Background(() => WritePattern(writer, 1));
                WaitUntil(() => new RawBuffer(Name).SpaceWaiters > 0, "the writer sleeps");
                writer.Dispose();
                AssertError(RingError.Closed, write.Failure());
                Fails(RingError.Closed, () => WritePattern(writer, 1));
            }
        }

        [Test]
        public void DisposeDuringTrafficNeverTouchesUnmappedMemory()
        {
            for (int round = 0; round < 30; round++)
            {
                string name = Name + round;
                RingReader reader = RingReader.Create(name, 0, 4096, Patient);
                RingWriter writer = RingWriter.Connect(name, Patient);
                var write = new Background(() =>
                {
                    while (true)
                    {
                        WritePattern(writer, 100);
                    }
                });
                var read = new Background(() =>
                {
                    for (ulong sequence = 1; ; sequence++)
                    {
                        ReadAndCheck(reader, sequence, 100);
                    }
                });
                WaitUntil(() => writer.NextSequence > 200, "frames flow");
                if (round % 2 == 0)
                {
                    reader.Dispose();
                    AssertError(RingError.Closed, read.Failure());
                    AssertError(RingError.NoReader, write.Failure());
                    writer.Dispose();
                }
                else
                {
                    writer.Dispose();
                    AssertError(RingError.Closed, write.Failure());
                    AssertError(RingError.WriterGone, read.Failure());
                    reader.Dispose();
                }
            }
        }

        [Test]
        public void ABlockedReadLearnsOfAClose()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024, Patient))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                var read = new Background(() => reader.Read());
                WaitUntil(() => new RawBuffer(Name).DataWaiters > 0, "the reader sleeps");
                writer.Dispose();
                AssertError(RingError.WriterGone, read.Failure());
            }
        }

        [Test]
        public void ABlockedWriteLearnsOfAClose()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name, Patient))
            {
                WritePattern(writer, 1008);
                var write = new Background(() => WritePattern(writer, 1));
                WaitUntil(() => new RawBuffer(Name).SpaceWaiters > 0, "the writer sleeps");
                reader.Dispose();
                AssertError(RingError.NoReader, write.Failure());
            }
        }

        [Test]
        public void CollectionsDoNotDisturbAWait()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024, Patient))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                var read = new Background(() => ReadAndCheck(reader, 1, 10));
                WaitUntil(() => new RawBuffer(Name).DataWaiters > 0, "the reader sleeps");
                for (int i = 0; i < 50; i++)
                {
                    GC.Collect();
                }
                Assert.IsFalse(read.HasEnded);
                WritePattern(writer, 10);
                read.Succeeds();
            }
        }

        [Test]
        public void ASecondThreadInAWriterIsRefused()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name, Patient))
            {
                WritePattern(writer, 1008);
                var write = new Background(() => WritePattern(writer, 5));
                WaitUntil(() => new RawBuffer(Name).SpaceWaiters > 0, "the writer sleeps");
                Assert.Throws<InvalidOperationException>(() => WritePattern(writer, 5));
                ReadAndCheck(reader, 1, 1008);
                write.Succeeds();
                ReadAndCheck(reader, 2, 5);
            }
        }

        [Test]
        public void SeveralReadingThreadsShareTheFrames()
        {
            const int Frames = 20000;
            using (RingReader reader = RingReader.Create(Name, 0, 4096, Patient))
            using (RingWriter writer = RingWriter.Connect(Name, Patient))
            {
                var seen = new int[Frames + 1];
                ThreadStart work = () =>
                {
                    while (true)
                    {
                        using (Frame frame = reader.Read())
                        {
                            Assert.AreEqual(-1, TestPattern.CheckFrame(frame));
                            Interlocked.Increment(ref seen[frame.Sequence]);
                        }
                    }
                };
                var first = new Background(() => work());
                var second = new Background(() => work());
                for (int i = 0; i < Frames; i++)
                {
                    WritePattern(writer, 1 + i % 200);
                }
                writer.Dispose();
                AssertError(RingError.WriterGone, first.Failure());
                AssertError(RingError.WriterGone, second.Failure());
                for (int i = 1; i <= Frames; i++)
                {
                    Assert.AreEqual(1, seen[i], "frame " + i);
                }
                Assert.AreEqual(4096, new RawBuffer(Name)[RawBuffer.PayloadFree]);
            }
        }

        [Test]
        public void WaitingForAWriter()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024, Patient))
            {
                Assert.IsFalse(reader.HasWriter);
                var wait = new Background(() => reader.WaitForWriter());
                using (RingWriter.Connect(Name))
                {
                    wait.Succeeds();
                    Assert.IsTrue(reader.HasWriter);
                }
                Fails(RingError.WriterGone, () => reader.Read());
                using (RingWriter writer = RingWriter.Connect(Name))
                {
                    WritePattern(writer, 5);
                }
                reader.WaitForWriter();
                ReadAndCheck(reader, 1, 5);
            }
        }

        private static void AssertError(RingError expected, Exception failure)
        {
            Assert.IsInstanceOf<RingException>(failure, "it failed with " + failure);
            Assert.AreEqual(expected, ((RingException)failure).Error, failure.Message);
        }
    }
}
