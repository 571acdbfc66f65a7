using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// The space of frames that were read, until it is free for the writer again (ring-buffer specification, "Reading a
    /// frame", P4 and P6). Not safe for use by several threads at once.
    /// </summary>
    internal sealed unsafe class HeldSpace
    {
        private readonly RingMemory _memory;
        private readonly HeldSpans _spans = new HeldSpans();

        internal HeldSpace(RingMemory memory)
        {
            _memory = memory;
        }

        /// <summary>The bytes of the ring that are not held: free, or of frames that were not read.</summary>
        internal long Room => _memory.PayloadSize - _spans.Bytes;

        /// <summary>Holds so many bytes; returns the ticket to release them with.</summary>
        internal long Hold(long bytes)
        {
            return _spans.Hold(bytes);
        }

        /// <summary>Releases what the ticket is for; true when the writer may be told that there is more space.</summary>
        internal bool Release(long ticket)
        {
            _spans.Release(ticket);
            return Return();
        }

        /// <summary>
        /// Adds what releases made free to the free bytes; true if there was any. What damage keeps it from adding stays
        /// for the next time.
        /// </summary>
        internal bool Return()
        {
            long end;
            long bytes = _spans.Settled(out end);
            if (bytes == 0 || (ulong)Volatile.Read(ref *_memory.PayloadFree) > (ulong)(_memory.PayloadSize - bytes))
            {
                return false;
            }
            _spans.Drop(bytes, end);
            Interlocked.Add(ref *_memory.PayloadFree, bytes);
            return true;
        }

        /// <summary>Says what a release, which reports nothing, could not return.</summary>
        /// <exception cref="RingException">Corrupt: more space would be free than there is.</exception>
        internal void RequireReturned()
        {
            long end;
            long bytes = _spans.Settled(out end);
            if (bytes > 0)
            {
                throw RingException.Corrupt(_memory.Name, Layout.PayloadFreeField,
                    (ulong)Volatile.Read(ref *_memory.PayloadFree), (ulong)(_memory.PayloadSize - bytes));
            }
        }

        /// <summary>Posts only for a writer that may find no token when it goes to sleep (P6).</summary>
        internal void Nudge()
        {
            if (_memory.Space.Value == 0 || _memory.Space.Waiters != 0)
            {
                _memory.Space.Post(1);
            }
        }
    }
}
