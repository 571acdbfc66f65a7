using System;
using Parley.Servant;
using static Parley.Steps.Patterns;

namespace Parley.Steps
{
    /// <summary>Steps of features/14-benchmarks.feature.</summary>
    [Binding]
    public sealed class BenchmarksSteps
    {
        private readonly RingProcess _process;
        private readonly RateMeter _meter;
        private readonly ScenarioContext _context;

        /// <param name="process">What this process has open.</param>
        /// <param name="meter">Measures how fast frames are read.</param>
        /// <param name="context">The scenario.</param>
        public BenchmarksSteps(RingProcess process, RateMeter meter, ScenarioContext context)
        {
            _process = process;
            _meter = meter;
            _context = context;
        }

        [StepDefinition(Role + "measures " + Number + " of " + Number + " round trips of " + Number + " bytes")]
        public void MeasureRoundTrips(string role, int measured, int all, int size)
        {
            if (measured < 1 || measured > all)
            {
                throw new ArgumentException(
                    measured + " of " + all + " round trips cannot be measured; measure at least 1 and at most all");
            }
            ClientEnd client = _process.Client;
            client.RequireAllAnswered();
            var durations = new long[measured];
            for (int trip = measured - all; trip < measured; trip++)
            {
                long took = client.MeasureRoundTrip(size, _process.Cancellation);
                if (trip >= 0)
                {
                    durations[trip] = took;
                }
            }
            Distribution.Of("round trip of " + size + " bytes", durations).Report(_context);
        }

        [StepDefinition(Role + "reads frames " + Number + " to " + Number + " of " + Number + " bytes and reports the rate against memcpy")]
        public void ReadAgainstMemcpy(string role, ulong from, ulong to, int size)
        {
            Figures figures = _meter.Measure(from, to, size, out double megabytes);
            double memcpy = RateMeter.MeasureMemcpy(size, (long)(to - from + 1) * size);
            figures.Add("memcpy", memcpy, Figures.MegabytesPerSecond).Add("of memcpy", megabytes / memcpy, Figures.Ratio).Report(_context);
        }

        [StepDefinition(Role + "reports the ratio of its last two rates")]
        public void ReportRatioOfRates(string role)
        {
            int count = _meter.Rates.Count;
            if (count < 2)
            {
                throw new InvalidOperationException(
                    "this process has reported " + count + " rates; two steps that report one must come first");
            }
            double before = _meter.Rates[count - 2];
            double last = _meter.Rates[count - 1];
            new Figures("last rate against the one before")
                .Add("before", before, Figures.FramesPerSecond)
                .Add("last", last, Figures.FramesPerSecond)
                .Add("last of before", last / before, Figures.Ratio)
                .Report(_context);
        }

        [StepDefinition(Role + "measures " + Number + " atomic additions against " + Number + " plain ones")]
        public void MeasureAdditions(string role, long atomically, long plainly)
        {
            if (atomically < 1 || plainly < 1)
            {
                throw new ArgumentException(
                    atomically + " atomic and " + plainly + " plain additions cannot be compared; both must be at least 1");
            }
            using (var additions = new Additions())
            {
                double each = additions.AddAtomically(atomically);
                double plain = additions.AddPlainly(plainly);
                new Figures(atomically + " atomic and " + plainly + " plain additions")
                    .Add("atomic", each, Figures.Nanoseconds)
                    .Add("plain", plain, Figures.Nanoseconds)
                    .Add("atomic of plain", each / plain, Figures.Ratio)
                    .Report(_context);
            }
        }

        [StepDefinition(Role + "writes " + Number + " time stamps, " + Number + " a second")]
        public void WriteStamps(string role, long stamps, long rate)
        {
            TimeStamps.Write(_process.Writer, stamps, rate, _process.Cancellation);
        }

        [StepDefinition(Role + "reads " + Number + " time stamps and reports how long each was on its way")]
        public void ReadStamps(string role, int stamps)
        {
            long[] delays = TimeStamps.Read(_process.Reader, stamps, _process.Cancellation);
            Distribution.Of(stamps + " time stamps on their way", delays).Report(_context);
        }
    }
}
