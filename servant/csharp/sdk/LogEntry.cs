using System;
using System.Globalization;

namespace Parley.Servant
{
    /// <summary>The severity of a log line, with the contract's numbers.</summary>
    public enum LogLevel
    {
        /// <summary>Every detail.</summary>
        Trace = 0,

        /// <summary>For whoever looks for a fault.</summary>
        Debug = 1,

        /// <summary>What happens.</summary>
        Information = 2,

        /// <summary>Odd, but the step goes on.</summary>
        Warning = 3,

        /// <summary>Something failed.</summary>
        Error = 4,

        /// <summary>The servant itself is in danger.</summary>
        Critical = 5,
    }

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
