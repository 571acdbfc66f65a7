using System;

namespace Parley.Servant
{
    /// <summary>How a step ended, with the contract's words. Contract: "Result of executeStep".</summary>
    internal static class StepStatus
    {
        internal const string Passed = "passed";
        internal const string Failed = "failed";
        internal const string Undefined = "undefined";
        internal const string Ambiguous = "ambiguous";
        internal const string Pending = "pending";
        internal const string Skipped = "skipped";
        internal const string Timeout = "timeout";
        internal const string Cancelled = "cancelled";
    }

    /// <summary>The outcome of one step, before what the step recorded is added to it.</summary>
    internal sealed class StepResult
    {
        /// <summary>The contract's <c>failure.type</c> of a step that the servant itself stopped.</summary>
        internal const string TimeoutType = "STEP_EXECUTION_TIMEOUT";

        private StepResult(string status, string error)
        {
            Status = status;
            Error = error;
        }

        internal string Status { get; }

        internal string Error { get; }

        internal string FailureType { get; private set; }

        internal string Stack { get; private set; }

        internal string Expected { get; private set; }

        internal string Actual { get; private set; }

        internal static StepResult Passed()
        {
            return new StepResult(StepStatus.Passed, null);
        }

        internal static StepResult Stopped(string status, string error, string type, string stack)
        {
            return new StepResult(status, error) { FailureType = type, Stack = stack };
        }

        /// <param name="exception">What the step threw.</param>
        /// <param name="failureType">Names the kind of a failure; null leaves it to the exception's class.</param>
        internal static StepResult From(Exception exception, Func<Exception, string> failureType)
        {
            var failed = exception as StepFailedException;
            return new StepResult(StatusOf(exception), MessageOf(exception))
            {
                FailureType = Look(() => failureType(failed?.InnerException ?? exception)) ?? OwnType(exception),
                Stack = StackOf(exception),
                Expected = failed?.Expected,
                Actual = failed?.Actual,
            };
        }

        /// <summary>What an exception says; the name of its class if it says nothing.</summary>
        internal static string MessageOf(Exception exception)
        {
            string message = Look(() => exception.Message);
            return string.IsNullOrEmpty(message) ? exception.GetType().Name : message;
        }

        /// <summary>The stack of an exception for the step's author; null if it cannot be told.</summary>
        internal static string StackOf(Exception exception)
        {
            return Look(() => StepStack.Of(exception));
        }

        internal JsonObject ToJson(StepRecord record, long elapsedNs)
        {
            return new JsonObject
            {
                { "success", Status == StepStatus.Passed },
                { "error", Error },
                { "context", record.ContextToJson() },
                { "logs", record.LogsToJson() },
                { "status", Status },
                { "elapsedNs", elapsedNs },
                { "attachments", record.AttachmentsToJson() },
                { "failure", FailureToJson() },
            };
        }

        /// <summary>A step is answered also when looking at its exception throws in turn: with what could be
        /// told.</summary>
        private static string Look(Func<string> at)
        {
            try
            {
                return at();
            }
            catch (Exception)
            {
                return null;
            }
        }

        private static string OwnType(Exception exception)
        {
            if (exception is StepErrorException error)
            {
                return error.FailureType;
            }
            return exception is StepFailedException ? "AssertionFailed" : exception.GetType().Name;
        }

        private static string StatusOf(Exception exception)
        {
            if (exception is UndefinedStepException)
            {
                return StepStatus.Undefined;
            }
            if (exception is AmbiguousStepException)
            {
                return StepStatus.Ambiguous;
            }
            if (exception is PendingStepException)
            {
                return StepStatus.Pending;
            }
            return exception is SkipStepException ? StepStatus.Skipped : StepStatus.Failed;
        }

        private JsonObject FailureToJson()
        {
            if (FailureType == null)
            {
                return null;
            }
            return new JsonObject
            {
                { "type", FailureType },
                { "message", Error },
                { "stack", Stack },
                { "expected", Expected },
                { "actual", Actual },
            };
        }
    }
}
