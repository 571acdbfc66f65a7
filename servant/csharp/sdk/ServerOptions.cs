using System;

namespace Parley.Servant
{
    /// <summary>What a servant says of itself, and knows of its parent.</summary>
    internal sealed class ServerOptions
    {
        internal string Platform { get; set; }

        /// <summary>The parent is a coordinator of contract 1.0, which sets its own variables and none of ours, and takes
        /// only a boolean for health.</summary>
        internal bool IsLegacyParent { get; set; }

        internal Func<Exception, string> FailureType { get; set; } = exception => null;

        internal static ServerOptions FromEnvironment()
        {
            return new ServerOptions
            {
                Platform = Variable("PARLEY_PLATFORM") ?? "csharp",
                IsLegacyParent = Variable("HARMONY_HOST_PID") != null && Variable("PARLEY_ROLE") == null,
            };
        }

        private static string Variable(string name)
        {
            string value = Environment.GetEnvironmentVariable(name);
            return string.IsNullOrEmpty(value) ? null : value;
        }
    }
}
