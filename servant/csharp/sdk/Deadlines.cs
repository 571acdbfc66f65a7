using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Parley.Servant
{
    /// <summary>Runs actions when their time has come, on a thread that no step can hold up.</summary>
    internal sealed class Deadlines
    {
        // Monitor.Wait takes an int; a wait this long is simply repeated.
        private const long LongestWaitMs = 24 * 60 * 60 * 1000;

        private readonly object _gate = new object();
        private readonly List<Deadline> _pending = new List<Deadline>();
        private readonly Workers _workers;
        private long _wakeAt = long.MaxValue;

        /// <param name="workers">Where the actions run.</param>
        internal Deadlines(Workers workers)
        {
            _workers = workers;
            new Thread(Watch) { IsBackground = true, Name = "parley deadlines" }.Start();
        }

        /// <summary>Has an action run after a time.</summary>
        /// <param name="milliseconds">From now; at least 0.</param>
        /// <param name="action">What to run, once.</param>
        /// <returns>Disposing of it calls the action off, unless it has begun.</returns>
        internal IDisposable After(long milliseconds, Action action)
        {
            double ticks = milliseconds * (Stopwatch.Frequency / 1000.0);
            long now = Stopwatch.GetTimestamp();
            var deadline = new Deadline(this, ticks < long.MaxValue - now ? now + (long)ticks : long.MaxValue, action);
            lock (_gate)
            {
                _pending.Add(deadline);
                if (deadline.At < _wakeAt)
                {
                    Monitor.Pulse(_gate);
                }
            }
            return deadline;
        }

        private void Watch()
        {
            lock (_gate)
            {
                while (true)
                {
                    long now = Stopwatch.GetTimestamp();
                    _wakeAt = long.MaxValue;
                    for (int i = _pending.Count - 1; i >= 0; i--)
                    {
                        Deadline deadline = _pending[i];
                        if (deadline.At <= now)
                        {
                            _pending.RemoveAt(i);
                            _workers.Run(deadline.Action);
                        }
                        else
                        {
                            _wakeAt = Math.Min(_wakeAt, deadline.At);
                        }
                    }
                    if (_wakeAt == long.MaxValue)
                    {
                        Monitor.Wait(_gate);
                        continue;
                    }
                    // Rounded up: a wake-up before the deadline would only wait again.
                    double milliseconds = Math.Ceiling((_wakeAt - now) * (1000.0 / Stopwatch.Frequency));
                    Monitor.Wait(_gate, (int)Math.Min(milliseconds, LongestWaitMs));
                }
            }
        }

        private void Remove(Deadline deadline)
        {
            lock (_gate)
            {
                _pending.Remove(deadline);
            }
        }

        private sealed class Deadline : IDisposable
        {
            private readonly Deadlines _owner;

            internal Deadline(Deadlines owner, long at, Action action)
            {
                _owner = owner;
                At = at;
                Action = action;
            }

            internal long At { get; }

            internal Action Action { get; }

            public void Dispose()
            {
                _owner.Remove(this);
            }
        }
    }
}
