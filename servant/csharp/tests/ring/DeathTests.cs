using System;
using System.Diagnostics;
using NUnit.Framework;
using Parley.Ring;

namespace Parley.Tests.Ring
{
    /// <summary>Peers that die, in processes of their own (ring-buffer specification, "Death").</summary>
    [TestFixture]
    public class DeathTests : RingTest
    {
        [Test]
        public void ADeadWritersFramesAreReadFirst([Values(1, 7)] int batch)
        {
            using (RingReader reader = RingReader.Create(Name, 0, 4096, Patient))
            using (var writer = new Probe("write " + Name + " --frames 100 --seed 1 --min 100 --max 100 --die-after 10 --batch " +
                batch))
            {
                Assert.AreEqual(137, writer.Status());
                for (ulong sequence = 1; sequence <= 10; sequence++)
                {
                    ReadAndCheck(reader, sequence, 100);
                }
                Assert.AreEqual(writer.Pid, Fails(RingError.WriterDead, () => reader.Read()).Pid);
                Fails(RingError.WriterDead, () => reader.Read());
            }
        }

        [Test]
        public void ABlockedReadLearnsOfADeath()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 4096, Patient))
            using (var writer = new Probe("write " + Name + " --frames 1000 --seed 1 --min 4000 --max 4000 --timeout-ms 60000"))
            {
                ReadAndCheck(reader, 1, 4000);
                Frame held = reader.Read();
                // The ring is full now: the writer is blocked and writes nothing more.
                var read = new Background(() => reader.Read());
                WaitUntil(() => new RawBuffer(Name).DataWaiters > 0, "the reader sleeps");
                writer.Kill();
                Assert.AreEqual(RingError.WriterDead, ((RingException)read.Failure()).Error);
                held.Release();
            }
        }

        [Test]
        public void ABlockedWriteLearnsOfADeath()
        {
            using (Probe reader = new Probe("read " + Name + " --metadata 0 --payload 1024 --frames 10 --timeout-ms 60000 " +
                "--hold 10").Ready())
            using (RingWriter writer = RingWriter.Connect(Name, Patient))
            {
                WritePattern(writer, 1008);
                var write = new Background(() => WritePattern(writer, 1008));
                WaitUntil(() => new RawBuffer(Name).SpaceWaiters > 0, "the writer sleeps");
                reader.Kill();
                var failure = (RingException)write.Failure();
                Assert.AreEqual(RingError.ReaderDead, failure.Error, failure.Message);
                Assert.AreEqual(reader.Pid, failure.Pid);
                Fails(RingError.ReaderDead, () => WritePattern(writer, 1));
                writer.Dispose();
                TakeOver();
            }
        }

        [Test]
        public void AWriteAfterADeathIsRefusedAtOnce()
        {
            using (Probe reader = new Probe("read " + Name + " --metadata 64 --payload 1024 --frames 10 --timeout-ms 60000")
                .Ready())
            using (RingWriter writer = RingWriter.Connect(Name, Patient))
            {
                WritePattern(writer, 10);
                Slot slot = writer.Acquire(10);
                reader.Kill();
                Fails(RingError.ReaderDead, () => slot.Commit());
                Fails(RingError.ReaderDead, () => WritePattern(writer, 10));
                Fails(RingError.ReaderDead, () => writer.WriteMetadata(new byte[1]));
                Fails(RingError.NoReader, () => RingWriter.Connect(Name));
                writer.Dispose();
                TakeOver();
            }
        }

        [Test]
        public void AWriterFollowsTheNextReader()
        {
            using (Probe first = new Probe("read " + Name + " --metadata 0 --payload 1024 --frames 10 --timeout-ms 60000")
                .Ready())
            using (RingWriter writer = RingWriter.Connect(Name, Patient))
            {
                WritePattern(writer, 10);
                first.Kill();
                Fails(RingError.ReaderDead, () => WritePattern(writer, 10));
            }
            using (Probe second = new Probe("read " + Name + " --metadata 0 --payload 1024 --frames 3").Ready())
            using (RingWriter writer = RingWriter.Connect(Name, Patient))
            {
                for (int i = 0; i < 3; i++)
                {
                    WritePattern(writer, 10);
                }
                Assert.AreEqual(3, (int)second.Succeeds()["frames"]);
            }
        }

        [Test]
        public void TheNextWriterStartsAtOne()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 4096, Patient))
            {
                for (int round = 0; round < 3; round++)
                {
                    using (var writer = new Probe("write " + Name + " --frames 5 --seed 1 --min 50 --max 50 --die-after 5"))
                    {
                        // Until the next one connects, the previous one is the writer that died.
                        reader.WaitForWriter();
                        for (ulong sequence = 1; sequence <= 5; sequence++)
                        {
                            ReadAndCheck(reader, sequence, 50);
                        }
                        writer.Status();
                    }
                }
                Fails(RingError.WriterDead, () => reader.Read());
            }
        }

        [Test]
        public void APausedReaderIsNotDead()
        {
            using (Probe reader = new Probe("read " + Name + " --metadata 0 --payload 1024 --frames 3 --timeout-ms 60000")
                .Ready())
            using (RingWriter writer = RingWriter.Connect(Name, new RingOptions { Timeout = TimeSpan.FromMilliseconds(200) }))
            {
                Signal("STOP", reader.Pid);
                WaitUntil(() => StateOf(reader.Pid) == 'T', "the reader is stopped");
                WritePattern(writer, 1008);
                Fails(RingError.BufferFull, () => WritePattern(writer, 1008));
                Signal("CONT", reader.Pid);
                WaitUntil(() => new RawBuffer(Name)[RawBuffer.PayloadFree] == 1024, "the reader goes on");
                WritePattern(writer, 1008);
                WaitUntil(() => new RawBuffer(Name)[RawBuffer.PayloadFree] == 1024, "the reader goes on");
                WritePattern(writer, 1008);
                Assert.AreEqual(3, (int)reader.Succeeds()["frames"]);
            }
        }

        [Test]
        public void AProcessWatchKnowsTheDeadFromTheLiving()
        {
            using (Process process = Process.Start(new ProcessStartInfo("/bin/sleep", "60") { UseShellExecute = false }))
            using (var watch = new ProcessWatch(process.Id))
            {
                bool wasAlive = !watch.IsDead && ProcessWatch.IsAlive((ulong)process.Id);
                process.Kill();
                Assert.IsTrue(wasAlive);
                WaitUntil(() => watch.IsDead, "the death is seen, zombie or not");
                process.WaitForExit();
                WaitUntil(() => !ProcessWatch.IsAlive((ulong)process.Id), "the pid is gone");
            }
            Assert.IsTrue(ProcessWatch.IsAlive(1));
            Assert.IsFalse(ProcessWatch.IsAlive(0));
            Assert.IsFalse(ProcessWatch.IsAlive(4194303));
            Assert.IsFalse(ProcessWatch.IsAlive(ulong.MaxValue));
        }

        /// <summary>A reader that was killed leaves its files; the next one removes them.</summary>
        private void TakeOver()
        {
            using (RingReader.Create(Name, 0, 64))
            {
            }
        }

        private static void Signal(string signal, int pid)
        {
            using (Process kill = Process.Start(new ProcessStartInfo("/bin/sh", "-c \"kill -" + signal + " " + pid + "\"")
            {
                UseShellExecute = false,
            }))
            {
                kill.WaitForExit();
                Assert.AreEqual(0, kill.ExitCode);
            }
        }

        private static char StateOf(int pid)
        {
            string stat = System.IO.File.ReadAllText("/proc/" + pid + "/stat");
            return stat[stat.LastIndexOf(')') + 2];
        }
    }
}
