using System;
using System.Collections.Generic;
using Parley.Ring;

namespace Parley.Steps
{
    /// <summary>How fast this process reads frames.</summary>
    public sealed class RateMeter
    {
        // Bounds of what is copied to measure memcpy, in bytes.
        private const long LeastCopied = 1 << 20;
        private const long MostCopied = 1 << 30;

        private readonly RingProcess _process;

        /// <param name="process">What this process has open.</param>
        public RateMeter(RingProcess process)
        {
            _process = process;
        }

        /// <summary>The rates of the scenario in frames a second, in the order of measuring.</summary>
        internal List<double> Rates { get; } = new List<double>();

        /// <summary>
        /// Reads, checks and releases frames. The clock starts when the first of several frames is read, which does not
        /// count then: when the writer began is not the reader's matter.
        /// </summary>
        /// <param name="from">The first frame's sequence number.</param>
        /// <param name="to">The last frame's, at least <paramref name="from"/>.</param>
        /// <param name="size">Of each frame, in bytes.</param>
        /// <param name="megabytes">The throughput in 10^6 bytes a second.</param>
        internal Figures Measure(ulong from, ulong to, int size, out double megabytes)
        {
            if (from > to)
            {
                throw new ArgumentException("frames " + from + " to " + to + " are none; the first number must not be above the second");
            }
            ReaderEnd reader = _process.Reader;
            long start = Clock.Now;
            long processorStart = Clock.ProcessorTime;
            for (ulong sequence = from; sequence <= to; sequence++)
            {
                reader.Read(sequence, size, _process.Cancellation);
                reader.Release(sequence);
                if (sequence == from && from < to)
                {
                    start = Clock.Now;
                    processorStart = Clock.ProcessorTime;
                }
            }
            double took = Math.Max(1, Clock.Now - start);
            double rate = Math.Max(1, to - from) * Clock.Second / took;
            megabytes = rate * size / 1e6;
            Rates.Add(rate);
            return new Figures("transfer of " + size + " bytes a frame")
                .Add("rate", rate, Figures.FramesPerSecond)
                .Add("throughput", megabytes, Figures.MegabytesPerSecond)
                .Add("processor", 100 * (Clock.ProcessorTime - processorStart) / took, Figures.Percent);
        }

        /// <summary>Copies memory again and again.</summary>
        /// <param name="size">Of each copy, in bytes, at least 1.</param>
        /// <param name="volume">How much to copy in all, in bytes, within bounds.</param>
        /// <returns>10^6 bytes a second.</returns>
        internal static unsafe double MeasureMemcpy(int size, long volume)
        {
            long times = Math.Max(1, Math.Min(Math.Max(volume, LeastCopied), MostCopied) / size);
            fixed (byte* source = new byte[size], destination = new byte[size])
            {
                // The first copy brings the pages into being, of which those never written would all be one.
                TestPattern.FillFrame(source, size, 1);
                Buffer.MemoryCopy(source, destination, size, size);
                long start = Clock.Now;
                for (long i = 0; i < times; i++)
                {
                    Buffer.MemoryCopy(source, destination, size, size);
                }
                return (double)times * size / 1e6 * Clock.Second / Math.Max(1, Clock.Now - start);
            }
        }
    }
}
