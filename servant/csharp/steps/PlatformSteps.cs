using System;
using Parley.Servant;
using static Parley.Steps.Patterns;

namespace Parley.Steps
{
    /// <summary>Steps of features/08-platform.feature.</summary>
    [Binding]
    public sealed class PlatformSteps
    {
        // Sizes of the buffers that are made for their names, in bytes.
        private const int Metadata = 64;
        private const long Payload = 1024;

        private readonly RingProcess _process;

        /// <param name="process">What this process has open.</param>
        public PlatformSteps(RingProcess process)
        {
            _process = process;
        }

        [StepDefinition(Role + "fails to create a buffer under each of these names: " + Text)]
        public void FailToCreateUnderEach(string role, string error, Table names)
        {
            foreach (string name in BufferNames.Of(names))
            {
                Refused(error, "create a buffer named " + BufferNames.Quote(name), () => Create(name));
            }
        }

        [StepDefinition(Role + "fails to connect to a buffer under each of these names: " + Text)]
        public void FailToConnectUnderEach(string role, string error, Table names)
        {
            foreach (string name in BufferNames.Of(names))
            {
                Refused(error, "connect to a buffer named " + BufferNames.Quote(name), () => _process.ConnectAndClose(name));
            }
        }

        [StepDefinition(Role + "fails to create a buffer with a name of " + Number + " bytes: " + Text)]
        public void FailToCreateNameOf(string role, int size, string error)
        {
            Refused(error, "create a buffer with a name of " + size + " bytes", () => Create(NameOf(size)));
        }

        [StepDefinition(Role + "creates and closes a buffer with a name of " + Number + " bytes")]
        public void CreateAndCloseNameOf(string role, int size)
        {
            Create(NameOf(size));
        }

        [StepDefinition(Role + "creates and closes buffer " + Text)]
        public void CreateAndClose(string role, string name)
        {
            Create(_process.Resource(name));
        }

        private static void Refused(string error, string doing, Action action)
        {
            RingErrors.Expect(error, doing, () =>
            {
                action();
                return "success";
            });
        }

        private void Create(string resource)
        {
            _process.CreateAndClose(resource, Metadata, Payload);
        }

        private string NameOf(int size)
        {
            return BufferNames.OfSize(_process.Resource("x"), size);
        }
    }
}
