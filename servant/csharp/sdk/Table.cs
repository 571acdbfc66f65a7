using System;
using System.Collections.Generic;

namespace Parley.Servant
{
    /// <summary>A step's data table; the first row of the feature file gives the headers. Contract:
    /// <c>Table</c> of executeStep.</summary>
    public sealed class Table
    {
        internal Table(IReadOnlyList<string> headers, IReadOnlyList<TableRow> rows)
        {
            Headers = headers;
            Rows = rows;
        }

        /// <summary>The headers, in the order of the feature file.</summary>
        public IReadOnlyList<string> Headers { get; }

        /// <summary>The rows below the headers.</summary>
        public IReadOnlyList<TableRow> Rows { get; }
    }

    /// <summary>One row of a <see cref="Table"/>.</summary>
    public sealed class TableRow
    {
        private readonly IReadOnlyDictionary<string, string> _cells;

        internal TableRow(IReadOnlyDictionary<string, string> cells)
        {
            _cells = cells;
        }

        /// <summary>The cell below a header.</summary>
        /// <exception cref="ArgumentException">The table has no such header; the message names those it has.</exception>
        public string this[string header]
        {
            get
            {
                if (_cells.TryGetValue(header, out string cell))
                {
                    return cell;
                }
                throw new ArgumentException("the table has no column '" + header + "'; it has: " + string.Join(", ", _cells.Keys));
            }
        }
    }

    /// <summary>A step's doc string. Contract: <c>DocString</c> of executeStep.</summary>
    public sealed class DocString
    {
        internal DocString(string content, string mediaType)
        {
            Content = content;
            MediaType = mediaType;
        }

        /// <summary>The text between the quotes, its indentation removed.</summary>
        public string Content { get; }

        /// <summary>The word after the opening quotes; empty if there is none.</summary>
        public string MediaType { get; }
    }
}
