using System;
using System.Diagnostics;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// Follows reader_pid for a connected writer (ring-buffer specification, "Death"). One thread at a time.
    /// </summary>
    internal sealed unsafe class ReaderPresence : IDisposable
    {
        private readonly RingMemory _memory;
        private readonly ProcessWatch _watch;

        // Asking the kernel before every frame would cost more than the frame. Within this time after an answer the
        // reader counts as alive.
        private readonly long _validity = Stopwatch.Frequency / 10000;
        private long _lastLook;

        internal ReaderPresence(RingMemory memory, ProcessWatch watch)
        {
            _memory = memory;
            _watch = watch;
            _lastLook = Stopwatch.GetTimestamp();
        }

        /// <exception cref="RingException">NoReader, ReaderDead, Corrupt.</exception>
        internal void Require()
        {
            RequirePid();
            long now = Stopwatch.GetTimestamp();
            if (now - _lastLook >= _validity)
            {
                RequireAlive();
                _lastLook = now;
            }
        }

        /// <summary>The same, and asks the kernel in any case.</summary>
        /// <exception cref="RingException">NoReader, ReaderDead, Corrupt.</exception>
        internal void RequireNow()
        {
            RequirePid();
            RequireAlive();
        }

        public void Dispose()
        {
            _watch.Dispose();
        }

        private void RequirePid()
        {
            long pid = Volatile.Read(ref *_memory.ReaderPid);
            if (pid == _watch.Pid)
            {
                return;
            }
            throw pid == 0
                ? RingException.NoReader(_memory.Name, "it closed in order")
                : RingException.Corrupt(_memory.Name, Layout.ReaderPidField, (ulong)pid, (ulong)_watch.Pid);
        }

        private void RequireAlive()
        {
            if (_watch.IsDead)
            {
                throw RingException.ReaderDead(_memory.Name, _watch.Pid);
            }
        }
    }
}
