using System;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// Walks over written frames without changing anything (ring-buffer specification, "Reading a frame"): wrap
    /// markers, tails too short for a marker, and headers that cannot be true.
    /// </summary>
    internal unsafe struct FrameCursor
    {
        private readonly RingMemory _memory;
        private readonly long _written;
        private readonly long _room;

        /// <param name="memory">The ring.</param>
        /// <param name="written">How many frames and markers are written and not read; a marker is one of two.</param>
        /// <param name="room">How many bytes of the ring are not held: frames that need more lie over held ones.</param>
        internal FrameCursor(RingMemory memory, long written, long room)
        {
            _memory = memory;
            _written = written;
            _room = room;
            Position = memory.Load(memory.ReadPos, Layout.ReadPosField, memory.PayloadSize);
            LeadingTail = 0;
            Bytes = 0;
            Count = 0;
            Unmarked = 0;
        }

        /// <summary>Where the next header is; P stands for 0.</summary>
        internal long Position { get; private set; }

        /// <summary>Bytes skipped by a wrap before the first frame.</summary>
        internal long LeadingTail { get; private set; }

        /// <summary>Bytes walked over after the leading tail: frames, and tails between them.</summary>
        internal long Bytes { get; private set; }

        /// <summary>Frames and markers walked over, as the reader counts them.</summary>
        internal long Count { get; private set; }

        /// <summary>Wraps without a marker, which the writer may have counted.</summary>
        internal long Unmarked { get; private set; }

        /// <summary>Whether the next header is that of a marker.</summary>
        internal bool IsAtMarker
        {
            get
            {
                long tail = _memory.PayloadSize - Position;
                return tail >= Layout.FrameHeaderSize && IsMarker(Position);
            }
        }

        /// <summary>Moves over the next frame.</summary>
        /// <exception cref="RingException">Corrupt; the cursor must then not be used any more.</exception>
        internal FrameView Next()
        {
            long size = _memory.PayloadSize;
            long position = Position == size ? 0 : Position;
            long tail = size - position;
            if (tail < Layout.FrameHeaderSize)
            {
                // A peer's writer can leave such a tail. It has no room for a marker and is not counted.
                Skip(tail);
                Unmarked++;
                position = 0;
            }
            else if (position > 0 && _written - Count >= 2 && IsMarker(position))
            {
                Skip(tail);
                Count++;
                position = 0;
            }
            byte* header = _memory.Payload + position;
            ulong frameSize = (ulong)Volatile.Read(ref *(long*)header);
            ulong sequence = *(ulong*)(header + 8);
            long room = Math.Max(_room - LeadingTail - Bytes - Layout.FrameHeaderSize, 0);
            long largest = Math.Min(size - Layout.FrameHeaderSize - position, room);
            if (frameSize == 0 || frameSize > (ulong)largest)
            {
                throw BadSize(frameSize, largest);
            }
            long total = Layout.FrameHeaderSize + (long)frameSize;
            Position = position + total;
            if (Position == size)
            {
                Unmarked++;
            }
            Bytes += total;
            Count++;
            return new FrameView(sequence, header + Layout.FrameHeaderSize, (long)frameSize);
        }

        private bool IsMarker(long position)
        {
            long* header = (long*)(_memory.Payload + position);
            return header[0] == 0 && header[1] == 0;
        }

        private void Skip(long tail)
        {
            if (Bytes == 0)
            {
                LeadingTail += tail;
            }
            else
            {
                Bytes += tail;
            }
        }

        private RingException BadSize(ulong size, long largest)
        {
            return RingException.Corrupt(_memory.Name, Layout.FrameSizeField, size, (ulong)largest);
        }
    }
}
