using Parley.Ring;
using Parley.Servant;
using static Parley.Steps.Patterns;

namespace Parley.Steps
{
    /// <summary>Steps of features/07-resources.feature.</summary>
    [Binding]
    public sealed class ResourcesSteps
    {
        private readonly RingProcess _process;

        /// <param name="process">What this process has open.</param>
        public ResourcesSteps(RingProcess process)
        {
            _process = process;
        }

        [StepDefinition(Role + "fails to create buffer " + Text + " with " + Number + " bytes of metadata and " + Number + " bytes of payload: " + Text)]
        public void FailToCreate(string role, string name, int metadata, long payload, string error)
        {
            RingErrors.Expect(error, "create buffer '" + name + "'", () =>
            {
                _process.CreateAndClose(_process.Resource(name), metadata, payload);
                return "success";
            });
        }

        [StepDefinition(Role + "writes " + Number + " records of " + Number + " fields in place")]
        public void WriteRecords(string role, int records, int fields)
        {
            WriterEnd writer = _process.Writer;
            for (int i = 0; i < records; i++)
            {
                Slot slot = writer.Acquire(Records.Size(fields), _process.Cancellation);
                Records.Fill(slot, writer.NextSequence);
                writer.Commit();
            }
        }

        [StepDefinition(Role + "reads " + Number + " records of " + Number + " fields in place")]
        public void ReadRecords(string role, int records, int fields)
        {
            ReaderEnd reader = _process.Reader;
            for (int i = 0; i < records; i++)
            {
                ulong record = reader.NextSequence;
                Frame frame = reader.Take(record, Records.Size(fields), _process.Cancellation);
                Records.Check(frame, record);
                reader.Release(record);
            }
        }
    }
}
