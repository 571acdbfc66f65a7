using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Parley.Ring;

namespace Parley.Steps
{
    /// <summary>
    /// An error of the ring as features write it: <c>Kind[ detail=value]*[ naming WORDS]</c>. Each detail must be equal
    /// as text, and the error's message must contain WORDS. (Ring protocol, "Errors".)
    /// </summary>
    internal sealed class ExpectedError
    {
        private const string Naming = " naming ";
        private const string ErrnoDetail = "errno";

        // The details that each error carries in every language, in the order in which they are written.
        private static readonly IReadOnlyDictionary<RingError, string[]> Carried = new Dictionary<RingError, string[]>
        {
            { RingError.Corrupt, new[] { "field", "value", "limit" } },
            { RingError.FrameTooLarge, new[] { "size", "largest" } },
            { RingError.BufferFull, new[] { "timeout" } },
            { RingError.SequenceGap, new[] { "expected", "actual" } },
            { RingError.System, new[] { "call", ErrnoDetail } },
        };

        private readonly string _text;
        private readonly RingError _kind;
        private readonly Dictionary<string, string> _details = new Dictionary<string, string>();
        private readonly string _words = "";

        /// <param name="text">The error as the feature writes it.</param>
        /// <exception cref="ArgumentException">The ring has no such error, or it carries no such detail, or the text has
        /// another form.</exception>
        internal ExpectedError(string text)
        {
            _text = text;
            int naming = text.IndexOf(Naming, StringComparison.Ordinal);
            if (naming >= 0)
            {
                _words = text.Substring(naming + Naming.Length);
                text = text.Substring(0, naming);
                if (_words.Length == 0)
                {
                    throw new ArgumentException("the error '" + _text + "' names nothing; put the words that its message must have behind 'naming'");
                }
            }
            string[] parts = text.Split(' ');
            if (Array.IndexOf(Enum.GetNames(typeof(RingError)), parts[0]) < 0)
            {
                throw new ArgumentException("the ring has no error named '" + parts[0] + "'; see the errors of the ring's documentation");
            }
            _kind = (RingError)Enum.Parse(typeof(RingError), parts[0]);
            for (int i = 1; i < parts.Length; i++)
            {
                AddDetail(parts[i]);
            }
        }

        /// <summary>The details that an error carries in every language.</summary>
        internal static IReadOnlyList<string> DetailsOf(RingError kind)
        {
            return Carried.TryGetValue(kind, out string[] names) ? names : new string[0];
        }

        /// <summary>An error as features write it, with its message behind.</summary>
        internal static string Describe(RingException error)
        {
            var text = new StringBuilder(error.Error.ToString());
            foreach (string name in DetailsOf(error.Error))
            {
                text.Append(' ').Append(name).Append('=').Append(Detail(error, name));
            }
            return text.Append(" (").Append(error.Message).Append(')').ToString();
        }

        internal bool Matches(RingException error)
        {
            if (error.Error != _kind || error.Message.IndexOf(_words, StringComparison.Ordinal) < 0)
            {
                return false;
            }
            foreach (KeyValuePair<string, string> detail in _details)
            {
                if (Detail(error, detail.Key) != detail.Value)
                {
                    return false;
                }
            }
            return true;
        }

        /// <summary>The error as the feature writes it.</summary>
        public override string ToString()
        {
            return _text;
        }

        private static string Detail(RingException error, string name)
        {
            error.Details.TryGetValue(name, out object value);
            return name == ErrnoDetail && value is int number
                ? ((Errno)number).ToString()
                : Convert.ToString(value, CultureInfo.InvariantCulture);
        }

        private void AddDetail(string part)
        {
            int equals = part.IndexOf('=');
            if (equals < 0)
            {
                throw new ArgumentException("'" + part + "' in the error '" + _text + "' is no detail; write detail=value");
            }
            string name = part.Substring(0, equals);
            IReadOnlyList<string> carried = DetailsOf(_kind);
            if (Array.IndexOf((string[])carried, name) < 0)
            {
                throw new ArgumentException(
                    "the error " + _kind + " carries no detail named '" + name + "'"
                    + (carried.Count == 0 ? "" : "; it carries: " + string.Join(", ", carried)));
            }
            if (_details.ContainsKey(name))
            {
                throw new ArgumentException("the error '" + _text + "' has the detail '" + name + "' twice");
            }
            _details.Add(name, part.Substring(equals + 1));
        }
    }
}
