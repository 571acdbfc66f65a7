using System;
using System.Runtime.InteropServices;
using System.Threading;
using Parley.Ring;
using Parley.Servant;

namespace Parley.Steps
{
    /// <summary>Frames that say when they were written.</summary>
    internal static unsafe class TimeStamps
    {
        /// <summary>A frame's content; little endian, as the machine.</summary>
        [StructLayout(LayoutKind.Sequential)]
        private struct Stamp
        {
            /// <summary>When it was written, of <see cref="Clock.Now"/>.</summary>
            internal long Written;

            /// <summary>From 1.</summary>
            internal long Number;
        }

        /// <summary>Writes the first stamp at once and the others when the rate says; one that is late does not delay
        /// the next.</summary>
        /// <param name="writer">Where to.</param>
        /// <param name="stamps">How many.</param>
        /// <param name="rate">How many a second, at least 1.</param>
        /// <param name="cancellation">Ends the waits.</param>
        internal static void Write(WriterEnd writer, long stamps, long rate, CancellationToken cancellation)
        {
            if (rate < 1)
            {
                throw new ArgumentException(rate + " time stamps a second are none; the rate must be at least 1");
            }
            long start = Clock.Now;
            for (long n = 0; n < stamps; n++)
            {
                Clock.PauseUntil(start + (long)((double)n * Clock.Second / rate), cancellation);
                var stamp = new Stamp { Written = Clock.Now, Number = n + 1 };
                writer.Write((byte*)&stamp, sizeof(Stamp), cancellation);
            }
        }

        /// <summary>Reads stamps and checks their numbers.</summary>
        /// <returns>How long each was on its way, in nanoseconds.</returns>
        /// <exception cref="StepFailedException">A stamp is missing, or was written after it was read.</exception>
        internal static long[] Read(ReaderEnd reader, int stamps, CancellationToken cancellation)
        {
            if (stamps < 1)
            {
                throw new ArgumentException(stamps + " time stamps are none; read at least 1");
            }
            var delays = new long[stamps];
            for (int n = 0; n < stamps; n++)
            {
                Frame frame = reader.Take(cancellation);
                long now = Clock.Now;
                if (frame.Size != sizeof(Stamp))
                {
                    throw new StepFailedException(sizeof(Stamp), frame.Size, "bytes of time stamp " + (n + 1));
                }
                var stamp = (Stamp*)frame.Data;
                if (stamp->Number != n + 1)
                {
                    throw new StepFailedException(n + 1, stamp->Number, "number of the time stamp");
                }
                if (stamp->Written > now)
                {
                    throw new StepFailedException("before it was read", stamp->Written - now + " ns after", "time stamp " + (n + 1) + " was written");
                }
                delays[n] = now - stamp->Written;
                reader.Release(frame.Sequence);
            }
            return delays;
        }
    }
}
