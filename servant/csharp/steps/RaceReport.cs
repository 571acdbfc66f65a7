using System;
using System.Collections.Generic;

namespace Parley.Steps
{
    /// <summary>How the attempts of one process to create buffers ended, in the form that all languages share: under the
    /// key <c>race.</c> and the instance of the process, the text <c>name=outcome,name=outcome</c>, where an outcome is
    /// <c>won</c> or the name of the ring's error.</summary>
    internal sealed class RaceReport
    {
        internal const string KeyPrefix = "race.";
        internal const string Won = "won";

        private readonly List<string> _parts = new List<string>();

        /// <summary>The reports of all racing processes together: the outcomes of each buffer's race.</summary>
        /// <param name="shared">The scenario's shared map.</param>
        /// <exception cref="FormatException">A report has another form.</exception>
        internal static SortedDictionary<string, List<string>> Outcomes(Dictionary<string, string> shared)
        {
            var outcomes = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
            foreach (KeyValuePair<string, string> entry in shared)
            {
                if (!entry.Key.StartsWith(KeyPrefix, StringComparison.Ordinal))
                {
                    continue;
                }
                foreach (string part in entry.Value.Split(','))
                {
                    int equals = part.IndexOf('=');
                    if (equals < 0)
                    {
                        throw new FormatException("the report " + entry.Key + " holds '" + part + "', expected name=outcome");
                    }
                    string name = part.Substring(0, equals);
                    if (!outcomes.TryGetValue(name, out List<string> ended))
                    {
                        outcomes.Add(name, ended = new List<string>());
                    }
                    ended.Add(part.Substring(equals + 1));
                }
            }
            return outcomes;
        }

        internal void Add(string name, string outcome)
        {
            _parts.Add(name + "=" + outcome);
        }

        /// <summary>The report as it is shared.</summary>
        public override string ToString()
        {
            return string.Join(",", _parts);
        }
    }
}
