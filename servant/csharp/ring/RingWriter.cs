using System;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// The writing end of a ring. One thread uses it at a time; only <see cref="Dispose"/> may be called while another
    /// thread is inside.
    /// </summary>
    public sealed unsafe class RingWriter : IDisposable
    {
        private readonly RingMemory _memory;
        private readonly RingOptions _options;
        private readonly Waiting _waiting;
        private readonly ReaderPresence _reader;
        private readonly WriterSide _side;
        private readonly int _pid;
        private readonly FrameOutlet _outlet;
        private int _busy;
        private Slot _slot;

        private RingWriter(RingMemory memory, ReaderPresence reader, int pid, RingOptions options)
        {
            _memory = memory;
            _reader = reader;
            _pid = pid;
            _options = options;
            _waiting = new Waiting(options.Spin);
            _outlet = new FrameOutlet(memory);
            _side = new WriterSide(memory, _outlet, reader);
        }

        /// <summary>The buffer's name.</summary>
        public string Name => _memory.Name;

        /// <summary>Size of the metadata block in bytes.</summary>
        public long MetadataSize => _memory.MetadataSize;

        /// <summary>Size of the payload in bytes.</summary>
        public long PayloadSize => _memory.PayloadSize;

        /// <summary>The largest frame that this ring takes, in bytes.</summary>
        public long LargestFrame => _memory.PayloadSize - Layout.FrameHeaderSize;

        /// <summary>The sequence number that the next frame gets.</summary>
        public ulong NextSequence => _outlet.NextSequence;

        /// <summary>How many frames are appended and not published.</summary>
        public int Appended => _outlet.Appended;

        /// <summary>
        /// Connects to a buffer as its only writer (ring-buffer specification, "Creating, connecting, closing").
        /// </summary>
        /// <param name="name">The buffer's name; see <see cref="RingName"/>.</param>
        /// <param name="options">Waits of this end; null for the defaults.</param>
        /// <exception cref="RingException">
        /// InvalidName, NotFound, NoReader, WriterExists, VersionMismatch, Corrupt, System.
        /// </exception>
        public static RingWriter Connect(string name, RingOptions options = null)
        {
            RingName parsed = RingName.Parse(name);
            Native.RequirePlatform();
            int pid = Native.getpid();
            ProcessWatch reader;
            RingMemory memory = Connection.Open(parsed, pid, out reader);
            if (Volatile.Read(ref *memory.PayloadFree) == memory.PayloadSize)
            {
                // What an earlier writer posted at its close would count as a frame of this one.
                memory.Data.Drain();
            }
            return new RingWriter(memory, new ReaderPresence(memory, reader), pid, options ?? new RingOptions());
        }

        /// <summary>Writes one frame, waiting for space up to the timeout.</summary>
        /// <param name="data">The frame's bytes, 1 to <see cref="LargestFrame"/>.</param>
        /// <param name="cancellation">Ends the wait with <see cref="OperationCanceledException"/>.</param>
        /// <exception cref="RingException">
        /// EmptyFrame, FrameTooLarge, BufferFull, NoReader, ReaderDead, Corrupt, Closed.
        /// </exception>
        public void Write(byte[] data, CancellationToken cancellation = default(CancellationToken))
        {
            Memory.RequireRange(data, 0, data?.Length ?? 0);
            Write(data, 0, data.Length, cancellation);
        }

        /// <summary>Writes one frame from a part of an array.</summary>
        /// <exception cref="RingException">As for <see cref="Write(byte[], CancellationToken)"/>.</exception>
        public void Write(byte[] data, int offset, int count,
            CancellationToken cancellation = default(CancellationToken))
        {
            Memory.RequireRange(data, offset, count);
            fixed (byte* start = data)
            {
                Write(start + offset, count, cancellation);
            }
        }

        /// <summary>Writes one frame from memory.</summary>
        /// <exception cref="RingException">As for <see cref="Write(byte[], CancellationToken)"/>.</exception>
        public void Write(byte* data, long size, CancellationToken cancellation = default(CancellationToken))
        {
            Enter();
            try
            {
                AppendCopy(data, size, cancellation);
                _outlet.Publish();
            }
            finally
            {
                Exit();
            }
        }

        /// <summary>
        /// Writes one frame into the ring without telling the reader; <see cref="Publish"/> publishes all appended
        /// frames at once. When the ring has no room left, what is appended is published first.
        /// </summary>
        /// <exception cref="RingException">As for <see cref="Write(byte[], CancellationToken)"/>.</exception>
        public void Append(byte[] data, int offset, int count,
            CancellationToken cancellation = default(CancellationToken))
        {
            Memory.RequireRange(data, offset, count);
            fixed (byte* start = data)
            {
                Append(start + offset, count, cancellation);
            }
        }

        /// <summary>Appends one frame from memory.</summary>
        /// <exception cref="RingException">As for <see cref="Write(byte[], CancellationToken)"/>.</exception>
        public void Append(byte* data, long size, CancellationToken cancellation = default(CancellationToken))
        {
            Enter();
            try
            {
                AppendCopy(data, size, cancellation);
            }
            finally
            {
                Exit();
            }
        }

        /// <summary>Publishes the appended frames; nothing happens when there are none.</summary>
        /// <exception cref="RingException">NoReader, ReaderDead, Corrupt, Closed.</exception>
        public void Publish()
        {
            Enter();
            try
            {
                if (_outlet.Appended > 0)
                {
                    RequireConnected();
                    _outlet.RequireOwnCount();
                    _outlet.Publish();
                }
            }
            finally
            {
                Exit();
            }
        }

        /// <summary>
        /// Reserves the place of one frame for filling it in place, waiting for space up to the timeout. The frame
        /// takes its sequence number, and the ring changes, only when the slot is committed. One slot is open at a
        /// time.
        /// </summary>
        /// <param name="size">The frame's size, 1 to <see cref="LargestFrame"/> bytes.</param>
        /// <param name="cancellation">Ends the wait with <see cref="OperationCanceledException"/>.</param>
        /// <exception cref="RingException">As for <see cref="Write(byte[], CancellationToken)"/>.</exception>
        public Slot Acquire(long size, CancellationToken cancellation = default(CancellationToken))
        {
            Enter();
            try
            {
                byte* data = Place(size, cancellation);
                _memory.Enter();
                _slot = new Slot(this, _side.Placement, data, size);
                return _slot;
            }
            finally
            {
                Exit();
            }
        }

        /// <summary>Writes the buffer's metadata, once.</summary>
        /// <exception cref="RingException">
        /// NoMetadataBlock, MetadataTooLarge, MetadataAlreadyWritten, NoReader, ReaderDead, Corrupt, Closed.
        /// </exception>
        public void WriteMetadata(byte[] data)
        {
            if (data == null)
            {
                throw new ArgumentNullException(nameof(data));
            }
            Enter();
            try
            {
                MetadataBlock.RequireWritable(_memory, data.Length);
                RequireConnected();
                MetadataBlock.Write(_memory, data);
            }
            finally
            {
                Exit();
            }
        }

        /// <summary>Checks now that the reader is there and alive; may be called while another thread writes.</summary>
        /// <exception cref="RingException">NoReader, ReaderDead, Corrupt, Closed.</exception>
        public void RequireReader()
        {
            _memory.Enter();
            try
            {
                _reader.RequireNow();
            }
            finally
            {
                _memory.Leave();
            }
        }

        /// <summary>
        /// Closes this end: the reader reads what was published and then learns that the writer has gone. Appended
        /// frames and an open slot are dropped; a write that is blocked ends with Closed.
        /// </summary>
        public void Dispose()
        {
            if (!_memory.Close())
            {
                return;
            }
            while (Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
            {
                // A blocked write leaves as soon as it looks around; the wake can come just before it sleeps.
                _memory.Space.Wake(int.MaxValue);
                Thread.Sleep(0);
            }
            Interlocked.CompareExchange(ref *_memory.WriterPid, 0, _pid);
            _memory.Data.Post(1);
            _reader.Dispose();
            _memory.Leave();
        }

        internal void Commit(Slot slot, bool publish)
        {
            try
            {
                Enter();
                try
                {
                    CloseSlot(slot);
                    RequireConnected();
                    _outlet.RequireOwnCount();
                    Placement placement = slot.Placement;
                    _outlet.Append(ref placement, slot.Size);
                    if (publish)
                    {
                        _outlet.Publish();
                    }
                }
                finally
                {
                    Exit();
                }
            }
            finally
            {
                _memory.Leave();
            }
        }

        internal void Abandon(Slot slot)
        {
            CloseSlot(slot);
            _memory.Leave();
        }

        private void CloseSlot(Slot slot)
        {
            Interlocked.CompareExchange(ref _slot, null, slot);
        }

        private void AppendCopy(byte* data, long size, CancellationToken cancellation)
        {
            Buffer.MemoryCopy(data, Place(size, cancellation), size, size);
            _outlet.Append(ref _side.Placement, size);
        }

        /// <summary>Finds a frame's place, as <see cref="WriterSide.Placement"/>; returns where its data goes.</summary>
        private byte* Place(long size, CancellationToken cancellation)
        {
            if (_slot != null)
            {
                throw new InvalidOperationException("a slot is open; commit or abandon it first");
            }
            if (size <= 0)
            {
                throw RingException.EmptyFrame(Name);
            }
            if (size > LargestFrame)
            {
                throw RingException.FrameTooLarge(Name, size, LargestFrame);
            }
            cancellation.ThrowIfCancellationRequested();
            if (_outlet.Appended == 0)
            {
                RequireConnected();
                _outlet.RequireOwnCount();
            }
            _side.Total = size + Layout.FrameHeaderSize;
            if (!_side.TryProceed())
            {
                if (_outlet.Appended > 0)
                {
                    _outlet.Publish();
                }
                if (!_waiting.Wait(_side, _memory.Space, Waiting.Deadline(_options.Timeout), cancellation))
                {
                    throw RingException.BufferFull(Name, _options.Timeout, size);
                }
            }
            return _memory.Payload + _side.Placement.Position + Layout.FrameHeaderSize;
        }

        private void RequireConnected()
        {
            long writer = Volatile.Read(ref *_memory.WriterPid);
            if (writer != _pid)
            {
                throw RingException.Corrupt(Name, Layout.WriterPidField, (ulong)writer, (ulong)_pid);
            }
            _reader.Require();
        }

        private void Enter()
        {
            Claim();
            if (_memory.IsClosed)
            {
                Exit();
                throw RingException.Closed(Name);
            }
        }

        private void Claim()
        {
            if (Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
            {
                if (_memory.IsClosed)
                {
                    throw RingException.Closed(Name);
                }
                throw new InvalidOperationException("buffer '" + Name + "': another thread is using this writer");
            }
        }

        private void Exit()
        {
            Volatile.Write(ref _busy, 0);
        }
    }
}
