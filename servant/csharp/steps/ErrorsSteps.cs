using Parley.Ring;
using Parley.Servant;
using static Parley.Steps.Patterns;

namespace Parley.Steps
{
    /// <summary>Steps of features/03-errors.feature.</summary>
    [Binding]
    public sealed class ErrorsSteps
    {
        private readonly RingProcess _process;

        /// <param name="process">What this process has open.</param>
        public ErrorsSteps(RingProcess process)
        {
            _process = process;
        }

        [StepDefinition(Role + "fails to write " + Number + " bytes of metadata: " + Text)]
        public void FailToWriteMetadata(string role, int size, string error)
        {
            RingErrors.Expect(error, "write " + size + " bytes of metadata", () =>
            {
                _process.Writer.WriteMetadata(size);
                return "success";
            });
        }

        /// <summary>Passes for a buffer without a metadata block, and for one whose block is unwritten.</summary>
        [Then(Role + "finds no metadata")]
        public void FindNoMetadata(string role)
        {
            byte[] metadata;
            try
            {
                metadata = _process.Reader.Metadata();
            }
            catch (RingException e) when (e.Error == RingError.NoMetadataBlock)
            {
                return;
            }
            if (metadata != null)
            {
                throw new StepFailedException("none", metadata.Length + " bytes", "metadata");
            }
        }
    }
}
