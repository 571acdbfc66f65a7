using System.Threading;

namespace Parley.Probe
{
    /// <summary>One command of the probe.</summary>
    internal interface ICommand
    {
        /// <summary>Does the work; throws when something is not as it must be.</summary>
        void Run(CancellationToken cancellation);

        /// <summary>Adds what was done, up to its end or failure, to the result.</summary>
        JsonLine Report(JsonLine line);
    }
}
