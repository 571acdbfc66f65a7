using System;
using System.Diagnostics;
using System.Threading;
using Parley.Ring;

namespace Parley.Probe
{
    /// <summary>A buffer could not be created or connected to.</summary>
    internal sealed class SetUpException : Exception
    {
        internal SetUpException(RingException cause)
            : base(cause.Message, cause)
        {
            Error = cause.Error;
        }

        internal RingError Error { get; }
    }

    internal static class SetUp
    {
        /// <summary>Creates or connects.</summary>
        /// <exception cref="SetUpException">The ring refused.</exception>
        internal static T Do<T>(Func<T> start)
        {
            try
            {
                return start();
            }
            catch (RingException e)
            {
                throw new SetUpException(e);
            }
        }

        /// <summary>Connects, waiting for the buffer to appear.</summary>
        /// <exception cref="SetUpException">The ring refused, or did not appear in time.</exception>
        internal static T Await<T>(Func<T> connect, TimeSpan timeout, CancellationToken cancellation)
        {
            Stopwatch waited = Stopwatch.StartNew();
            while (true)
            {
                try
                {
                    return connect();
                }
                catch (RingException e) when (e.IsNotYetThere && waited.Elapsed < timeout)
                {
                    cancellation.ThrowIfCancellationRequested();
                    Thread.Sleep(1);
                }
                catch (RingException e)
                {
                    throw new SetUpException(e);
                }
            }
        }
    }
}
