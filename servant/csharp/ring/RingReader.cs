using System;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// The reading end of a ring: it creates the buffer and removes it when it is disposed. Its methods may be called
    /// from several threads; each frame is delivered once, and one reader thread sees the writer's order.
    /// </summary>
    public sealed unsafe class RingReader : IDisposable
    {
        // How long the counters may contradict a token: a writer updates them one after the other.
        internal static readonly TimeSpan Suspicion = TimeSpan.FromMilliseconds(10);

        private readonly RingMemory _memory;
        private readonly RingFiles _files;
        private readonly RingOptions _options;
        private readonly Waiting _waiting;
        private readonly WriterPresence _writer;
        private readonly FrameIntake _intake;
        private readonly FrameView[] _one = new FrameView[1];

        private RingReader(RingMemory memory, RingFiles files, RingOptions options)
        {
            _memory = memory;
            _files = files;
            _options = options;
            _waiting = new Waiting(options.Spin);
            _writer = new WriterPresence(memory);
            _intake = new FrameIntake(memory, _writer, Native.getpid());
        }

        /// <summary>The buffer's name.</summary>
        public string Name => _memory.Name;

        /// <summary>Size of the metadata block in bytes, as rounded up.</summary>
        public long MetadataSize => _memory.MetadataSize;

        /// <summary>Size of the payload in bytes, as rounded up.</summary>
        public long PayloadSize => _memory.PayloadSize;

        /// <summary>Called while a read waits and no writer ever connected; it throws when none will.</summary>
        internal Action CheckWithoutWriter { get; set; }

        /// <summary>
        /// Creates a buffer; what a dead process left under this name is removed first (ring-buffer specification,
        /// "Creating, connecting, closing").
        /// </summary>
        /// <param name="name">The buffer's name; see <see cref="RingName"/>.</param>
        /// <param name="metadataSize">Bytes for metadata with its 8-byte prefix, rounded up to 64; 0 for no block.</param>
        /// <param name="payloadSize">Bytes for frames and their 16-byte headers, at least 1, rounded up to 64.</param>
        /// <param name="options">Waits of this end; null for the defaults.</param>
        /// <exception cref="RingException">InvalidName, InUse, System.</exception>
        public static RingReader Create(string name, int metadataSize, long payloadSize, RingOptions options = null)
        {
            RingName parsed = RingName.Parse(name);
            if (metadataSize < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(metadataSize), "the metadata size is at least 0 bytes");
            }
            if (payloadSize < 1 || payloadSize > long.MaxValue / 2)
            {
                throw new ArgumentOutOfRangeException(nameof(payloadSize),
                    "the payload size is at least 1 byte and at most " + long.MaxValue / 2);
            }
            Native.RequirePlatform();
            RingMemory memory;
            RingFiles files = RingFiles.Create(parsed, Layout.RoundUp(metadataSize), Layout.RoundUp(payloadSize),
                out memory);
            return new RingReader(memory, files, options ?? new RingOptions());
        }

        /// <summary>Reads the next frame in place, waiting for it up to the timeout.</summary>
        /// <param name="cancellation">Ends the wait with <see cref="OperationCanceledException"/>.</param>
        /// <exception cref="RingException">
        /// ReadTimeout; WriterGone or WriterDead after the last complete frame; SequenceGap; Corrupt; Closed.
        /// </exception>
        public Frame Read(CancellationToken cancellation = default(CancellationToken))
        {
            FrameView view;
            long ticket;
            ReadInto(_one, 1, cancellation, out view, out ticket);
            return new Frame(this, view, ticket);
        }

        /// <summary>
        /// Reads as many frames as are there, at least one, at most the batch's capacity; the batch must be released
        /// before it is used again. Waits for the first frame only.
        /// </summary>
        /// <returns>How many frames the batch holds now.</returns>
        /// <exception cref="InvalidOperationException">The batch still holds frames.</exception>
        /// <exception cref="RingException">As for <see cref="Read"/>.</exception>
        public int ReadBatch(FrameBatch batch, CancellationToken cancellation = default(CancellationToken))
        {
            if (batch == null)
            {
                throw new ArgumentNullException(nameof(batch));
            }
            if (batch.Count > 0)
            {
                throw new InvalidOperationException("the batch still holds " + batch.Count + " frames; release it first");
            }
            FrameView first;
            long ticket;
            int count = ReadInto(batch.Views, batch.Capacity, cancellation, out first, out ticket);
            batch.Fill(this, ticket, count);
            return count;
        }

        /// <summary>A copy of the metadata, or null when none was written yet.</summary>
        /// <exception cref="RingException">NoMetadataBlock, Corrupt, Closed.</exception>
        public byte[] Metadata()
        {
            _memory.Enter();
            try
            {
                return MetadataBlock.Read(_memory);
            }
            finally
            {
                _memory.Leave();
            }
        }

        /// <summary>Whether a living writer is connected now.</summary>
        /// <exception cref="RingException">Corrupt, Closed.</exception>
        public bool HasWriter
        {
            get
            {
                _memory.Enter();
                try
                {
                    long pid;
                    return _writer.Look(out pid) == WriterState.Connected;
                }
                finally
                {
                    _memory.Leave();
                }
            }
        }

        /// <summary>
        /// Waits until a living writer is connected, or one that has gone since left frames to read; at most the
        /// timeout.
        /// </summary>
        /// <exception cref="RingException">ReadTimeout, Corrupt, Closed.</exception>
        public void WaitForWriter(CancellationToken cancellation = default(CancellationToken))
        {
            _memory.Enter();
            try
            {
                long deadline = Waiting.Deadline(_options.Timeout);
                long pid;
                while (_writer.Look(out pid) != WriterState.Connected && !_intake.HasCompleteFrame())
                {
                    cancellation.ThrowIfCancellationRequested();
                    RequireOpen();
                    if (Waiting.HasPassed(deadline))
                    {
                        throw RingException.ReadTimeout(Name, _options.Timeout, "no writer connected");
                    }
                    // A connecting writer posts nothing, so its pid is looked for.
                    Thread.Sleep(1);
                }
            }
            finally
            {
                _memory.Leave();
            }
        }

        /// <summary>
        /// Closes this end: the writer learns of it at once, the buffer's files are removed, a read that is blocked
        /// ends with Closed. Frames that are held stay readable until they are released.
        /// </summary>
        public void Dispose()
        {
            if (!_memory.Close())
            {
                return;
            }
            Volatile.Write(ref *_memory.ReaderPid, 0);
            _memory.Space.Post(1);
            _memory.Data.Wake(int.MaxValue);
            _files.Dispose();
            _writer.Dispose();
            _memory.Leave();
        }

        internal void Release(long ticket)
        {
            _intake.Release(ticket);
            _memory.Leave();
        }

        /// <summary>Reads 1 to <paramref name="max"/> frames; the memory stays entered until their release.</summary>
        private int ReadInto(FrameView[] views, int max, CancellationToken cancellation, out FrameView first,
            out long ticket)
        {
            _memory.Enter();
            try
            {
                long deadline = 0;
                long patience = 0;
                cancellation.ThrowIfCancellationRequested();
                while (true)
                {
                    bool hasToken = _memory.Data.TryTake();
                    if (!hasToken)
                    {
                        deadline = deadline == 0 ? Waiting.Deadline(_options.Timeout) : deadline;
                        hasToken = WaitForToken(deadline, cancellation);
                    }
                    bool isContradiction;
                    int count = _intake.Take(views, max, hasToken, out first, out ticket, out isContradiction);
                    if (count > 0)
                    {
                        return count;
                    }
                    if (isContradiction)
                    {
                        patience = patience == 0 ? Waiting.Deadline(Suspicion) : patience;
                        if (Waiting.HasPassed(patience))
                        {
                            throw _intake.Contradiction();
                        }
                        Thread.Yield();
                    }
                }
            }
            catch
            {
                _memory.Leave();
                throw;
            }
        }

        /// <summary>True with a token; false when a dead writer left frames without their tokens.</summary>
        private bool WaitForToken(long deadline, CancellationToken cancellation)
        {
            var side = new ReaderSide(this);
            if (_waiting.Wait(side, _memory.Data, deadline, cancellation))
            {
                return !side.HasFrameWithoutToken;
            }
            long pid;
            string why = _writer.Look(out pid) == WriterState.Connected
                ? "writer pid " + pid + " is connected"
                : "no writer is connected";
            throw RingException.ReadTimeout(Name, _options.Timeout, why);
        }

        private void RequireOpen()
        {
            if (_memory.IsClosed)
            {
                throw RingException.Closed(Name);
            }
        }

        /// <summary>One blocked read.</summary>
        private sealed class ReaderSide : IWaitingSide
        {
            private readonly RingReader _reader;
            private long _late;

            internal ReaderSide(RingReader reader)
            {
                _reader = reader;
            }

            public bool NeedsToken => true;

            internal bool HasFrameWithoutToken { get; private set; }

            /// <summary>A writer's token comes right after its frame; one that is killed between them never posts.</summary>
            private bool IsLate()
            {
                _late = _late == 0 ? Waiting.Deadline(Suspicion) : _late;
                return Waiting.HasPassed(_late);
            }

            private bool FindWithoutToken()
            {
                HasFrameWithoutToken = _reader._intake.HasCompleteFrame();
                if (!HasFrameWithoutToken)
                {
                    _reader._intake.Reclaim();
                }
                return HasFrameWithoutToken;
            }

            public bool TryProceed()
            {
                return _reader._memory.Data.TryTake();
            }

            public void PrepareSleep()
            {
            }

            public bool CheckPeer()
            {
                _reader.RequireOpen();
                long pid;
                WriterState state = _reader._writer.Look(out pid);
                if (state == WriterState.Never)
                {
                    _reader.CheckWithoutWriter?.Invoke();
                }
                if (state == WriterState.Never || state == WriterState.Connected)
                {
                    return IsLate() && FindWithoutToken();
                }
                // The writer posts its frames before it leaves, so what is not here now never comes.
                if (TryProceed())
                {
                    return true;
                }
                if (FindWithoutToken())
                {
                    return true;
                }
                throw state == WriterState.Dead
                    ? RingException.WriterDead(_reader.Name, pid)
                    : RingException.WriterGone(_reader.Name);
            }
        }
    }
}
