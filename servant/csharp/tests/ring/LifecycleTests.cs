using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using NUnit.Framework;
using Parley.Ring;

namespace Parley.Tests.Ring
{
    /// <summary>Creating, connecting, closing, taking over (ring-buffer specification).</summary>
    [TestFixture]
    public class LifecycleTests : RingTest
    {
        [Test]
        public void AllFourObjectsAreThereAndGoAway()
        {
            RingName name = RingName.Parse(Name);
            string[] paths = { name.SegmentPath, name.DataSemaphorePath, name.SpaceSemaphorePath, name.LockPath };
            using (RingReader.Create(Name, 100, 1000))
            {
                Assert.IsTrue(paths.All(File.Exists));
                Assert.AreEqual(128 + 128 + 1024, new FileInfo(paths[0]).Length);
                Assert.AreEqual(32, new FileInfo(paths[1]).Length);
                Assert.AreEqual(0, new FileInfo(paths[3]).Length);
                foreach (string path in paths)
                {
                    Assert.AreEqual("600", Run("stat", "-c %a " + path), path);
                }
                Assert.AreEqual("1", Run("flock", "-n " + name.LockPath + " true; echo $?"), "the lock is held");
            }
            Assert.IsFalse(paths.Any(File.Exists));
        }

        [Test]
        public void AnObstacleLeavesNothingBehind([Values("sem.sem-w-", "sem.sem-r-", "")] string prefix)
        {
            string obstacle = "/dev/shm/" + prefix + Name;
            Directory.CreateDirectory(obstacle);
            RingException e = Fails(RingError.System, () => RingReader.Create(Name, 0, 64));
            StringAssert.Contains(obstacle, e.Message);
            Directory.Delete(obstacle);
            using (RingReader.Create(Name, 0, 64))
            {
            }
        }

        [Test]
        public void TooMuchMemoryIsAnErrorAndLeavesNothing()
        {
            RingException e = Fails(RingError.System, () => RingReader.Create(Name, 0, 1L << 50));
            Assert.IsTrue(e.Errno == 28 || e.Errno == 27 || e.Errno == 12, e.Message);
            NothingIsLeft();
        }

        [Test]
        public void AFullFileSystemIsAnErrorThatSaysWhatToDo()
        {
            string[] blocks = Run("stat", "-f -c '%b %S' /dev/shm").Split(' ');
            long total = long.Parse(blocks[0]) * long.Parse(blocks[1]);
            if (total == 0 || total > 1L << 40)
            {
                Assert.Ignore("/dev/shm has no limit");
            }
            RingException e = Fails(RingError.System, () => RingReader.Create(Name, 0, total));
            Assert.AreEqual("fallocate", e.Call);
            Assert.AreEqual(28, e.Errno);
            StringAssert.Contains("/dev/shm/", e.Message);
            StringAssert.EndsWith("; free space there or ask for smaller sizes", e.Message);
            NothingIsLeft();
        }

        [Test]
        public void ConnectingToNothing()
        {
            StringAssert.Contains(Name, Fails(RingError.NotFound, () => RingWriter.Connect(Name)).Message);
        }

