using Parley.Servant;
using static Parley.Steps.Patterns;

namespace Parley.Steps
{
    /// <summary>Steps of features/02-process-lifecycle.feature.</summary>
    [Binding]
    public sealed class ProcessLifecycleSteps
    {
        private readonly RingProcess _process;

        /// <param name="process">What this process has open.</param>
        public ProcessLifecycleSteps(RingProcess process)
        {
            _process = process;
        }

        [StepDefinition(Role + "fails to connect to buffer " + Text + ": " + Text)]
        public void FailToConnect(string role, string name, string error)
        {
            RingErrors.Expect(error, "connect to buffer '" + name + "'", () =>
            {
                _process.ConnectAndClose(_process.Resource(name));
                return "success";
            });
        }

        [StepDefinition(Role + "fails to read a frame: " + Text)]
        public void FailToRead(string role, string error)
        {
            RingErrors.Expect(error, "read a frame", () => ReaderEnd.Describe(_process.Reader.Take(_process.Cancellation)));
        }

        [StepDefinition(Role + "closes its buffer")]
        public void CloseBuffer(string role)
        {
            _process.CloseLast();
        }
    }
}
