using System;
using System.Linq;

namespace Parley.Steps
{
    /// <summary>Durations as figures.</summary>
    internal static class Distribution
    {
        /// <summary>Describes durations in microseconds.</summary>
        /// <param name="title">What took so long.</param>
        /// <param name="nanoseconds">At least one duration.</param>
        internal static Figures Of(string title, long[] nanoseconds)
        {
            double[] sorted = nanoseconds.Select(duration => (double)duration / Clock.Microsecond).OrderBy(duration => duration).ToArray();
            return new Figures(title)
                .Add("min", sorted[0], Figures.Microseconds)
                .Add("mean", sorted.Average(), Figures.Microseconds)
                .Add("p50", Quantile(sorted, 0.5), Figures.Microseconds)
                .Add("p90", Quantile(sorted, 0.9), Figures.Microseconds)
                .Add("p99", Quantile(sorted, 0.99), Figures.Microseconds)
                .Add("p99.9", Quantile(sorted, 0.999), Figures.Microseconds)
                .Add("max", sorted[sorted.Length - 1], Figures.Microseconds);
        }

        /// <summary>The smallest duration that at least this share of all does not exceed.</summary>
        private static double Quantile(double[] sorted, double share)
        {
            return sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
        }
    }
}
