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
}
