using System;

namespace Parley.Ring
{
    /// <summary>How long one end of a ring waits, and how.</summary>
    public sealed class RingOptions
    {
        /// <summary>Creates options with the defaults.</summary>
        public RingOptions()
        {
            Timeout = TimeSpan.FromSeconds(5);
            Spin = TimeSpan.FromTicks(1500);
        }

        /// <summary>
        /// Longest wait of a read for a frame, or of a write for space. Zero tries once;
        /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> waits without limit. Default 5 s.
        /// </summary>
        public TimeSpan Timeout { get; set; }

        /// <summary>
        /// How long a wait spins and yields before it sleeps in the kernel; zero sleeps at once. Default 150 µs.
        /// (Ring-buffer specification, "Waiting, and speed".)
        /// </summary>
        public TimeSpan Spin { get; set; }
    }
}
