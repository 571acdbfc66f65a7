using System;
using System.Collections.Generic;
using Parley.Ring;
using Parley.Servant;
using static Parley.Steps.Patterns;

namespace Parley.Steps
{
    /// <summary>Steps of features/04-edge-cases.feature.</summary>
    [Binding]
    public sealed class EdgeCasesSteps
    {
        // Sizes of the buffers that processes race for, in bytes.
        private const int RaceMetadata = 0;
        private const long RacePayload = 4096;

        private readonly RingProcess _process;
        private readonly ScenarioContext _context;

        /// <param name="process">What this process has open.</param>
        /// <param name="context">The scenario.</param>
        public EdgeCasesSteps(RingProcess process, ScenarioContext context)
        {
            _process = process;
            _context = context;
        }

        [Then(Role + "still holds frame " + Number + " unchanged")]
        public void StillHolds(string role, ulong sequence)
        {
            _process.Reader.Check(sequence);
        }

        [StepDefinition(Role + "race to create buffers " + Text + " to " + Text)]
        public void RaceToCreate(string role, string first, string last)
        {
            var report = new RaceReport();
            foreach (string name in NameRange.Between(first, last))
            {
                try
                {
                    _process.Won.Add(_process.Create(name, RaceMetadata, RacePayload));
                    report.Add(name, RaceReport.Won);
                }
                catch (RingException e)
                {
                    report.Add(name, e.Error.ToString());
                }
            }
            _context[RaceReport.KeyPrefix + _context.Instance] = report.ToString();
        }

        [Then(Role + "sees exactly one winner in each of " + Number + " races, the other told " + Text)]
        public void SeeOneWinnerEach(string role, int races, RingError error)
        {
            SortedDictionary<string, List<string>> outcomes = RaceReport.Outcomes(_context.SharedValues());
            if (outcomes.Count != races)
            {
                throw new StepFailedException(races, outcomes.Count, "races that were reported");
            }
            string expected = Sorted(new List<string> { RaceReport.Won, error.ToString() });
            foreach (KeyValuePair<string, List<string>> race in outcomes)
            {
                string actual = Sorted(race.Value);
                if (actual != expected)
                {
                    throw new StepFailedException(expected, actual, "outcomes of the race for " + race.Key);
                }
            }
        }

        [StepDefinition(Role + "writes a frame of " + Number + " bytes to each of buffers " + Text + " to " + Text)]
        public void WriteToEach(string role, int size, string first, string last)
        {
            foreach (string name in NameRange.Between(first, last))
            {
                _process.Connect(name).Write(size, _process.Cancellation);
            }
        }

        [StepDefinition(Role + "read frame " + Number + " of " + Number + " bytes from each buffer they won")]
        public void ReadFromEachWon(string role, ulong sequence, long size)
        {
            foreach (ReaderEnd reader in _process.Won)
            {
                reader.Read(sequence, size, _process.Cancellation);
                reader.Release(sequence);
            }
        }

        private static string Sorted(List<string> outcomes)
        {
            outcomes.Sort(StringComparer.Ordinal);
            return string.Join(", ", outcomes);
        }
    }
}
