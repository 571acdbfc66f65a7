using System;

namespace Parley.Servant
{
    /// <summary>A mistake in a step definition that shows before any step runs. The message is one line that names the
    /// pattern, the class, the method and its place.</summary>
    internal sealed class DefinitionException : Exception
    {
        internal DefinitionException(string message)
            : base(message)
        {
        }
    }
}
