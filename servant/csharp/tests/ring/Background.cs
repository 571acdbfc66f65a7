using System;
using System.Threading;
using NUnit.Framework;

namespace Parley.Tests.Ring
{
    /// <summary>Work on a thread of its own, and how it ended.</summary>
    internal sealed class Background
    {
        private readonly Thread _thread;
        private Exception _failure;

        internal Background(Action work)
        {
            _thread = new Thread(() =>
            {
                try
                {
                    work();
                }
                catch (Exception e)
                {
                    _failure = e;
                }
            });
            _thread.IsBackground = true;
            _thread.Start();
        }

        internal bool HasEnded => !_thread.IsAlive;

        /// <summary>Waits for the end; what the work threw, or null.</summary>
        internal Exception Failure()
        {
            Assert.IsTrue(_thread.Join(TimeSpan.FromSeconds(60)), "the thread did not end");
            return _failure;
        }

        /// <summary>Waits for the end, which must be a good one.</summary>
        internal void Succeeds()
        {
            Exception failure = Failure();
            Assert.IsNull(failure, "the thread failed: " + failure);
        }
    }
}
