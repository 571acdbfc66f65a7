using System;
using Parley.Ring;
using Parley.Servant;

namespace Parley.Steps
{
    /// <summary>Checks of what the ring refuses.</summary>
    internal static class RingErrors
    {
        /// <summary>Passes only if an action fails with exactly this error of the ring.</summary>
        /// <param name="expected">The error that must come, as <see cref="ExpectedError"/> reads it.</param>
        /// <param name="doing">What the action does, for the message.</param>
        /// <param name="action">The action; what it returns says what it did when it succeeded.</param>
        /// <exception cref="ArgumentException">The ring has no such error; the action was not done.</exception>
        /// <exception cref="StepFailedException">It succeeded, or another error of the ring came.</exception>
        internal static void Expect(string expected, string doing, Func<string> action)
        {
            var error = new ExpectedError(expected);
            string success;
            try
            {
                success = action();
            }
            catch (RingException e) when (error.Matches(e))
            {
                return;
            }
            catch (RingException e)
            {
                throw new StepFailedException(error, ExpectedError.Describe(e), doing + ": error", e);
            }
            throw new StepFailedException(error, success, doing + ": error");
        }
    }
}
