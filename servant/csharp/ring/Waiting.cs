using System;
using System.Diagnostics;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>What one side of a ring waits for.</summary>
    internal interface IWaitingSide
    {
        /// <summary>Whether a token of the semaphore is itself what the side waits for.</summary>
        bool NeedsToken { get; }

        /// <summary>Takes what is waited for if it is there.</summary>
        bool TryProceed();

        /// <summary>Called before the side sleeps, after which <see cref="TryProceed"/> is asked again.</summary>
        void PrepareSleep();

        /// <summary>Throws when waiting has become pointless; true when the side may proceed after all.</summary>
        bool CheckPeer();
    }

    /// <summary>
    /// The wait of one side: PAUSE for 1 to 2 µs, yield up to the configured spin time, then sleep in the kernel
    /// (ring-buffer specification, "Waiting, and speed"). After several long waits the yields are left out, so that an
    /// idle process uses no CPU.
    /// </summary>
    internal sealed class Waiting
    {
        private const int Pauses = 40;
        private const int LongWaitsUntilIdle = 3;
        private const long NanosecondsPerSecond = 1000000000;

        // A dead peer, a cancelled token and a closed ring are noticed after one slice at the latest, well within
        // the 100 ms that the specification grants.
        private const long SliceNanoseconds = 25000000;

        private readonly long _spinTicks;
        private readonly bool _severalProcessors = Environment.ProcessorCount > 1;
        private int _longWaits;

        internal Waiting(TimeSpan spin)
        {
            _spinTicks = ToClockTicks(spin);
        }

        /// <summary>Waits until the side can proceed.</summary>
        /// <param name="side">The side that waits.</param>
        /// <param name="semaphore">The semaphore that its peer posts.</param>
        /// <param name="deadline">In ticks of <see cref="Stopwatch"/>.</param>
        /// <param name="cancellation">Ends the wait with <see cref="OperationCanceledException"/>.</param>
        /// <returns>False when the deadline passed first.</returns>
        internal bool Wait(IWaitingSide side, NamedSemaphore semaphore, long deadline, CancellationToken cancellation)
        {
            if (_spinTicks > 0 && Spin(side))
            {
                return true;
            }
            long start = Stopwatch.GetTimestamp();
            bool ready = Sleep(side, semaphore, deadline, cancellation);
            bool isLong = Stopwatch.GetTimestamp() - start > _spinTicks;
            _longWaits = isLong ? Math.Min(_longWaits + 1, LongWaitsUntilIdle) : 0;
            return ready;
        }

        /// <summary>The point in time after which a wait of this length has timed out.</summary>
        internal static long Deadline(TimeSpan timeout)
        {
            if (timeout < TimeSpan.Zero)
            {
                return long.MaxValue;
            }
            long now = Stopwatch.GetTimestamp();
            long ticks = ToClockTicks(timeout);
            return ticks > long.MaxValue - now ? long.MaxValue : now + ticks;
        }

        internal static bool HasPassed(long deadline)
        {
            return deadline != long.MaxValue && Stopwatch.GetTimestamp() >= deadline;
        }

        private bool Spin(IWaitingSide side)
        {
            if (_severalProcessors)
            {
                for (int i = 0; i < Pauses; i++)
                {
                    Thread.SpinWait(1);
                    if (side.TryProceed())
                    {
                        return true;
                    }
                }
            }
            if (_longWaits >= LongWaitsUntilIdle)
            {
                return false;
            }
            long end = Stopwatch.GetTimestamp() + _spinTicks;
            do
            {
                Thread.Yield();
                if (side.TryProceed())
                {
                    _longWaits = 0;
                    return true;
                }
            }
            while (Stopwatch.GetTimestamp() < end);
            return false;
        }

        private static bool Sleep(IWaitingSide side, NamedSemaphore semaphore, long deadline,
            CancellationToken cancellation)
        {
            while (true)
            {
                if (side.CheckPeer())
                {
                    return true;
                }
                cancellation.ThrowIfCancellationRequested();
                long left = deadline == long.MaxValue ? long.MaxValue : deadline - Stopwatch.GetTimestamp();
                if (left <= 0)
                {
                    return false;
                }
                side.PrepareSleep();
                if (side.TryProceed())
                {
                    return true;
                }
                bool taken = semaphore.SleepAndTake(SliceOf(left));
                if ((taken && side.NeedsToken) || side.TryProceed())
                {
                    return true;
                }
            }
        }

        private static long SliceOf(long clockTicks)
        {
            double nanoseconds = (double)clockTicks * NanosecondsPerSecond / Stopwatch.Frequency;
            return nanoseconds >= SliceNanoseconds ? SliceNanoseconds : Math.Max(1, (long)nanoseconds);
        }

        private static long ToClockTicks(TimeSpan time)
        {
            double ticks = (double)time.Ticks * Stopwatch.Frequency / TimeSpan.TicksPerSecond;
            return ticks >= long.MaxValue ? long.MaxValue : (long)ticks;
        }
    }
}
