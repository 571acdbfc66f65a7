using Parley.Servant;
using static Parley.Steps.Patterns;

namespace Parley.Steps
{
    /// <summary>Steps of features/09-monitoring.feature.</summary>
    [Binding]
    public sealed class MonitoringSteps
    {
        private readonly RateMeter _meter;
        private readonly ScenarioContext _context;

        /// <param name="meter">Measures how fast frames are read.</param>
        /// <param name="context">The scenario.</param>
        public MonitoringSteps(RateMeter meter, ScenarioContext context)
        {
            _meter = meter;
            _context = context;
        }

        [StepDefinition(Role + "reads frames " + Number + " to " + Number + " of " + Number + " bytes and reports the rate")]
        public void ReadAndReportRate(string role, ulong from, ulong to, int size)
        {
            _meter.Measure(from, to, size, out double megabytes).Report(_context);
        }
    }
}
