using Parley.Ring;
using Parley.Servant;
using static Parley.Steps.Patterns;

namespace Parley.Steps
{
    /// <summary>Steps of features/05-corruption.feature.</summary>
    [Binding]
    public sealed class CorruptionSteps
    {
        private readonly RingProcess _process;

        /// <param name="process">What this process has open.</param>
        public CorruptionSteps(RingProcess process)
        {
            _process = process;
        }

        [StepDefinition(Role + "fails to commit the acquired frame: " + Text)]
        public void FailToCommit(string role, string error)
        {
            RingErrors.Expect(error, "commit the acquired frame", () =>
            {
                _process.Writer.Commit();
                return "success: it is frame " + _process.Writer.Written;
            });
        }

        [StepDefinition(Role + "fails to read the metadata: " + Text)]
        public void FailToReadMetadata(string role, string error)
        {
            RingErrors.Expect(error, "read the metadata", () =>
            {
                byte[] metadata = _process.Reader.Metadata();
                return metadata == null ? "no metadata" : metadata.Length + " bytes";
            });
        }

        [StepDefinition(Role + "fails to read and release a frame: " + Text)]
        public void FailToReadAndRelease(string role, string error)
        {
            RingErrors.Expect(error, "read and release a frame", () =>
            {
                Frame frame = _process.Reader.Take(_process.Cancellation);
                _process.Reader.Release(frame.Sequence);
                return ReaderEnd.Describe(frame);
            });
        }

        [StepDefinition(Role + "fails to write a frame of " + Number + " bytes at once: " + Text)]
        public void FailToWriteAtOnce(string role, int size, string error)
        {
            _process.WithoutWaiting(() => RingErrors.Expect(error, "write a frame of " + size + " bytes at once", () =>
            {
                _process.Writer.Write(size, _process.Cancellation);
                return "success: it is frame " + _process.Writer.Written;
            }));
        }

        [StepDefinition(Role + "writes frames of " + Text + " bytes")]
        public void WriteFramesOf(string role, string sizes)
        {
            foreach (int size in SizeList.Parse(sizes))
            {
                _process.Writer.Write(size, _process.Cancellation);
            }
        }

        [StepDefinition(Role + "reads frames of " + Text + " bytes from frame " + Number + " on")]
        public void ReadFramesOf(string role, string sizes, ulong from)
        {
            ulong sequence = from;
            foreach (int size in SizeList.Parse(sizes))
            {
                _process.Reader.Read(sequence, size, _process.Cancellation);
                _process.Reader.Release(sequence);
                sequence++;
            }
        }
    }
}
