using System;

namespace Parley.Probe
{
    /// <summary>The data that came is not the data that was due.</summary>
    internal sealed class CheckFailedException : Exception
    {
        /// <param name="check">The check's name in every language.</param>
        /// <param name="message">What was found and what was due.</param>
        internal CheckFailedException(string check, string message)
            : base(message)
        {
            Check = check;
        }

        internal string Check { get; }
    }
}
