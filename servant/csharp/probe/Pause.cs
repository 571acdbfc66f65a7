using System;
using System.Diagnostics;
using System.Threading;

namespace Parley.Probe
{
    internal static class Pause
    {
        /// <summary>Waits this long to the microsecond; Thread.Sleep knows whole milliseconds only.</summary>
        internal static void For(TimeSpan time)
        {
            Stopwatch waited = Stopwatch.StartNew();
            Thread.Sleep((int)time.TotalMilliseconds);
            while (waited.Elapsed < time)
            {
                Thread.Yield();
            }
        }
    }
}
