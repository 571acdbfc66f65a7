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
}
