using System;
using System.Collections.Generic;
using System.Globalization;

namespace Parley.Steps
{
    /// <summary>Names that differ in the number at their end: race-1 to race-50.</summary>
    internal static class NameRange
    {
        /// <exception cref="ArgumentException">The two names span no range.</exception>
        internal static IEnumerable<string> Between(string first, string last)
        {
            string prefix = first.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
            if (!last.StartsWith(prefix, StringComparison.Ordinal)
                || !TryNumber(first.Substring(prefix.Length), out int from)
                || !TryNumber(last.Substring(prefix.Length), out int to)
                || from > to)
            {
                throw new ArgumentException(
                    "'" + first + "' to '" + last + "' is no range; the names must end in numbers that rise, such as 'race-1' to 'race-50'");
            }
            var names = new List<string>();
            for (int n = from; n <= to; n++)
            {
                names.Add(prefix + n.ToString(CultureInfo.InvariantCulture));
            }
            return names;
        }

        private static bool TryNumber(string digits, out int number)
        {
            return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        }
    }
}
