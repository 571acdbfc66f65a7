using System;
using Parley.Ring;
using Parley.Servant;

namespace Parley.Steps
{
    /// <summary>Checks of what the ring refuses.</summary>
    internal static class RingErrors
    {
        /// <summary>Passes only if an action fails with exactly this error of the ring.</summary>
        /// <param name="expected">The error that must come.</param>
        /// <param name="doing">What the action does, for the message.</param>
        /// <param name="action">The action; what it returns says what it did when it succeeded.</param>
        /// <exception cref="StepFailedException">It succeeded, or another error of the ring came.</exception>
        internal static void Expect(RingError expected, string doing, Func<string> action)
        {
            string success;
            try
            {
                success = action();
            }
            catch (RingException e) when (e.Error == expected)
            {
                return;
            }
            catch (RingException e)
            {
                throw new StepFailedException(expected, e.Error + " (" + e.Message + ")", doing + ": error", e);
            }
            throw new StepFailedException(expected, success, doing + ": error");
        }
    }
}
