namespace Parley.Steps
{
    /// <summary>The pieces that the patterns of all steps share.</summary>
    internal static class Patterns
    {
        /// <summary>Begins every pattern: the forms in which a feature names the process that performs a step. The role is
        /// captured and ignored, for the step has been routed already.</summary>
        internal const string Role = @"(?:(?:the|a new|a second|two) )?'([^']*)'(?: process(?:es)?)? ";

        /// <summary>A quoted whole number.</summary>
        internal const string Number = @"'(\d+)'";

        /// <summary>Any quoted text.</summary>
        internal const string Text = "'([^']*)'";
    }
}
