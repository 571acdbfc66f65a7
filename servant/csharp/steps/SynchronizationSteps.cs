using Parley.Servant;
using static Parley.Steps.Patterns;

namespace Parley.Steps
{
    /// <summary>Steps of features/06-synchronization.feature.</summary>
    [Binding]
    public sealed class SynchronizationSteps
    {
        private readonly RingProcess _process;

        /// <param name="process">What this process has open.</param>
        public SynchronizationSteps(RingProcess process)
        {
            _process = process;
        }

        [StepDefinition(Role + "writes " + Number + " frames of " + Number + " bytes without waiting")]
        public void WriteFramesWithoutWaiting(string role, int frames, int size)
        {
            _process.WithoutWaiting(() =>
            {
                for (int i = 0; i < frames; i++)
                {
                    _process.Writer.Write(size, _process.Cancellation);
                }
            });
        }
    }
}
