using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// A writer's bookkeeping: where the next frame goes, and what is appended and not published (ring-buffer
    /// specification, "Writing a frame"). It never waits. One thread at a time.
    /// </summary>
    internal sealed unsafe class FrameOutlet
    {
        private readonly RingMemory _memory;
        private long _writtenCount;
        private int _markers;
        private long _bytes;
        private long _writePos;
        private bool _isRewind;

        internal FrameOutlet(RingMemory memory)
        {
            _memory = memory;
            _writtenCount = Volatile.Read(ref *memory.WrittenCount);
        }

        internal ulong NextSequence { get; private set; } = 1;

        /// <summary>How many frames are appended and not published.</summary>
        internal int Appended { get; private set; }

        /// <summary>The count, which nobody else writes, must be as this writer left it.</summary>
        /// <exception cref="RingException">Corrupt.</exception>
        internal void RequireOwnCount()
        {
            long count = Volatile.Read(ref *_memory.WrittenCount);
            if (count != _writtenCount)
            {
                throw RingException.Corrupt(_memory.Name, Layout.WrittenCountField, (ulong)count, (ulong)_writtenCount);
            }
        }

        /// <summary>Finds the place of a frame, behind those appended, if the free space allows one.</summary>
        /// <exception cref="RingException">Corrupt.</exception>
        internal bool TryPlace(long total, out Placement placement)
        {
            long free = _memory.Load(_memory.PayloadFree, Layout.PayloadFreeField, _memory.PayloadSize);
            long position = _memory.Load(_memory.WritePos, Layout.WritePosField, _memory.PayloadSize);
            return Placement.TryFind(_memory.PayloadSize, Appended > 0 ? _writePos : position, free - _bytes, total,
                out placement);
        }

        /// <summary>Writes marker and header into free space, where no reader looks before they are published.</summary>
        internal void Append(ref Placement placement, long size)
        {
            if (placement.Tail > 0)
            {
                WriteHeader(_memory.PayloadSize - placement.Tail, 0, 0);
                _markers++;
                _bytes += placement.Tail;
            }
            _isRewind |= placement.IsRewind;
            WriteHeader(placement.Position, (ulong)size, NextSequence++);
            _writePos = placement.Position + Layout.FrameHeaderSize + size;
            _bytes += Layout.FrameHeaderSize + size;
            Appended++;
        }

        private void WriteHeader(long position, ulong size, ulong sequence)
        {
            ulong* header = (ulong*)(_memory.Payload + position);
            header[0] = size;
            header[1] = sequence;
        }

        /// <summary>
        /// Publishes what is appended: all counters once, then a token for each frame. The count grows last, so that
        /// nobody sees a frame whose space counts as free, and the position moves first, so that space which is taken
        /// without a frame shows (see <see cref="CountedFrames"/>).
        /// </summary>
        /// <exception cref="RingException">System: the semaphore is at its maximum.</exception>
        internal void Publish()
        {
            if (_isRewind)
            {
                Volatile.Write(ref *_memory.ReadPos, 0);
            }
            Volatile.Write(ref *_memory.WritePos, _writePos);
            Interlocked.Add(ref *_memory.PayloadFree, -_bytes);
            _writtenCount += Appended + _markers;
            Volatile.Write(ref *_memory.WrittenCount, _writtenCount);
            int tokens = Appended;
            _isRewind = false;
            _markers = 0;
            Appended = 0;
            _bytes = 0;
            if (!_memory.Data.Post(tokens))
            {
                throw RingException.System("sem_post", Native.EOVERFLOW, "sem-w of buffer '" + _memory.Name + "'");
            }
        }
    }
}
