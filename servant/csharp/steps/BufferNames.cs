using System;
using System.Collections.Generic;
using System.IO;
using Newtonsoft.Json;
using Parley.Servant;

namespace Parley.Steps
{
    /// <summary>Names of buffers that a feature gives otherwise than in quotes.</summary>
    internal static class BufferNames
    {
        private const string Column = "name in JSON";

        /// <summary>The names of a table with one column of JSON strings, just as they are.</summary>
        /// <exception cref="ArgumentException">The table is another one, or a cell is no JSON string.</exception>
        internal static IEnumerable<string> Of(Table table)
        {
            if (table.Headers.Count != 1 || table.Headers[0] != Column || table.Rows.Count == 0)
            {
                throw new ArgumentException("the step needs a table with the one column '" + Column + "' and at least one name");
            }
            var names = new List<string>();
            foreach (TableRow row in table.Rows)
            {
                names.Add(Decode(row[Column]));
            }
            return names;
        }

        /// <summary>A name of so many bytes.</summary>
        /// <param name="shortest">What it begins with; x fills the rest.</param>
        /// <param name="size">Its size in bytes.</param>
        /// <exception cref="ArgumentException">What it begins with is longer.</exception>
        internal static string OfSize(string shortest, int size)
        {
            if (shortest.Length > size)
            {
                throw new ArgumentException(
                    "a name of " + size + " bytes is shorter than this cell's shortest, " + shortest + " of " + shortest.Length + " bytes");
            }
            return shortest.PadRight(size, 'x');
        }

        /// <summary>A name as a message shows it, whatever characters it has.</summary>
        internal static string Quote(string name)
        {
            return JsonConvert.ToString(name);
        }

        private static string Decode(string cell)
        {
            try
            {
                using (var reader = new JsonTextReader(new StringReader(cell)))
                {
                    reader.DateParseHandling = DateParseHandling.None;
                    if (reader.Read() && reader.TokenType == JsonToken.String)
                    {
                        var name = (string)reader.Value;
                        if (!reader.Read())
                        {
                            return name;
                        }
                    }
                }
            }
            catch (JsonException)
            {
                // Said below, as for any other text that is no string.
            }
            throw new ArgumentException(cell + " is no string in JSON");
        }
    }
}
