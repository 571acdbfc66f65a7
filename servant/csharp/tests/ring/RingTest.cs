using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using NUnit.Framework;
using Parley.Ring;

namespace Parley.Tests.Ring
{
    /// <summary>A fresh buffer name for each test, and the proof that the test left nothing behind.</summary>
    public abstract class RingTest
    {
        /// <summary>Long enough for any machine; reached only when something hangs.</summary>
        protected static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

        private static int _count;

        /// <summary>The test's buffer name, and the start of further ones.</summary>
        protected string Name { get; private set; }

        [SetUp]
        public void ChooseName()
        {
            Name = "parley-test-" + Process.GetCurrentProcess().Id + "-" + Interlocked.Increment(ref _count) + "-";
        }

        [TearDown]
        public void NothingIsLeft()
        {
            string[] left = new[] { "/dev/shm", "/tmp/zerobuffer" }
                .Where(Directory.Exists)
                .SelectMany(Directory.GetFileSystemEntries)
                .Where(path => path.Contains(Name))
                .ToArray();
            foreach (string path in left)
            {
                if (Directory.Exists(path))
                {
                    Directory.Delete(path);
                }
                else
                {
                    File.Delete(path);
                }
            }
            Assert.AreEqual("", string.Join(" ", left), "the test left something behind");
        }

        internal static RingOptions Patient => new RingOptions { Timeout = Long };

        internal static RingOptions Impatient => new RingOptions { Timeout = TimeSpan.FromMilliseconds(20) };

        internal static RingException Fails(RingError error, Action action)
        {
            RingException e = Assert.Throws<RingException>(() => action());
            Assert.AreEqual(error, e.Error, e.Message);
            return e;
        }

        /// <summary>Reads one frame, checks it against the pattern and releases it.</summary>
        internal static void ReadAndCheck(RingReader reader, ulong sequence, long size)
        {
            using (Frame frame = reader.Read())
            {
                Assert.AreEqual(sequence, frame.Sequence);
                Assert.AreEqual(size, frame.Size);
                Assert.AreEqual(-1, TestPattern.CheckFrame(frame), "first wrong byte of frame " + sequence);
            }
        }

        /// <summary>Writes the next frame of the pattern.</summary>
        internal static void WritePattern(RingWriter writer, int size)
        {
            writer.Write(TestPattern.Frame(writer.NextSequence, size));
        }

        internal static void WaitUntil(Func<bool> condition, string what)
        {
            Stopwatch waited = Stopwatch.StartNew();
            while (!condition())
            {
                if (waited.Elapsed > Long)
                {
                    Assert.Fail("waited in vain: " + what);
                }
                Thread.Sleep(1);
            }
        }
    }
}
