using System;
using System.Globalization;

namespace Parley.Servant
{
    /// <summary>A check did not hold. Fails the step; the report shows what was expected beside what came.
    /// Contract: "Result of executeStep", <c>failure</c>.</summary>
    public class StepFailedException : Exception
    {
        /// <param name="expected">What should have been; shown as text in the invariant culture.</param>
        /// <param name="actual">What was.</param>
        /// <param name="message">What was compared; the two values are appended to it.</param>
        public StepFailedException(object expected, object actual, string message)
            : this(expected, actual, message, null)
        {
        }

        /// <param name="expected">What should have been.</param>
        /// <param name="actual">What was.</param>
        /// <param name="message">What was compared; the two values are appended to it.</param>
        /// <param name="cause">The exception that showed it, or null.</param>
        public StepFailedException(object expected, object actual, string message, Exception cause)
            : base(message + ": expected " + Text(expected) + ", got " + Text(actual), cause)
        {
            Expected = Text(expected);
            Actual = Text(actual);
        }

        /// <summary>What should have been.</summary>
        public string Expected { get; }

        /// <summary>What was.</summary>
        public string Actual { get; }

        private static string Text(object value)
        {
            return Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        }
    }

    /// <summary>The step is known but not written yet: it ends with status <c>pending</c>.</summary>
    public class PendingStepException : Exception
    {
        /// <param name="message">What is missing.</param>
        public PendingStepException(string message = "the step is not written yet")
            : base(message)
        {
        }
    }

    /// <summary>The step does not apply here (no such platform, not enough rights): it ends with status
    /// <c>skipped</c> and this reason.</summary>
    public class SkipStepException : Exception
    {
        /// <param name="reason">Why the step does not apply.</param>
        public SkipStepException(string reason)
            : base(reason)
        {
        }
    }
}
