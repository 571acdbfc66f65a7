using System;

namespace Parley.Ring
{
    /// <summary>
    /// Several frames read at once and released at once; reused from call to call without allocation. A batch is used
    /// by one thread at a time.
    /// </summary>
    public sealed class FrameBatch : IDisposable
    {
        private readonly FrameView[] _views;
        private RingReader _reader;
        private long _ticket;

        /// <summary>Creates an empty batch.</summary>
        /// <param name="capacity">The most frames that one read puts into it, at least 1.</param>
        public FrameBatch(int capacity)
        {
            if (capacity < 1)
            {
                throw new ArgumentOutOfRangeException(nameof(capacity), "a batch holds at least one frame");
            }
            _views = new FrameView[capacity];
        }

        /// <summary>The most frames that one read puts into the batch.</summary>
        public int Capacity => _views.Length;

        /// <summary>How many frames the batch holds; 0 after its release.</summary>
        public int Count { get; private set; }

        /// <summary>A frame of the batch, in the order of writing; valid until the batch is released.</summary>
        /// <param name="index">0 to <see cref="Count"/> − 1.</param>
        public FrameView this[int index]
        {
            get
            {
                if ((uint)index >= (uint)Count)
                {
                    throw new ArgumentOutOfRangeException(nameof(index),
                        "index " + index + " in a batch of " + Count + " frames");
                }
                return _views[index];
            }
        }

        /// <summary>Gives the space of all frames back to the writer; harmless when done before.</summary>
        public void Release()
        {
            RingReader reader = _reader;
            if (reader == null)
            {
                return;
            }
            _reader = null;
            Count = 0;
            reader.Release(_ticket);
        }

        /// <summary>The same as <see cref="Release"/>.</summary>
        public void Dispose()
        {
            Release();
        }

        internal FrameView[] Views => _views;

        internal void Fill(RingReader reader, long ticket, int count)
        {
            _reader = reader;
            _ticket = ticket;
            Count = count;
        }
    }
}
