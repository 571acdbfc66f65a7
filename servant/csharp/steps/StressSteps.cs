using System;
using System.Linq;
using Parley.Ring;
using Parley.Servant;
using static Parley.Steps.Patterns;

namespace Parley.Steps
{
    /// <summary>Steps of features/11-stress.feature.</summary>
    [Binding]
    public sealed class StressSteps
    {
        // Sizes of the buffers that come and go, in bytes.
        private const int PassingMetadata = 0;
        private const long PassingPayload = 1024;

        // How long a process that keeps trying leaves the processor to others.
        private const long BetweenTries = 100 * Clock.Microsecond;

        private readonly RingProcess _process;
        private readonly BufferSeries _series;
        private readonly ScenarioContext _context;

        /// <param name="process">What this process has open.</param>
        /// <param name="series">The buffers that it creates until it is refused.</param>
        /// <param name="context">The scenario.</param>
        public StressSteps(RingProcess process, BufferSeries series, ScenarioContext context)
        {
            _process = process;
            _series = series;
            _context = context;
        }

        [StepDefinition(Role + "creates and destroys buffer " + Text + " " + Number + " times")]
        public void CreateAndDestroy(string role, string name, int times)
        {
            CreateKeepAndDestroy(role, name, times, 0);
        }

        [StepDefinition(Role + "creates and destroys buffer " + Text + " " + Number + " times, keeping it for " + Number + " milliseconds")]
        public void CreateKeepAndDestroy(string role, string name, int times, int milliseconds)
        {
            for (int i = 0; i < times; i++)
            {
                _process.Cancellation.ThrowIfCancellationRequested();
                _process.CreateAndClose(_process.Resource(name), PassingMetadata, PassingPayload, milliseconds);
            }
        }

        [StepDefinition(Role + "connects to buffer " + Text + " and closes it " + Number + " times, told nothing but " + Text + " in between")]
        public void ConnectAndCloseAgain(string role, string name, int times, string told)
        {
            ExpectedError[] allowed = told.Split(',').Select(error => new ExpectedError(error.Trim())).ToArray();
            for (int connected = 0; connected < times;)
            {
                try
                {
                    _process.ConnectAndClose(_process.Resource(name));
                    connected++;
                }
                catch (RingException e)
                {
                    if (!allowed.Any(error => error.Matches(e)))
                    {
                        string doing = "connect to buffer '" + name + "', having done so " + connected + " of " + times + " times";
                        throw new StepFailedException(told, ExpectedError.Describe(e), doing + ": error", e);
                    }
                }
                Clock.PauseUntil(Clock.Now + BetweenTries, _process.Cancellation);
            }
        }

        [Then(Role + "has nothing open")]
        public void HasNothingOpen(string role)
        {
            string[] open = _process.OpenNames.ToArray();
            if (open.Length > 0)
            {
                throw new StepFailedException("nothing", string.Join(", ", open), "open in this process");
            }
        }

        [StepDefinition(Role + "writes " + Number + " frames of " + Number + " to " + Number + " bytes, seed " + Number)]
        public void WriteSeeded(string role, long frames, int min, int max, ulong seed)
        {
            new SeededTraffic(seed, min, max).Write(_process.Writer, frames, _process.Cancellation);
        }

        [StepDefinition(Role + "reads " + Number + " frames of " + Number + " to " + Number + " bytes, seed " + Number
            + ", holding up to " + Number + " and pausing up to " + Number + " microseconds")]
        public void ReadSeeded(string role, long frames, int min, int max, ulong seed, uint most, uint maxPause)
        {
            var holds = new Holds(unchecked(seed + 1), most, maxPause);
            new SeededTraffic(seed, min, max).Read(_process.Reader, frames, holds, _process.Cancellation);
        }

        [StepDefinition(Role + "reads and releases the next frame of " + Number + " bytes")]
        public void ReadNextFrame(string role, long size)
        {
            ulong sequence = _process.Reader.NextSequence;
            _process.Reader.Read(sequence, size, _process.Cancellation);
            _process.Reader.Release(sequence);
        }

        [StepDefinition(Role + "writes frames of " + Number + " to " + Number + " bytes, seed " + Number + ", for " + Number + " seconds")]
        public void WriteSeededFor(string role, int min, int max, ulong seed, uint seconds)
        {
            long deadline = Clock.Now + seconds * Clock.Second;
            long frames = new SeededTraffic(seed, min, max).WriteUntil(_process.Writer, deadline, _process.Cancellation);
            _context.LogInformation(frames + " frames written in " + seconds + " seconds, and the closing one");
        }

        [StepDefinition(Role + "reads frames of " + Number + " to " + Number + " bytes, seed " + Number + ", until the writer rests")]
        public void ReadSeededUntilRest(string role, int min, int max, ulong seed)
        {
            long frames = new SeededTraffic(seed, min, max).ReadUntilClosing(_process.Reader, _process.Cancellation);
            _context.LogInformation(frames + " frames read, and the closing one");
        }

        [StepDefinition(Role + "creates buffers '([^']*)1', '([^']*)2' and so on until it is refused: " + Text)]
        public void CreateUntilRefused(string role, string first, string second, string error)
        {
            if (first != second)
            {
                throw new ArgumentException("'" + first + "1' and '" + second
                    + "2' are not the first two of one series; they must differ in the number only, such as 'many-1', 'many-2'");
            }
            RingErrors.Expect(error, "create buffers '" + first + "1' and so on", () =>
            {
                _series.CreateUntilRefused(first);
                return "success";
            });
        }

        [Then(Role + "has created at least " + Number + " of them, and each carries a frame")]
        public void HasCreatedAtLeast(string role, int least)
        {
            _series.CarryFrames(least);
        }

        [StepDefinition(Role + "closes all of them")]
        public void CloseSeries(string role)
        {
            _series.Close();
        }
    }
}
