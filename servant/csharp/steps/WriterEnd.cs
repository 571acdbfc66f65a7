using System;
using System.Threading;
using Parley.Ring;

namespace Parley.Steps
{
    /// <summary>A buffer that this process is connected to, and the frame that it has acquired.</summary>
    internal sealed class WriterEnd : IRingEnd
    {
        private readonly RingWriter _writer;
        private Slot _slot;
        private byte[] _scratch = new byte[0];

        internal WriterEnd(RingWriter writer)
        {
            _writer = writer;
        }

        public string Name => "buffer '" + _writer.Name + "'";

        /// <summary>The frames written since the writer connected: the next one has this number plus 1.</summary>
        internal long Written { get; private set; }

        /// <summary>Counted here, not asked of the ring: the reader checks the ring's own count against it.</summary>
        internal ulong NextSequence => (ulong)Written + 1;

        /// <summary>Writes the next frame of the test pattern.</summary>
        /// <param name="size">Its size in bytes.</param>
        /// <param name="cancellation">Ends the wait.</param>
        internal unsafe void Write(int size, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_scratch.Length < size)
            {
                _scratch = new byte[size];
            }
            fixed (byte* data = _scratch)
            {
                TestPattern.FillFrame(data, size, NextSequence);
            }
            _writer.Write(_scratch, 0, size, cancellation);
            Written++;
        }

        /// <summary>Writes the next frame with bytes of its own.</summary>
        internal unsafe void Write(byte* data, long size, CancellationToken cancellation)
        {
            _writer.Write(data, size, cancellation);
            Written++;
        }

        internal void WriteMetadata(int size)
        {
            _writer.WriteMetadata(TestPattern.Metadata(size));
        }

        /// <summary>Acquires the place of the next frame.</summary>
        /// <returns>Its place, to fill in the shared memory itself.</returns>
        internal Slot Acquire(long size, CancellationToken cancellation)
        {
            _slot = _writer.Acquire(size, cancellation);
            return _slot;
        }

        /// <summary>Fills the acquired frame in the shared memory itself.</summary>
        internal unsafe void Fill()
        {
            Slot slot = Acquired();
            TestPattern.FillFrame(slot.Data, slot.Size, NextSequence);
        }

        internal void Commit()
        {
            Slot slot = Acquired();
            _slot = null;
            slot.Commit();
            Written++;
        }

        internal void Abandon()
        {
            Slot slot = Acquired();
            _slot = null;
            slot.Abandon();
        }

        public void Dispose()
        {
            _slot?.Abandon();
            _slot = null;
            _writer.Dispose();
        }

        private Slot Acquired()
        {
            return _slot ?? throw new InvalidOperationException("this process has acquired no frame; a step that acquires one must come first");
        }
    }
}
