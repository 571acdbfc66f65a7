using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Parley.Steps
{
    /// <summary>The clocks that all processes of the machine share, in nanoseconds, and pauses by them.</summary>
    internal static unsafe class Clock
    {
        internal const long Microsecond = 1000;
        internal const long Millisecond = 1000 * Microsecond;
        internal const long Second = 1000 * Millisecond;

        private const int CLOCK_MONOTONIC = 1;
        private const int CLOCK_PROCESS_CPUTIME_ID = 2;

        // How much too late a wait of the runtime may end, and a sleep of the system.
        private const long WaitSlack = 2 * Millisecond;
        private const long SleepSlack = 100 * Microsecond;

        [StructLayout(LayoutKind.Sequential)]
        private struct Timespec
        {
            internal long Seconds;
            internal long Nanoseconds;
        }

        /// <summary>CLOCK_MONOTONIC.</summary>
        internal static long Now => Read(CLOCK_MONOTONIC);

        /// <summary>The processor time that this process has used.</summary>
        internal static long ProcessorTime => Read(CLOCK_PROCESS_CPUTIME_ID);

        /// <summary>Pauses until a point in time of <see cref="Now"/>, to the microsecond: waits, sleeps, and yields for
        /// the last part.</summary>
        /// <exception cref="OperationCanceledException">The step ended first.</exception>
        internal static void PauseUntil(long deadline, CancellationToken cancellation)
        {
            for (long left = deadline - Now; left > 0; left = deadline - Now)
            {
                cancellation.ThrowIfCancellationRequested();
                if (left > 2 * WaitSlack)
                {
                    cancellation.WaitHandle.WaitOne((int)Math.Min((left - WaitSlack) / Millisecond, int.MaxValue));
                }
                else if (left > SleepSlack)
                {
                    var time = new Timespec { Nanoseconds = left - SleepSlack };
                    nanosleep(&time, null);
                }
                else
                {
                    Thread.Yield();
                }
            }
        }

        [DllImport("libc.so.6")]
        private static extern int nanosleep(Timespec* time, Timespec* left);

        [DllImport("libc.so.6")]
        private static extern int clock_gettime(int clock, Timespec* time);

        private static long Read(int clock)
        {
            Timespec time;
            clock_gettime(clock, &time);
            return time.Seconds * Second + time.Nanoseconds;
        }
    }
}
