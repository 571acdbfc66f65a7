using System;
using System.Collections.Generic;
using System.Globalization;

namespace Parley.Steps
{
    /// <summary>Sizes in one quoted text, with commas between: 100, 200.</summary>
    internal static class SizeList
    {
        /// <summary>The sizes in bytes; none for an empty text.</summary>
        /// <exception cref="ArgumentException">A part is no size.</exception>
        internal static IReadOnlyList<int> Parse(string list)
        {
            var sizes = new List<int>();
            if (list.Trim().Length == 0)
            {
                return sizes;
            }
            foreach (string part in list.Split(','))
            {
                if (!int.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int size))
                {
                    throw new ArgumentException(
                        "'" + part.Trim() + "' in '" + list + "' is no size; write sizes in bytes with commas between, such as '100, 200'");
                }
                sizes.Add(size);
            }
            return sizes;
        }
    }
}
