using System;
using System.Collections.Generic;
using System.Globalization;

namespace Parley.Probe
{
    /// <summary>The words of a command line are wrong; the message says which and how they should be.</summary>
    internal sealed class UsageException : Exception
    {
        internal UsageException(string message)
            : base(message)
        {
        }
    }

    /// <summary>A command's buffer name and options: "NAME --option VALUE --flag".</summary>
    internal sealed class Arguments
    {
        private readonly Dictionary<string, string> _values = new Dictionary<string, string>();

        private Arguments(string name)
        {
            Name = name;
        }

        /// <summary>The buffer's name, as given.</summary>
        internal string Name { get; }

        /// <summary>Reads the words after the command.</summary>
        /// <param name="words">The words.</param>
        /// <param name="options">Options that take a value.</param>
        /// <param name="flags">Options without one.</param>
        /// <exception cref="UsageException">A word is wrong or missing.</exception>
        internal static Arguments Parse(IReadOnlyList<string> words, string[] options, string[] flags)
        {
            if (words.Count == 0 || words[0].StartsWith("--", StringComparison.Ordinal))
            {
                throw new UsageException("the buffer's NAME is missing");
            }
            var arguments = new Arguments(words[0]);
            for (int i = 1; i < words.Count; i++)
            {
                string word = words[i];
                if (Array.IndexOf(flags, word) >= 0)
                {
                    arguments._values[word] = "";
                }
                else if (Array.IndexOf(options, word) < 0)
                {
                    throw new UsageException("unknown option '" + word + "'");
                }
                else if (i + 1 == words.Count)
                {
                    throw new UsageException(word + " needs a value");
                }
                else
                {
                    arguments._values[word] = words[++i];
                }
            }
            return arguments;
        }

        internal bool Has(string option)
        {
            return _values.ContainsKey(option);
        }

        /// <summary>An option's whole number that must be given.</summary>
        internal long Required(string option, long min, long max = long.MaxValue)
        {
            if (!Has(option))
            {
                throw new UsageException(option + " is missing");
            }
            return Optional(option, 0, min, max);
        }

        /// <summary>An option's whole number, or its default.</summary>
        internal long Optional(string option, long otherwise, long min, long max = long.MaxValue)
        {
            string text;
            if (!_values.TryGetValue(option, out text))
            {
                return otherwise;
            }
            long value;
            if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) ||
                value < min || value > max)
            {
                throw new UsageException(option + " is '" + text + "', and must be a whole number from " + min +
                    (max == long.MaxValue ? "" : " to " + max));
            }
            return value;
        }

        /// <summary>The seed, any 64-bit number.</summary>
        internal ulong RequiredSeed()
        {
            string text;
            ulong value;
            if (!_values.TryGetValue("--seed", out text))
            {
                throw new UsageException("--seed is missing");
            }
            if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value))
            {
                throw new UsageException("--seed is '" + text + "', and must be a whole number from 0 to " + ulong.MaxValue);
            }
            return value;
        }

        /// <summary>A time in milliseconds, or its default.</summary>
        internal TimeSpan Milliseconds(string option, long otherwise)
        {
            return TimeSpan.FromMilliseconds(Optional(option, otherwise, 0, int.MaxValue));
        }
    }
}
