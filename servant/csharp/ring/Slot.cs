using System;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// The place of one frame that is filled in the shared memory itself (ring-buffer specification, P3). Nothing of
    /// it is visible to the reader before the commit; abandoned, or disposed without a commit, it changes nothing.
    /// </summary>
    public sealed unsafe class Slot : IDisposable
    {
        private readonly RingWriter _writer;
        private readonly byte* _data;
        private int _ended;

        internal Slot(RingWriter writer, Placement placement, byte* data, long size)
        {
            _writer = writer;
            _data = data;
            Placement = placement;
            Size = size;
        }

        /// <summary>The frame's size in bytes.</summary>
        public long Size { get; }

        /// <summary>The frame's first byte; valid until the slot is committed or abandoned.</summary>
        /// <exception cref="ObjectDisposedException">The slot was committed or abandoned.</exception>
        public byte* Data
        {
            get
            {
                if (Volatile.Read(ref _ended) != 0)
                {
                    throw Ended();
                }
                return _data;
            }
        }

        internal Placement Placement { get; }

        /// <summary>Publishes the frame, together with those appended before.</summary>
        /// <exception cref="ObjectDisposedException">The slot was committed or abandoned.</exception>
        /// <exception cref="RingException">NoReader, ReaderDead, Corrupt, Closed.</exception>
        public void Commit()
        {
            End();
            _writer.Commit(this, true);
        }

        /// <summary>Appends the frame without telling the reader; <see cref="RingWriter.Publish"/> publishes it.</summary>
        /// <exception cref="ObjectDisposedException">The slot was committed or abandoned.</exception>
        /// <exception cref="RingException">NoReader, ReaderDead, Corrupt, Closed.</exception>
        public void Append()
        {
            End();
            _writer.Commit(this, false);
        }

        /// <summary>Gives the place up; harmless after a commit.</summary>
        public void Abandon()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                _writer.Abandon(this);
            }
        }

        /// <summary>The same as <see cref="Abandon"/>.</summary>
        public void Dispose()
        {
            Abandon();
        }

        private void End()
        {
            if (Interlocked.Exchange(ref _ended, 1) != 0)
            {
                throw Ended();
            }
        }

        private static ObjectDisposedException Ended()
        {
            return new ObjectDisposedException(nameof(Slot), "the slot was committed or abandoned");
        }
    }
}