        [Test]
        public void ASecondWriterIsRefused()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                Assert.AreEqual(Process.GetCurrentProcess().Id,
                    Fails(RingError.WriterExists, () => RingWriter.Connect(Name)).Pid);
                WritePattern(writer, 10);
                ReadAndCheck(reader, 1, 10);
            }
        }

        [Test]
        public void AWriterThatClosesIsGoneAfterItsFrames()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024, Patient))
            {
                using (RingWriter writer = RingWriter.Connect(Name))
                {
                    WritePattern(writer, 10);
                    WritePattern(writer, 20);
                }
                ReadAndCheck(reader, 1, 10);
                ReadAndCheck(reader, 2, 20);
                Fails(RingError.WriterGone, () => reader.Read());
                Fails(RingError.WriterGone, () => reader.Read());
            }
        }

        [Test]
        public void AWriterThatWroteNothingIsGoneToo()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024, Patient))
            {
                RingWriter.Connect(Name).Dispose();
                Fails(RingError.WriterGone, () => reader.Read());
            }
        }

        /// <summary>Under one process id the reader sees nothing of the change but a first frame at 0 (P1, P5).</summary>
        [TestCase(1024, 1000, true, "only 0 has room")]
        [TestCase(1024, 1000, false, "only 0 has room, the old frame is read late")]
        [TestCase(1024, 1008, true, "the frame takes the whole ring")]
        [TestCase(2097152, 100, true, "a large ring")]
        public void ANextWriterMayRewind(int payload, int size, bool isReadBefore, string why)
        {
            using (RingReader reader = RingReader.Create(Name, 0, payload, Patient))
            {
                using (RingWriter first = RingWriter.Connect(Name, Patient))
                {
                    WritePattern(first, size - 8);
                    if (isReadBefore)
                    {
                        ReadAndCheck(reader, 1, size - 8);
                    }
                }
                using (RingWriter next = RingWriter.Connect(Name, Patient))
                {
                    if (!isReadBefore)
                    {
                        ReadAndCheck(reader, 1, size - 8);
                    }
                    for (ulong sequence = 1; sequence <= 3; sequence++)
                    {
                        WritePattern(next, size);
                        ReadAndCheck(reader, sequence, size);
                    }
                }
                Fails(RingError.WriterGone, () => reader.Read());
            }
        }

        [Test]
        public void ANextWriterMayRewindInTheMidstOfABurst()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 2097152, Patient))
            {
                for (int round = 0; round < 100; round++)
                {
                    using (RingWriter writer = RingWriter.Connect(Name, Patient))
                    {
                        var burst = new Background(() =>
                        {
                            for (int i = 0; i < 5; i++)
                            {
                                WritePattern(writer, 100);
                            }
                        });
                        for (ulong sequence = 1; sequence <= 5; sequence++)
                        {
                            ReadAndCheck(reader, sequence, 100);
                        }
                        burst.Succeeds();
                    }
                }
            }
        }

        [Test]
        public void ANextWriterStartsAtOne([Values(false, true)] bool readsInBetween, [Values(0, 3)] int pending)
        {
            using (RingReader reader = RingReader.Create(Name, 0, 4096, Patient))
            {
                for (int round = 0; round < 3; round++)
                {
                    using (RingWriter writer = RingWriter.Connect(Name))
                    {
                        for (int i = 0; i < 5; i++)
                        {
                            WritePattern(writer, 10 + i);
                        }
                        for (int i = 0; i < 5 - pending; i++)
                        {
                            ReadAndCheck(reader, (ulong)i + 1, 10 + i);
                        }
                    }
                    if (readsInBetween)
                    {
                        for (int i = 5 - pending; i < 5; i++)
                        {
                            ReadAndCheck(reader, (ulong)i + 1, 10 + i);
                        }
                        Fails(RingError.WriterGone, () => reader.Read());
                    }
                    else if (pending > 0)
                    {
                        using (RingWriter next = RingWriter.Connect(Name))
                        {
                            WritePattern(next, 99);
                            for (int i = 5 - pending; i < 5; i++)
                            {
                                ReadAndCheck(reader, (ulong)i + 1, 10 + i);
                            }
                            ReadAndCheck(reader, 1, 99);
                        }
                    }
                }
            }
        }

        [Test]
        public void AClosedReaderRefusesWrites()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                reader.Dispose();
                Fails(RingError.NoReader, () => WritePattern(writer, 10));
                Fails(RingError.Closed, () => reader.Read());
                Fails(RingError.Closed, () => reader.Metadata());
                reader.Dispose();
            }
        }

        [Test]
        public unsafe void AReaderThatClosesDuringASlotIsNoticedAtTheCommit()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                Slot slot = writer.Acquire(100);
                reader.Dispose();
                TestPattern.FillFrame(slot.Data, 100, 1);
                Fails(RingError.NoReader, () => slot.Commit());
            }
        }

        [Test]
        public unsafe void ASlotOutlivesItsWriter()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024, Impatient))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                Slot slot = writer.Acquire(100);
                byte* data = slot.Data;
                writer.Dispose();
                TestPattern.FillFrame(data, 100, 1);
                Fails(RingError.Closed, () => slot.Commit());
                Fails(RingError.WriterGone, () => reader.Read());
            }
        }

        [Test]
        public void AHeldFrameOutlivesItsReader()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                WritePattern(writer, 500);
                Frame frame = reader.Read();
                reader.Dispose();
                Assert.AreEqual(-1, TestPattern.CheckFrame(frame));
                frame.Release();
            }
        }

        [Test]
        public void AWriterNeverSeesHalfABuffer()
        {
            bool stop = false;
            var connects = new Background(() =>
            {
                while (!Volatile.Read(ref stop))
                {
                    try
                    {
                        RingWriter.Connect(Name).Dispose();
                    }
                    catch (RingException e) when (e.Error == RingError.NotFound || e.Error == RingError.NoReader)
                    {
                        // The only two answers that a buffer on its way in or out may give.
                    }
                }
            });
            for (int i = 0; i < 300; i++)
            {
                try
                {
                    RingReader.Create(Name, 64, 1024).Dispose();
                }
                catch (RingException e) when (e.Error == RingError.InUse)
                {
                    Assert.Fail(e.Message);
                }
            }
            Volatile.Write(ref stop, true);
            connects.Succeeds();
        }

        [Test]
        public void ManyCyclesLeakNothing()
        {
            Action cycle = () =>
            {
                using (RingReader reader = RingReader.Create(Name, 64, 1024))
                using (RingWriter writer = RingWriter.Connect(Name))
                {
                    WritePattern(writer, 10);
                    ReadAndCheck(reader, 1, 10);
                }
            };
            cycle();
            int descriptors = Directory.GetFiles("/proc/self/fd").Length;
            int mappings = Mappings();
            for (int i = 0; i < 200; i++)
            {
                cycle();
            }
            Assert.AreEqual(0, Mappings() - mappings, "mappings");
            Assert.IsTrue(Directory.GetFiles("/proc/self/fd").Length <= descriptors + 2, "descriptors");
        }

        private static int Mappings()
        {
            return File.ReadAllLines("/proc/self/maps").Count(line => line.Contains("/dev/shm/"));
        }

        private static string Run(string program, string words)
        {
            using (Process process = Process.Start(new ProcessStartInfo("/bin/sh",
                "-c \"" + program + " " + words + "\"")
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            }))
            {
                string output = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                return output.Trim();
            }
        }
    }
}
