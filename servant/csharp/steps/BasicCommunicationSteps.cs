using System;
using Parley.Ring;
using Parley.Servant;
using static Parley.Steps.Patterns;

namespace Parley.Steps
{
    /// <summary>Steps of features/01-basic-communication.feature. Sizes are bytes.</summary>
    [Binding]
    public sealed class BasicCommunicationSteps
    {
        private readonly RingProcess _process;

        /// <param name="process">What this process has open.</param>
        public BasicCommunicationSteps(RingProcess process)
        {
            _process = process;
        }

        [StepDefinition(Role + "creates buffer " + Text + " with " + Number + " bytes of metadata and " + Number + " bytes of payload")]
        public void CreateBuffer(string role, string name, int metadata, long payload)
        {
            _process.Use(_process.Create(name, metadata, payload));
        }

        [StepDefinition(Role + "connects to buffer " + Text)]
        public void ConnectToBuffer(string role, string name)
        {
            _process.CloseWriter();
            _process.Use(_process.Connect(name));
        }

        [StepDefinition(Role + "waits at most " + Number + " milliseconds for the other side")]
        public void WaitAtMost(string role, int milliseconds)
        {
            _process.Patience = TimeSpan.FromMilliseconds(milliseconds);
        }

        [StepDefinition(Role + "writes " + Number + " bytes of metadata")]
        public void WriteMetadata(string role, int size)
        {
            _process.Writer.WriteMetadata(size);
        }

        [StepDefinition(Role + "writes a frame of " + Number + " bytes")]
        public void WriteFrame(string role, int size)
        {
            _process.Writer.Write(size, _process.Cancellation);
        }

        [StepDefinition(Role + "writes a frame of " + Number + " bytes without waiting")]
        public void WriteFrameWithoutWaiting(string role, int size)
        {
            _process.WithoutWaiting(() => _process.Writer.Write(size, _process.Cancellation));
        }

        [StepDefinition(Role + "writes " + Number + " frames of " + Number + " bytes")]
        public void WriteFrames(string role, int frames, int size)
        {
            for (int i = 0; i < frames; i++)
            {
                _process.Writer.Write(size, _process.Cancellation);
            }
        }

        [StepDefinition(Role + "writes frames of " + Number + " bytes until the buffer is full")]
        public void WriteUntilFull(string role, int size)
        {
            try
            {
                while (true)
                {
                    _process.Writer.Write(size, _process.Cancellation);
                }
            }
            catch (RingException e) when (e.Error == RingError.BufferFull)
            {
            }
        }

        [StepDefinition(Role + "fails to write a frame of " + Number + " bytes: " + Text)]
        public void FailToWrite(string role, int size, string error)
        {
            RingErrors.Expect(error, "write a frame of " + size + " bytes", () =>
            {
                _process.Writer.Write(size, _process.Cancellation);
                return "success: it is frame " + _process.Writer.Written;
            });
        }

        [Then(Role + "has written " + Number + " frames")]
        public void HasWritten(string role, long frames)
        {
            if (_process.Writer.Written != frames)
            {
                throw new StepFailedException(frames, _process.Writer.Written, "frames written since the writer connected");
            }
        }

        [StepDefinition(Role + "acquires a frame of " + Number + " bytes")]
        public void AcquireFrame(string role, int size)
        {
            _process.Writer.Acquire(size, _process.Cancellation);
        }

        [StepDefinition(Role + "fills the acquired frame in place")]
        public void FillFrame(string role)
        {
            _process.Writer.Fill();
        }

        [StepDefinition(Role + "commits the acquired frame")]
        public void CommitFrame(string role)
        {
            _process.Writer.Commit();
        }

        [StepDefinition(Role + "abandons the acquired frame")]
        public void AbandonFrame(string role)
        {
            _process.Writer.Abandon();
        }

        [Then(Role + "finds " + Number + " bytes of metadata")]
        public void FindMetadata(string role, int size)
        {
            byte[] metadata = _process.Reader.Metadata()
                ?? throw new StepFailedException(size, "none written", "bytes of metadata");
            if (metadata.Length != size)
            {
                throw new StepFailedException(size, metadata.Length, "bytes of metadata");
            }
            int wrong = TestPattern.CheckMetadata(metadata);
            if (wrong >= 0)
            {
                throw new StepFailedException(TestPattern.Metadata(wrong + 1)[wrong], metadata[wrong], "byte " + wrong + " of the metadata");
            }
        }

        [Then(Role + "finds no frame waiting")]
        public void FindNoFrame(string role)
        {
            _process.WithoutWaiting(() => RingErrors.Expect(
                nameof(RingError.ReadTimeout), "look for a frame", () => ReaderEnd.Describe(_process.Reader.Take(_process.Cancellation))));
        }

        [StepDefinition(Role + "reads frame " + Number + " of " + Number + " bytes")]
        public void ReadFrame(string role, ulong sequence, long size)
        {
            _process.Reader.Read(sequence, size, _process.Cancellation);
        }

        [StepDefinition(Role + "releases frame " + Number)]
        public void ReleaseFrame(string role, ulong sequence)
        {
            _process.Reader.Release(sequence);
        }

        [StepDefinition(Role + "reads and releases frame " + Number + " of " + Number + " bytes")]
        public void ReadAndReleaseFrame(string role, ulong sequence, long size)
        {
            _process.Reader.Read(sequence, size, _process.Cancellation);
            _process.Reader.Release(sequence);
        }

        [StepDefinition(Role + "reads frames " + Number + " to " + Number + " of " + Number + " bytes")]
        public void ReadFrames(string role, ulong from, ulong to, long size)
        {
            ReadFramesSlowly(role, from, to, size, 0);
        }

        [StepDefinition(Role + "reads frames " + Number + " to " + Number + " of " + Number + " bytes, taking " + Number + " milliseconds over each")]
        public void ReadFramesSlowly(string role, ulong from, ulong to, long size, int milliseconds)
        {
            if (from > to)
            {
                throw new ArgumentException("frames " + from + " to " + to + " are none; the first number must not be above the second");
            }
            for (ulong sequence = from; sequence <= to; sequence++)
            {
                _process.Reader.Read(sequence, size, _process.Cancellation);
                if (milliseconds > 0)
                {
                    _process.Pause(milliseconds);
                    // The writer must not have touched it meanwhile.
                    _process.Reader.Check(sequence);
                }
                _process.Reader.Release(sequence);
            }
        }
    }
}
