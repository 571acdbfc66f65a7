using System.Diagnostics;
using NUnit.Framework;
using Parley.Ring;

namespace Parley.Tests.Ring
{
    /// <summary>What a killed writer left half done, and what peers count (ring-buffer specification, "Writing a frame").</summary>
    [TestFixture]
    public class RepairTests : RingTest
    {
        private const int Payload = 1024;
        private const int HeaderSize = 16;

        [Test]
        public void AWriterCanBeKilledBetweenAnyTwoStores([Values(0, 1, 2, 3)] int stores, [Values(true, false)] bool isNoticed)
        {
            using (RingReader reader = RingReader.Create(Name, 0, Payload, Patient))
            {
                using (RingWriter first = RingWriter.Connect(Name, Patient))
                {
                    WritePattern(first, 200);
                    ReadAndCheck(reader, 1, 200);
                }
                var raw = new RawBuffer(Name);
                // The dead one's frame 1, of 100 bytes; its sequence starts anew.
                raw.DataTokens = 0;
                ulong position = raw[RawBuffer.WritePos];
                raw.SetHeader((long)position, 100, 1);
                for (ulong i = 0; i < 100; i++)
                {
                    raw.FillPayload((long)(position + HeaderSize + i), 1, (byte)(i + 1));
                }
                if (stores >= 1)
                {
                    raw[RawBuffer.WritePos] = position + HeaderSize + 100;
                }
                if (stores >= 2)
                {
                    raw[RawBuffer.PayloadFree] -= HeaderSize + 100;
                }
                if (stores >= 3)
                {
                    raw[RawBuffer.WrittenCount]++;
                }
                raw[RawBuffer.WriterPid] = DeadPid();
                if (isNoticed)
                {
                    if (stores == 3)
                    {
                        ReadAndCheck(reader, 1, 100);
                    }
                    Fails(RingError.WriterDead, () => reader.Read());
                }
                using (RingWriter next = RingWriter.Connect(Name, Patient))
                {
                    WritePattern(next, 50);
                    WritePattern(next, 51);
                    if (stores == 3 && !isNoticed)
                    {
                        ReadAndCheck(reader, 1, 100);
                    }
                    ReadAndCheck(reader, 1, 50);
                    ReadAndCheck(reader, 2, 51);
                    var write = new Background(() => WritePattern(next, Payload - HeaderSize));
                    ReadAndCheck(reader, 3, Payload - HeaderSize);
                    write.Succeeds();
                    Assert.AreEqual(Payload, raw[RawBuffer.PayloadFree]);
                }
            }
        }

        /// <summary>Its space cannot wait until that frame came, which may need all of the ring.</summary>
        [Test]
        public void AnHeirsFirstFrameMayTakeTheWholeRing([Values(0, 2)] int counted, [Values(true, false)] bool isNoticed)
        {
            using (RingReader reader = RingReader.Create(Name, 0, Payload, Patient))
            {
                var raw = new RawBuffer(Name);
                DieWithSpace(reader, raw, counted);
                if (isNoticed)
                {
                    Fails(RingError.WriterDead, () => reader.Read());
                }
                using (RingWriter heir = RingWriter.Connect(Name, Patient))
                {
                    var write = new Background(() => WritePattern(heir, Payload - HeaderSize));
                    ReadAndCheck(reader, 1, Payload - HeaderSize);
                    write.Succeeds();
                    Assert.AreEqual(Payload, raw[RawBuffer.PayloadFree]);
                }
            }
        }

        [Test]
        public void AnHeirThatClosesWithoutAFrameIsGone([Values(0, 2)] int counted)
        {
            using (RingReader reader = RingReader.Create(Name, 0, Payload, Patient))
            {
                var raw = new RawBuffer(Name);
                DieWithSpace(reader, raw, counted);
                RingWriter.Connect(Name, Patient).Dispose();
                Fails(RingError.WriterGone, () => reader.Read());
                RingWriter.Connect(Name, Patient).Dispose();
                Fails(RingError.WriterGone, () => reader.Read());
            }
        }

        /// <summary>A writer connects, and takes the whole ring, after the reader saw a dead one.</summary>
        [Test]
        public void AFrameInTheMakingKeepsItsSpace()
        {
            RingMemory memory;
            using (RingFiles.Create(RingName.Parse(Name), 0, Payload, out memory))
            {
                int own = Process.GetCurrentProcess().Id;
                var raw = new RawBuffer(Name);
                var presence = new WriterPresence(memory);
                var intake = new FrameIntake(memory, presence, own);
                raw[RawBuffer.WriterPid] = DeadPid();
                Assert.IsTrue(presence.IsAbsent);
                raw[RawBuffer.WriterPid] = (ulong)own;
                raw[RawBuffer.PayloadFree] = 0;
                intake.Reclaim();
                Assert.AreEqual(0, raw[RawBuffer.PayloadFree]);
                raw[RawBuffer.WriterPid] = DeadPid();
                intake.Reclaim();
                Assert.AreEqual(Payload, raw[RawBuffer.PayloadFree]);
                presence.Dispose();
                memory.Close();
                memory.Leave();
            }
        }

