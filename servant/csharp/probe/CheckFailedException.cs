using System;

namespace Parley.Probe
{
    /// <summary>The data that came is not the data that was due.</summary>
    internal sealed class CheckFailedException : Exception
    {
        internal CheckFailedException(string message)
            : base(message)
        {
        }
    }
}
