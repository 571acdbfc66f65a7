using System;

namespace Parley.Steps
{
    /// <summary>One end of a buffer or of a channel, open until it is disposed of.</summary>
    internal interface IRingEnd : IDisposable
    {
        /// <summary>What it is an end of, with its resource name, for messages.</summary>
        string Name { get; }
    }
}