        /// <summary>A writer dies that had taken space for a frame of 100 bytes and not counted it.</summary>
        private static void DieWithSpace(RingReader reader, RawBuffer raw, int counted)
        {
            raw[RawBuffer.WriterPid] = DeadPid();
            for (int sequence = 1; sequence <= counted; sequence++)
            {
                PeerWrites(raw, 200, (ulong)sequence);
                using (Frame frame = reader.Read())
                {
                    Assert.AreEqual((ulong)sequence, frame.Sequence);
                }
            }
            raw[RawBuffer.WritePos] += HeaderSize + 100;
            raw[RawBuffer.PayloadFree] -= HeaderSize + 100;
        }

        [Test]
        public void PeersCountWrapsWithoutAMarker([Values(0, 1, 8, 15, 16, 17)] int tail)
        {
            int size = (Payload - tail) / 2 - HeaderSize;
            using (RingReader reader = RingReader.Create(Name, 0, Payload, Patient))
            {
                var raw = new RawBuffer(Name);
                raw[RawBuffer.WriterPid] = (ulong)Process.GetCurrentProcess().Id;
                for (ulong sequence = 1; sequence <= 400; sequence++)
                {
                    PeerWrites(raw, size, sequence);
                    using (Frame frame = reader.Read())
                    {
                        Assert.AreEqual(sequence, frame.Sequence);
                        Assert.AreEqual(size, frame.Size);
                    }
                }
                raw[RawBuffer.WriterPid] = 0;
                Fails(RingError.WriterGone, () => reader.Read());
                using (RingWriter next = RingWriter.Connect(Name, Patient))
                {
                    WritePattern(next, 10);
                    ReadAndCheck(reader, 1, 10);
                }
                Fails(RingError.WriterGone, () => reader.Read());
                Assert.AreEqual(raw[RawBuffer.WrittenCount], raw[RawBuffer.ReadCount]);
            }
        }

        /// <summary>Writes as peers do: a wrap is counted, and marked only where a marker fits.</summary>
        private static void PeerWrites(RawBuffer raw, int size, ulong sequence)
        {
            ulong total = (ulong)(HeaderSize + size);
            ulong position = raw[RawBuffer.WritePos];
            ulong tail = Payload - position;
            if (tail < total)
            {
                if (tail >= HeaderSize)
                {
                    raw.SetHeader((long)position, 0, 0);
                }
                raw[RawBuffer.PayloadFree] -= tail;
                raw[RawBuffer.WrittenCount]++;
                position = 0;
            }
            raw.SetHeader((long)position, (ulong)size, sequence);
            raw[RawBuffer.WritePos] = position + total;
            raw[RawBuffer.PayloadFree] -= total;
            raw[RawBuffer.WrittenCount]++;
            raw.DataTokens++;
        }

        [Test]
        public void AFifoUnderTheNameDoesNotHang()
        {
            string path = "/dev/shm/" + Name;
            using (Process process = Process.Start(new ProcessStartInfo("/usr/bin/mkfifo", path) { UseShellExecute = false }))
            {
                process.WaitForExit();
            }
            var connect = new Background(() => RingWriter.Connect(Name, Impatient));
            var inspect = new Background(() => RingInspector.Inspect(Name));
            Assert.IsInstanceOf<RingException>(connect.Failure());
            Assert.IsInstanceOf<RingException>(inspect.Failure());
            System.IO.File.Delete(path);
        }

        /// <summary>What is wrong with the data is said before what is wrong with the reader.</summary>
        [Test]
        public void MetadataIsCheckedBeforeTheReader()
        {
            RingReader reader = RingReader.Create(Name, 64, Payload);
            using (RingWriter writer = RingWriter.Connect(Name))
            {
                reader.Dispose();
                Fails(RingError.MetadataTooLarge, () => writer.WriteMetadata(new byte[57]));
                Fails(RingError.NoReader, () => writer.WriteMetadata(new byte[56]));
            }
        }

        private static ulong DeadPid()
        {
            using (Process process = Process.Start(new ProcessStartInfo("/bin/true") { UseShellExecute = false }))
            {
                process.WaitForExit();
                return (ulong)process.Id;
            }
        }
    }
}
