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
    /// <summary>Who may have a name: the dead are replaced, the living are not (ring-buffer specification).</summary>
    [TestFixture]
    public class TakeoverTests : RingTest
    {
        // The largest pid that Linux can give out, and in practice gives to nobody.
        private const ulong DeadPid = 4194303;

        [Test]
        public void ALivingReaderKeepsItsName()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                Assert.AreEqual(Process.GetCurrentProcess().Id,
                    Fails(RingError.InUse, () => RingReader.Create(Name, 0, 64)).Pid);
                // Even when somebody removed its lock.
                File.Delete(RingName.Parse(Name).LockPath);
                Fails(RingError.InUse, () => RingReader.Create(Name, 0, 64));
                WritePattern(writer, 10);
                ReadAndCheck(reader, 1, 10);
            }
        }

        [Test]
        public void WhatADeadReaderLeftIsReplaced()
        {
            LeaveStale(DeadPid, DeadPid);
            using (RingReader reader = RingReader.Create(Name, 0, 2048))
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                Assert.AreEqual(2048, writer.PayloadSize);
                WritePattern(writer, 10);
                ReadAndCheck(reader, 1, 10);
            }
        }

        [Test]
        public void AStaleLockAloneIsReplaced()
        {
            Directory.CreateDirectory("/tmp/zerobuffer");
            File.WriteAllText(RingName.Parse(Name).LockPath, "");
            using (RingReader.Create(Name, 0, 64))
            {
            }
        }

        [Test]
        public void HalfABufferOfADeadPeerIsReplaced()
        {
            File.WriteAllBytes(RingName.Parse(Name).SegmentPath, new byte[3]);
            Fails(RingError.Corrupt, () => RingInspector.Inspect(Name));
            using (RingReader.Create(Name, 0, 64))
            {
            }
        }

        [Test]
        public void ALivingWriterKeepsTheName()
        {
            LeaveStale(DeadPid, (ulong)Process.GetCurrentProcess().Id);
            Assert.AreEqual(Process.GetCurrentProcess().Id,
                Fails(RingError.InUse, () => RingReader.Create(Name, 0, 64)).Pid);
            RemoveStale();
        }

        [Test]
        public void AProcessThatStartedAfterTheSegmentIsNotItsReader()
        {
            LeaveStale((ulong)Process.GetCurrentProcess().Id, 0);
            File.SetLastWriteTimeUtc(RingName.Parse(Name).SegmentPath, new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            using (RingReader.Create(Name, 0, 64))
            {
            }
        }

        [Test]
        public void ConnectingWithoutAReader()
        {
            LeaveStale(DeadPid, 0);
            Fails(RingError.NoReader, () => RingWriter.Connect(Name));
            new RawBuffer(Name)[RawBuffer.ReaderPid] = 0;
            Fails(RingError.NoReader, () => RingWriter.Connect(Name));
            RemoveStale();
        }

        [Test]
        public void ADeadWritersPlaceIsTaken()
        {
            using (RingReader reader = RingReader.Create(Name, 0, 1024))
            {
                new RawBuffer(Name)[RawBuffer.WriterPid] = DeadPid;
                using (RingWriter writer = RingWriter.Connect(Name))
                {
                    WritePattern(writer, 10);
                    ReadAndCheck(reader, 1, 10);
                }
            }
        }

        [Test]
        public void CreatorsRaceAndOneWins()
        {
            for (int round = 0; round < 50; round++)
            {
                string name = Name + round;
                if (round % 2 == 1)
                {
                    LeaveStale(DeadPid, DeadPid, name);
                }
                var readers = new List<RingReader>();
                var errors = new List<RingException>();
                using (var start = new Barrier(4))
                {
                    Background[] racers = Enumerable.Range(0, 4).Select(unused => new Background(() =>
                    {
                        start.SignalAndWait();
                        try
                        {
                            RingReader reader = RingReader.Create(name, 0, 1024);
                            lock (readers)
                            {
                                readers.Add(reader);
                            }
                        }
                        catch (RingException e)
                        {
                            lock (readers)
                            {
                                errors.Add(e);
                            }
                        }
                    })).ToArray();
                    foreach (Background racer in racers)
                    {
                        racer.Succeeds();
                    }
                }
                Assert.AreEqual(1, readers.Count, "round " + round);
                Assert.IsTrue(errors.All(e => e.Error == RingError.InUse), "round " + round);
                using (RingWriter writer = RingWriter.Connect(name))
                {
                    WritePattern(writer, 100);
                    ReadAndCheck(readers[0], 1, 100);
                }
                readers[0].Dispose();
            }
        }

        private void LeaveStale(ulong reader, ulong writer, string name = null)
        {
            name = name ?? Name;
            RingName paths = RingName.Parse(name);
            byte[] segment;
            byte[] semaphore;
            using (RingReader.Create(name, 0, 1024))
            {
                segment = File.ReadAllBytes(paths.SegmentPath);
                semaphore = File.ReadAllBytes(paths.DataSemaphorePath);
            }
            BitConverter.GetBytes(reader).CopyTo(segment, RawBuffer.ReaderPid);
            BitConverter.GetBytes(writer).CopyTo(segment, RawBuffer.WriterPid);
            File.WriteAllBytes(paths.SegmentPath, segment);
            File.WriteAllBytes(paths.DataSemaphorePath, semaphore);
            File.WriteAllBytes(paths.SpaceSemaphorePath, semaphore);
            File.WriteAllText(paths.LockPath, "");
        }

        private void RemoveStale()
        {
            RingName paths = RingName.Parse(Name);
            foreach (string path in new[]
            {
                paths.SegmentPath, paths.DataSemaphorePath, paths.SpaceSemaphorePath, paths.LockPath,
            })
            {
                File.Delete(path);
            }
        }
    }
}
