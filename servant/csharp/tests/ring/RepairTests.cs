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
