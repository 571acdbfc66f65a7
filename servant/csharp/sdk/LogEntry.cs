using System;
using System.Globalization;

namespace Parley.Servant
{
    /// <summary>One line of the log, with the time at which it was made.</summary>
    internal sealed class LogEntry
    {
        internal LogEntry(LogLevel level, string message)
        {
            Timestamp = DateTime.UtcNow;
            Level = level;
            Message = message ?? "";
        }

        internal DateTime Timestamp { get; }

        internal LogLevel Level { get; }

        internal string Message { get; }

        internal JsonObject ToJson()
        {
            return new JsonObject
            {
                { "timestamp", Timestamp.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture) },
                { "level", (long)Level },
                { "message", Message },
            };
        }
    }
}
