using System;
using System.Collections.Generic;
using System.Threading;
using Parley.Ring;
using Parley.Servant;

namespace Parley.Steps
{
    /// <summary>A buffer that this process created, and the frames of it that it holds.</summary>
    internal sealed class ReaderEnd : IRingEnd
    {
        private const string Kind = "frame";

        private readonly RingReader _reader;
        private readonly Dictionary<ulong, Frame> _held = new Dictionary<ulong, Frame>();

        internal ReaderEnd(RingReader reader)
        {
            _reader = reader;
        }

        public string Name => "buffer '" + _reader.Name + "'";

        /// <summary>The sequence number that follows that of the frame read last.</summary>
        internal ulong NextSequence { get; private set; } = 1;

        /// <summary>The metadata, or null when none was written.</summary>
        internal byte[] Metadata()
        {
            return _reader.Metadata();
        }

        /// <summary>Reads the next frame, whatever it is, and holds it.</summary>
        internal Frame Take(CancellationToken cancellation)
        {
            Frame frame = _reader.Read(cancellation);
            _held[frame.Sequence] = frame;
            NextSequence = frame.Sequence + 1;
            return frame;
        }

        /// <summary>Reads the next frame, holds it, and checks its sequence number and size.</summary>
        internal Frame Take(ulong sequence, long size, CancellationToken cancellation)
        {
            Frame frame = Take(cancellation);
            CheckHeader(frame, sequence, size);
            return frame;
        }

        /// <summary>Reads the next frame, holds it, and checks its sequence number, size and every byte.</summary>
        internal void Read(ulong sequence, long size, CancellationToken cancellation)
        {
            Check(Take(cancellation), sequence, size);
        }

        /// <summary>Checks every byte of a frame that is held.</summary>
        internal void Check(ulong sequence)
        {
            FrameContent.Check(Holding(sequence), sequence, Kind);
        }

        /// <summary>Checks the sequence number, the size and every byte of a frame.</summary>
        internal static void Check(Frame frame, ulong sequence, long size)
        {
            CheckHeader(frame, sequence, size);
            FrameContent.Check(frame, sequence, Kind);
        }

        internal void Release(ulong sequence)
        {
            Frame frame = Holding(sequence);
            _held.Remove(sequence);
            frame.Release();
        }

        public void Dispose()
        {
            foreach (Frame frame in _held.Values)
            {
                frame.Release();
            }
            _held.Clear();
            _reader.Dispose();
        }

        /// <summary>A frame in words.</summary>
        internal static string Describe(Frame frame)
        {
            return "frame " + frame.Sequence + " of " + frame.Size + " bytes";
        }

        private static void CheckHeader(Frame frame, ulong sequence, long size)
        {
            if (frame.Sequence != sequence)
            {
                throw new StepFailedException(sequence, frame.Sequence, "sequence number of the frame");
            }
            FrameContent.CheckSize(frame, size, sequence, Kind);
        }

        private Frame Holding(ulong sequence)
        {
            if (_held.TryGetValue(sequence, out Frame frame))
            {
                return frame;
            }
            throw new InvalidOperationException("this process does not hold frame " + sequence + "; a step that reads it must come first");
        }
    }
}
