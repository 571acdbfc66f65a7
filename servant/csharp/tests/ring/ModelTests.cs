using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Parley.Ring;

namespace Parley.Tests.Ring
{
    /// <summary>Random operations, from a seed, against a model of what the ring must hold.</summary>
    [TestFixture]
    public class ModelTests : RingTest
    {
        [Test]
        public void RandomOperations([Range(1, 12)] int seed)
        {
            var random = new Random(seed);
            int payload = 64 * random.Next(1, 40);
            var options = new RingOptions { Timeout = TimeSpan.Zero, Spin = TimeSpan.Zero };
            using (RingReader reader = RingReader.Create(Name, 0, payload, options))
            using (RingWriter writer = RingWriter.Connect(Name, options))
            {
                var written = new Queue<int>();
                var held = new List<Frame>();
                ulong next = 1;
                int refused = 0;
                for (int i = 0; i < 3000; i++)
                {
                    string where = "seed " + seed + " operation " + i;
                    switch (random.Next(8))
                    {
                        case 0:
                        case 1:
                        case 2:
                            int size = random.Next(1, random.Next(1, payload - 16) + 1);
                            if (TryWrite(writer, size, random, where))
                            {
                                written.Enqueue(size);
                            }
                            else
                            {
                                refused++;
                                Assert.IsTrue(written.Count + held.Count > 0, where + ": an empty ring takes every frame");
                            }
                            break;
                        case 3:
                        case 4:
                            if (written.Count == 0)
                            {
                                Fails(RingError.ReadTimeout, () => reader.Read());
                                break;
                            }
                            Frame frame = reader.Read();
                            Assert.AreEqual(next++, frame.Sequence, where);
                            Assert.AreEqual(written.Dequeue(), frame.Size, where);
                            held.Add(frame);
                            break;
                        case 5:
                            next = ReadBatch(reader, written, next, where);
                            break;
                        default:
                            if (held.Count > 0)
                            {
                                int index = random.Next(held.Count);
                                // Whatever happened since it was read, its bytes are still its own.
                                Assert.AreEqual(-1, TestPattern.CheckFrame(held[index]), where);
                                held[index].Release();
                                held.RemoveAt(index);
                            }
                            break;
                    }
                    CheckCounters(written, held, payload, where);
                }
                Assert.IsTrue(refused > 0, "the ring was full at times");
                held.ForEach(frame => frame.Release());
            }
        }

        [Test]
        public void TwoProcesses([Range(1, 6)] int seed)
        {
            var random = new Random(seed);
            int payload = seed == 1 ? 64 : seed == 2 ? 4 << 20 : 64 * random.Next(2, 400);
            int max = Math.Min(payload - 16, 20000);
            string sizes = " --frames 2000 --seed " + random.Next() + " --min 1 --max " + max;
            string reading = new[] { "", " --batch 9", " --copy", " --hold 1" }[random.Next(4)];
            string writing = new[] { "", " --batch 4", " --zero-copy" }[random.Next(3)];
            using (Probe reader = new Probe("read " + Name + " --metadata 500 --payload " + payload +
                " --metadata-length 77 --timeout-ms 60000" + sizes + reading).Ready())
            using (var writer = new Probe("write " + Name + " --metadata-length 77 --timeout-ms 60000" + sizes + writing))
            {
                Assert.AreEqual(2000, (int)writer.Succeeds()["frames"]);
                Assert.AreEqual(2000, (int)reader.Succeeds()["frames"]);
            }
        }

        private static unsafe bool TryWrite(RingWriter writer, int size, Random random, string where)
        {
            ulong sequence = writer.NextSequence;
            try
            {
                switch (random.Next(3))
                {
                    case 0:
                        writer.Write(TestPattern.Frame(sequence, size));
                        break;
                    case 1:
                        byte[] data = TestPattern.Frame(sequence, size);
                        writer.Append(data, 0, data.Length);
                        writer.Publish();
                        break;
                    default:
                        using (Slot slot = writer.Acquire(size))
                        {
                            TestPattern.FillFrame(slot.Data, size, sequence);
                            slot.Commit();
                        }
                        break;
                }
                return true;
            }
            catch (RingException e) when (e.Error == RingError.BufferFull)
            {
                Assert.AreEqual(sequence, writer.NextSequence, where);
                return false;
            }
        }

        private static ulong ReadBatch(RingReader reader, Queue<int> written, ulong next, string where)
        {
            if (written.Count == 0)
            {
                return next;
            }
            using (var batch = new FrameBatch(3))
            {
                int count = reader.ReadBatch(batch);
                Assert.AreEqual(Math.Min(3, written.Count), count, where);
                for (int i = 0; i < count; i++)
                {
                    Assert.AreEqual(next, batch[i].Sequence, where);
                    Assert.AreEqual(written.Dequeue(), batch[i].Size, where);
                    Assert.AreEqual(-1, TestPattern.CheckFrame(batch[i].ToArray(), next), where);
                    next++;
                }
            }
            return next;
        }

        private void CheckCounters(Queue<int> written, List<Frame> held, int payload, string where)
        {
            RingState state = RingInspector.Inspect(Name);
            Assert.AreEqual(written.Count, state.Data.Value.Value, where + ": a token per frame");
            long used = payload - (long)state.Oieb.PayloadFreeBytes;
            long data = written.Sum(size => 16 + size) + held.Sum(frame => 16 + frame.Size);
            Assert.IsTrue(used >= data && used <= payload, where + ": used " + used + ", data " + data);
            if (written.Count == 0 && held.Count == 0)
            {
                Assert.AreEqual(0, used, where);
                Assert.AreEqual(state.Oieb.PayloadWrittenCount, state.Oieb.PayloadReadCount, where);
            }
        }
    }
}
