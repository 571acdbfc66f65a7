using System;
using System.Diagnostics;
using System.Threading;

namespace Parley.Servant
{
    /// <summary>One executeStep request from its arrival to its answer. The step's thread, its limit, a cancellation
    /// and the end of the scenario race for the answer; exactly one of them gives it.</summary>
    internal sealed class StepRun
    {
        private static readonly AsyncLocal<StepRun> Ambient = new AsyncLocal<StepRun>();

        private readonly CancellationTokenSource _cancellation = new CancellationTokenSource();
        private readonly Action<StepRun, LogEntry> _liveLog;
        private readonly Action<StepRun, double, double, string> _progress;
        private long _started;
        private string _stopStatus;
        private int _answered;
        private int _returned;

        /// <param name="requestId">The request's id as it came.</param>
        /// <param name="request">What to perform.</param>
        /// <param name="liveLog">Sends a log line at once.</param>
        /// <param name="progress">Sends a progress notification.</param>
        internal StepRun(object requestId, ExecuteStepRequest request, Action<StepRun, LogEntry> liveLog, Action<StepRun, double, double, string> progress)
        {
            RequestId = requestId;
            Request = request;
            _liveLog = liveLog;
            _progress = progress;
        }

        /// <summary>The step that the calling thread or task belongs to; null when it belongs to none.</summary>
        internal static StepRun Current
        {
            get => Ambient.Value;
            set => Ambient.Value = value;
        }

        internal object RequestId { get; }

        internal ExecuteStepRequest Request { get; }

        internal StepRecord Record { get; } = new StepRecord();

        internal CancellationToken Cancellation => _cancellation.Token;

        /// <summary>Why the step was told to stop, as a status; null when it was not.</summary>
        internal string StopStatus => Volatile.Read(ref _stopStatus);

        /// <summary>Whether somebody answers or has answered.</summary>
        internal bool IsAnswered => Volatile.Read(ref _answered) != 0;

        /// <summary>Whether the step's method has returned.</summary>
        internal bool HasReturned => Volatile.Read(ref _returned) != 0;

        /// <summary>Set once the answer has been sent.</summary>
        internal ManualResetEventSlim AnswerSent { get; } = new ManualResetEventSlim();

        /// <summary>The time since the clock started, at least 1; 0 if it did not start.</summary>
        internal long ElapsedNs
        {
            get
            {
                long started = Interlocked.Read(ref _started);
                return started == 0 ? 0 : Math.Max(1, (long)((Stopwatch.GetTimestamp() - started) * (1e9 / Stopwatch.Frequency)));
            }
        }

        internal void StartClock()
        {
            Interlocked.Exchange(ref _started, Stopwatch.GetTimestamp());
        }

        internal void NoteReturn()
        {
            Volatile.Write(ref _returned, 1);
        }

        /// <summary>Whether the caller is the first to stop the step; if so it must call
        /// <see cref="CancelToken"/>.</summary>
        internal bool TryStop(string status)
        {
            return Interlocked.CompareExchange(ref _stopStatus, status, null) == null;
        }

        /// <summary>Runs what the step registered on its token, which may block.</summary>
        internal void CancelToken()
        {
            try
            {
                _cancellation.Cancel();
            }
            catch (AggregateException e)
            {
                Console.Error.WriteLine("cancelling '" + Request.Step + "': " + e);
            }
        }

        /// <summary>Whether the caller is the one to answer.</summary>
        internal bool TryAnswer()
        {
            return Interlocked.Exchange(ref _answered, 1) == 0;
        }

        internal void Log(LogEntry entry)
        {
            if (IsAnswered)
            {
                Console.Error.WriteLine(entry.Message);
                return;
            }
            Record.Log(entry);
            _liveLog(this, entry);
        }

        internal void Progress(double done, double total, string unit)
        {
            if (!IsAnswered)
            {
                _progress(this, done, total, unit);
            }
        }
    }
}
