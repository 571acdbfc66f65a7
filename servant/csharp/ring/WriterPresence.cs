using System.Threading;

namespace Parley.Ring
{
    /// <summary>What a reader knows of its writer.</summary>
    internal enum WriterState
    {
        /// <summary>No writer ever connected.</summary>
        Never,

        /// <summary>A living writer is connected.</summary>
        Connected,

        /// <summary>The last writer closed in order.</summary>
        Gone,

        /// <summary>The writer's process died.</summary>
        Dead,
    }

    /// <summary>
    /// Follows writer_pid: who writes, whether that process lives, and whether a new writer may start again with
    /// sequence 1 (ring-buffer specification, P5 and "Death"). Safe for use by several threads.
    /// </summary>
    internal sealed unsafe class WriterPresence
    {
        private readonly RingMemory _memory;
        private readonly object _gate = new object();
        private ProcessWatch _watch;
        private bool _isDisposed;
        private bool _seen;
        private bool _departed;
        private bool _mayHaveLeftSpace;
        private long _streamPid;

        internal WriterPresence(RingMemory memory)
        {
            _memory = memory;
        }

        /// <summary>Whether a writer may have died with space that no frame takes.</summary>
        internal bool MayHaveLeftSpace
        {
            get { return Volatile.Read(ref _mayHaveLeftSpace); }
            set { Volatile.Write(ref _mayHaveLeftSpace, value); }
        }

        /// <summary>Whether no frame will come, looked at now.</summary>
        /// <exception cref="RingException">As <see cref="Look"/>.</exception>
        internal bool IsAbsent
        {
            get
            {
                long pid;
                WriterState state = Look(out pid);
                return state == WriterState.Gone || state == WriterState.Dead;
            }
        }

        /// <summary>Looks at the writer now.</summary>
        /// <exception cref="RingException">Corrupt: writer_pid is no process id.</exception>
        internal WriterState Look(out long pid)
        {
            pid = _memory.Load(_memory.WriterPid, Layout.WriterPidField, (long)Layout.PidMax);
            if (pid == 0)
            {
                NoteDeparture();
                return Volatile.Read(ref _seen) || HasWritten() ? WriterState.Gone : WriterState.Never;
            }
            Volatile.Write(ref _seen, true);
            lock (_gate)
            {
                if (_isDisposed)
                {
                    throw RingException.Closed(_memory.Name);
                }
                if (_watch == null || _watch.Pid != pid)
                {
                    _watch?.Dispose();
                    _watch = new ProcessWatch((int)pid);
                    // Its place may be that of one that was killed.
                    MayHaveLeftSpace = true;
                }
                if (_watch.IsDead)
                {
                    MayHaveLeftSpace = true;
                    return WriterState.Dead;
                }
                return WriterState.Connected;
            }
        }

        /// <summary>Remembers that there was no writer at this moment, if so; one load.</summary>
        internal void NoteDeparture()
        {
            if (Volatile.Read(ref *_memory.WriterPid) == 0)
            {
                Volatile.Write(ref _departed, true);
            }
        }

        /// <summary>A token without a frame came: a writer was here and closed.</summary>
        internal void NoteClosePost()
        {
            Volatile.Write(ref _seen, true);
            Volatile.Write(ref _departed, true);
        }

        /// <summary>
        /// Whether a frame with sequence 1 may begin a new stream now; if so, the connected writer owns that stream. A
        /// writer that reconnects under the same pid shows in nothing but its sequence numbers.
        /// </summary>
        /// <param name="moved">
        /// read_pos was changed by somebody else. A writer may rewind it, but so may corruption, and an old frame 1
        /// must not be read twice: then only a change of the writer makes the frame credible.
        /// </param>
        internal bool TryStartStream(bool moved)
        {
            long pid = Volatile.Read(ref *_memory.WriterPid);
            if (moved && !Volatile.Read(ref _departed) && pid == _streamPid)
            {
                return false;
            }
            _streamPid = pid;
            Volatile.Write(ref _seen, true);
            Volatile.Write(ref _departed, false);
            MayHaveLeftSpace = true;
            return true;
        }

        internal void Dispose()
        {
            lock (_gate)
            {
                _isDisposed = true;
                _watch?.Dispose();
                _watch = null;
            }
        }

        private bool HasWritten()
        {
            return Volatile.Read(ref *_memory.WrittenCount) != 0 || Volatile.Read(ref *_memory.MetadataWritten) != 0;
        }
    }
}
