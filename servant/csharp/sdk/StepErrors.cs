using System;

namespace Parley.Servant
{
    /// <summary>A failure that names its own kind in <c>failure.type</c>.</summary>
    internal class StepErrorException : Exception
    {
        internal StepErrorException(string failureType, string message)
            : base(message)
        {
            FailureType = failureType;
        }

        internal string FailureType { get; }
    }

    /// <summary>No definition matches the step.</summary>
    internal sealed class UndefinedStepException : StepErrorException
    {
        internal UndefinedStepException(string message)
            : base("UndefinedStep", message)
        {
        }
    }

    /// <summary>Several definitions match the step.</summary>
    internal sealed class AmbiguousStepException : StepErrorException
    {
        internal AmbiguousStepException(string message)
            : base("AmbiguousStep", message)
        {
        }
    }

    /// <summary>What came with the step does not fit the parameters of its definition.</summary>
    internal sealed class StepArgumentException : StepErrorException
    {
        internal StepArgumentException(string message)
            : base("InvalidArguments", message)
        {
        }
    }
}
