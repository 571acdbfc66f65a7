using System;
using System.Collections.Generic;
using System.Threading;

namespace Parley.Servant
{
    /// <summary>Threads for what may block: requests and the steps themselves. One that a step holds for ever costs
    /// nothing but itself, and never keeps the process alive. Not the class library's thread pool, whose threads
    /// blocking steps would use up, and which is slow to add new ones.</summary>
    internal sealed class Workers
    {
        private readonly object _gate = new object();
        private readonly Queue<Action> _queue = new Queue<Action>();
        private readonly int _standing;
        private int _idle;

        /// <param name="standing">How many threads to keep while there is nothing to do. They start at once: the
        /// number of threads is then the same before and after a scenario.</param>
        internal Workers(int standing)
        {
            _standing = standing;
            _idle = standing;
            for (int i = 0; i < standing; i++)
            {
                Start(null);
            }
        }

        /// <summary>Runs something on a thread of its own, without waiting.</summary>
        internal void Run(Action action)
        {
            lock (_gate)
            {
                if (_idle > _queue.Count)
                {
                    _queue.Enqueue(action);
                    Monitor.Pulse(_gate);
                    return;
                }
            }
            Start(action);
        }

        private static void Perform(Action action)
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                Console.Error.WriteLine("fault in the servant SDK: " + e);
            }
        }

        private void Start(Action first)
        {
            new Thread(() => Work(first)) { IsBackground = true, Name = "parley worker" }.Start();
        }

        private void Work(Action action)
        {
            if (action != null)
            {
                Perform(action);
                if (!BecomeIdle())
                {
                    return;
                }
            }
            while (true)
            {
                Perform(Next());
                if (!BecomeIdle())
                {
                    return;
                }
            }
        }

        private bool BecomeIdle()
        {
            lock (_gate)
            {
                if (_idle >= _standing)
                {
                    return false;
                }
                _idle++;
                return true;
            }
        }

        private Action Next()
        {
            lock (_gate)
            {
                while (_queue.Count == 0)
                {
                    Monitor.Wait(_gate);
                }
                _idle--;
                return _queue.Dequeue();
            }
        }
    }
}
