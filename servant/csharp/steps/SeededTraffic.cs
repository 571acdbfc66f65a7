using System;
using System.Collections.Generic;
using System.Threading;
using Parley.Ring;
using Parley.Servant;

namespace Parley.Steps
{
    /// <summary>Frames whose sizes are drawn from a seed, which writer and reader know.</summary>
    internal sealed class SeededTraffic
    {
        private readonly FrameSizes _sizes;

        // One byte larger than any other: by it the reader knows the end.
        private readonly int _closingSize;

        /// <param name="seed">Of the sizes.</param>
        /// <param name="min">The smallest size in bytes, at least 1.</param>
        /// <param name="max">The largest size in bytes, at least <paramref name="min"/>.</param>
        /// <exception cref="ArgumentException">No frames have such sizes.</exception>
        internal SeededTraffic(ulong seed, int min, int max)
        {
            if (min < 1 || max < min || max == int.MaxValue)
            {
                throw new ArgumentException(
                    "frames of " + min + " to " + max + " bytes cannot be drawn; the first size must be at least 1 and not above the second");
            }
            _sizes = new FrameSizes(seed, min, max);
            _closingSize = max + 1;
        }

        internal void Write(WriterEnd writer, long frames, CancellationToken cancellation)
        {
            for (long i = 0; i < frames; i++)
            {
                writer.Write(NextSize(), cancellation);
            }
        }

        /// <summary>Writes until a point in time of <see cref="Clock.Now"/>, and then the closing frame.</summary>
        /// <returns>How many frames were written before the closing one.</returns>
        internal long WriteUntil(WriterEnd writer, long deadline, CancellationToken cancellation)
        {
            long before = writer.Written;
            while (Clock.Now < deadline)
            {
                writer.Write(NextSize(), cancellation);
            }
            long frames = writer.Written - before;
            writer.Write(_closingSize, cancellation);
            return frames;
        }

        /// <summary>Reads and checks frames, and holds each as long as <paramref name="holds"/> says; what is held is
        /// checked again before it is released.</summary>
        internal void Read(ReaderEnd reader, long frames, Holds holds, CancellationToken cancellation)
        {
            for (long i = 0; i < frames; i++)
            {
                ulong sequence = reader.NextSequence;
                reader.Read(sequence, NextSize(), cancellation);
                ReleaseUnchanged(reader, holds.Next(sequence, out long pause));
                Clock.PauseUntil(Clock.Now + pause * Clock.Microsecond, cancellation);
            }
            ReleaseUnchanged(reader, holds.Rest());
        }

        /// <summary>Reads, checks and releases frames up to the closing one.</summary>
        /// <returns>How many frames came before the closing one.</returns>
        /// <exception cref="StepFailedException">A frame is another one, or the closing one came first.</exception>
        internal long ReadUntilClosing(ReaderEnd reader, CancellationToken cancellation)
        {
            for (long frames = 0; ; frames++)
            {
                ulong sequence = reader.NextSequence;
                Frame frame = reader.Take(cancellation);
                bool isClosing = frame.Size == _closingSize;
                ReaderEnd.Check(frame, sequence, isClosing ? _closingSize : NextSize());
                reader.Release(sequence);
                if (isClosing)
                {
                    return frames > 0 ? frames : throw new StepFailedException("at least 1", 0, "frames before the closing one");
                }
            }
        }

        private static void ReleaseUnchanged(ReaderEnd reader, IReadOnlyList<ulong> sequences)
        {
            foreach (ulong sequence in sequences)
            {
                reader.Check(sequence);
                reader.Release(sequence);
            }
        }

        private int NextSize()
        {
            return (int)_sizes.Next();
        }
    }
}
