using System;
using System.Collections.Generic;
using System.Threading;
using Parley.Ring;
using Parley.Servant;

namespace Parley.Steps
{
    /// <summary>A buffer that this process created, and the frames of it that it holds.</summary>
    internal sealed class ReaderEnd : IDisposable
    {
        private readonly RingReader _reader;
        private readonly Dictionary<ulong, Frame> _held = new Dictionary<ulong, Frame>();

        internal ReaderEnd(RingReader reader)
        {
            _reader = reader;
        }

        internal string Name => _reader.Name;

        /// <summary>The metadata, or null when none was written.</summary>
        internal byte[] Metadata()
        {
            return _reader.Metadata();
        }

        /// <summary>Reads the next frame, whatever it is, and holds it.</summary>
        /// <returns>The frame in words.</returns>
        internal string ReadAny(CancellationToken cancellation)
        {
            Frame frame = _reader.Read(cancellation);
            _held[frame.Sequence] = frame;
            return "frame " + frame.Sequence + " of " + frame.Size + " bytes";
        }

        /// <summary>Reads the next frame, holds it, and checks its sequence number, size and every byte.</summary>
        internal void Read(ulong sequence, long size, CancellationToken cancellation)
        {
            Frame frame = _reader.Read(cancellation);
            _held[frame.Sequence] = frame;
            if (frame.Sequence != sequence)
            {
                throw new StepFailedException(sequence, frame.Sequence, "sequence number of the frame");
            }
            if (frame.Size != size)
            {
                throw new StepFailedException(size, frame.Size, "bytes of frame " + sequence);
            }
            CheckContent(frame);
        }

        /// <summary>Checks every byte of a frame that is held.</summary>
        internal void Check(ulong sequence)
        {
            CheckContent(Holding(sequence));
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

        private static unsafe void CheckContent(Frame frame)
        {
            long wrong = TestPattern.CheckFrame(frame);
            if (wrong >= 0)
            {
                throw new StepFailedException(
                    Hex((byte)((ulong)wrong + frame.Sequence)), Hex(frame.Data[wrong]), "byte " + wrong + " of frame " + frame.Sequence);
            }
        }

        private static string Hex(byte value)
        {
            return "0x" + value.ToString("x2");
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
