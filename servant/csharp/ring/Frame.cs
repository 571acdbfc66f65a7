using System;
using System.IO;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// A frame that was read, in place in the shared memory. Its space belongs to the reader until it is released;
    /// frames may be released in any order, on any thread, and twice. A frame stays readable after its reader is
    /// disposed.
    /// </summary>
    public sealed unsafe class Frame : IDisposable
    {
        private readonly RingReader _reader;
        private readonly long _ticket;
        private readonly byte* _data;
        private int _released;

        internal Frame(RingReader reader, FrameView view, long ticket)
        {
            _reader = reader;
            _ticket = ticket;
            _data = view.Data;
            Sequence = view.Sequence;
            Size = view.Size;
        }

        /// <summary>The frame's sequence number; the first frame of a writer has 1.</summary>
        public ulong Sequence { get; }

        /// <summary>The frame's size in bytes, at least 1.</summary>
        public long Size { get; }

        /// <summary>The frame's first byte; valid until the frame is released.</summary>
        /// <exception cref="ObjectDisposedException">The frame was released.</exception>
        public byte* Data
        {
            get
            {
                if (Volatile.Read(ref _released) != 0)
                {
                    throw new ObjectDisposedException(nameof(Frame), "frame " + Sequence + " was released");
                }
                return _data;
            }
        }

        /// <summary>A copy of the frame's bytes.</summary>
        /// <exception cref="ObjectDisposedException">The frame was released.</exception>
        public byte[] ToArray()
        {
            return Memory.ToArray(Data, Size);
        }

        /// <summary>The frame's bytes as a stream that reads them in place; valid until the frame is released.</summary>
        /// <exception cref="ObjectDisposedException">The frame was released.</exception>
        public UnmanagedMemoryStream OpenStream()
        {
            return new UnmanagedMemoryStream(Data, Size);
        }

        /// <summary>Gives the frame's space back to the writer; harmless when done before.</summary>
        public void Release()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
            {
                _reader.Release(_ticket);
            }
        }

        /// <summary>The same as <see cref="Release"/>.</summary>
        public void Dispose()
        {
            Release();
        }
    }
}
