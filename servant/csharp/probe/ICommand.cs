using System.Threading;

namespace Parley.Probe
{
    /// <summary>One command of the probe.</summary>
    internal interface ICommand
    {
        /// <summary>Does the work; throws when something is not as it must be.</summary>
        void Run(CancellationToken cancellation);

        /// <summary>How far the command came, as the beginning of an error.</summary>
        string Progress { get; }

        /// <summary>Adds what was done to the result.</summary>
        JsonLine Report(JsonLine line);
    }
}
