using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading;

namespace Parley.Servant
{
    /// <summary>What a step definition knows of its scenario, and says to it. Injected by constructor; one per
    /// scenario; for any thread. What concerns the running step (token, log, attachments, progress) follows the
    /// step into the tasks and threads that it starts.</summary>
    public sealed class ScenarioContext
    {
        private readonly InitializeRequest _request;
        private readonly ScenarioObjects _objects;
        private readonly Dictionary<string, string> _values = new Dictionary<string, string>();

        internal ScenarioContext(InitializeRequest request)
        {
            _request = request;
            _objects = new ScenarioObjects(this);
            Instance = NativeMethods.getpid().ToString(CultureInfo.InvariantCulture);
        }

        /// <summary>The role that this process plays, as the feature writes it.</summary>
        public string Role => _request.Role;

        /// <summary>The platform under which this servant is known.</summary>
        public string Platform => _request.Platform;

        /// <summary>The scenario's name.</summary>
        public string Scenario => _request.Scenario;

        /// <summary>A folder of the running cell for files; empty when the coordinator gave none.</summary>
        public string WorkDir => _request.WorkDir ?? "";

        /// <summary>The W3C trace context of the step, or else of the scenario; empty when there is none.</summary>
        public string TraceParent => StepRun.Current?.Request.TraceParent ?? _request.TraceParent ?? "";

        /// <summary>The run's id.</summary>
        public string TestRunId => _request.TestRunId;

        /// <summary>Tells this process from others of the same role: its process id.</summary>
        public string Instance { get; }

        /// <summary>Ends when the step reaches its limit, is cancelled, or its scenario ends. A step that can block
        /// must heed it.</summary>
        public CancellationToken Cancellation => StepRun.Current?.Cancellation ?? CancellationToken.None;

        internal ScenarioObjects Objects => _objects;

        /// <summary>A value of the string map that all roles of the scenario share, as it was when the step was sent,
        /// with what this process set since; null when there is none. Later steps of every role see what is set.</summary>
        /// <exception cref="InvalidOperationException">Set outside of a step.</exception>
        public string this[string key]
        {
            get
            {
                lock (_values)
                {
                    return _values.TryGetValue(key, out string value) ? value : null;
                }
            }

            set
            {
                StepRun run = StepRun.Current ?? throw new InvalidOperationException("'" + key + "' can be shared only while a step runs");
                lock (_values)
                {
                    _values[key] = value;
                }
                run.Record.Set(key, value);
            }
        }

        /// <summary>A copy of the shared string map; see the indexer.</summary>
        public Dictionary<string, string> SharedValues()
        {
            lock (_values)
            {
                return new Dictionary<string, string>(_values);
            }
        }

        /// <summary>Makes a plain name of the feature unique to the running cell: every role of the cell gets the same
        /// name, no other cell does. Contract: "Requests", initialize.</summary>
        public string Resource(string name)
        {
            if (_request.ResourcePrefix != null)
            {
                return _request.ResourcePrefix + name;
            }
            string pid = OrEnvironment(_request.HostPid, "HARMONY_HOST_PID");
            return name + "_" + pid + "_" + OrEnvironment(_request.FeatureId, "HARMONY_FEATURE_ID");
        }

        /// <summary>Adds a line to the step's log; a coordinator of contract 1.1 also sees it at once. Outside of a
        /// step the line goes to standard error.</summary>
        public void Log(LogLevel level, string message)
        {
            StepRun run = StepRun.Current;
            if (run == null)
            {
                Console.Error.WriteLine(message);
                return;
            }
            run.Log(new LogEntry(level, message));
        }

        /// <summary>Logs at level debug.</summary>
        public void LogDebug(string message)
        {
            Log(LogLevel.Debug, message);
        }

        /// <summary>Logs at level information.</summary>
        public void LogInformation(string message)
        {
            Log(LogLevel.Information, message);
        }

        /// <summary>Logs at level warning.</summary>
        public void LogWarning(string message)
        {
            Log(LogLevel.Warning, message);
        }

        /// <summary>Hands data to the reports. A step may attach 32 MiB in all.</summary>
        /// <param name="name">A file name for it.</param>
        /// <param name="mediaType">As in image/png.</param>
        /// <param name="body">The data; it is copied.</param>
        /// <exception cref="ArgumentException">The name is empty, or the media type is none.</exception>
        /// <exception cref="InvalidOperationException">Outside of a step, or above the limit.</exception>
        public void Attach(string name, string mediaType, byte[] body)
        {
            if (string.IsNullOrEmpty(name))
            {
                throw new ArgumentException("an attachment needs a name");
            }
            if (mediaType == null || mediaType.IndexOf('/') < 1 || mediaType.EndsWith("/", StringComparison.Ordinal))
            {
                throw new ArgumentException("'" + mediaType + "' of attachment '" + name + "' is no media type; one is of the form text/plain");
            }
            StepRun run = StepRun.Current ?? throw new InvalidOperationException("'" + name + "' can be attached only while a step runs");
            run.Record.Attach(name, mediaType, body);
        }

        /// <summary>Hands a text to the reports, as <c>text/plain</c>.</summary>
        /// <exception cref="InvalidOperationException">Outside of a step, or above the limit.</exception>
        public void Attach(string name, string text)
        {
            Attach(name, "text/plain", Encoding.UTF8.GetBytes(text));
        }

        /// <summary>Drives the progress display of a long step. Contract: "Requests from the servant".</summary>
        /// <param name="done">How much is done, in units.</param>
        /// <param name="total">How much there is to do, in units.</param>
        /// <param name="unit">What is counted, in the plural: frames, bytes.</param>
        public void Progress(double done, double total, string unit)
        {
            StepRun.Current?.Progress(done, total, unit);
        }

        /// <summary>Has something disposed of at the scenario's end, the last one first.</summary>
        /// <returns>The same object.</returns>
        /// <exception cref="InvalidOperationException">The scenario has ended; the object has been disposed of.</exception>
        public T Track<T>(T disposable)
            where T : IDisposable
        {
            _objects.Track(disposable);
            return disposable;
        }

        internal void Merge(JsonObject context)
        {
            lock (_values)
            {
                foreach (KeyValuePair<string, object> entry in context)
                {
                    _values[entry.Key] = (string)entry.Value;
                }
            }
        }

        private static string OrEnvironment(long number, string variable)
        {
            return number != 0
                ? number.ToString(CultureInfo.InvariantCulture)
                : Environment.GetEnvironmentVariable(variable) ?? "0";
        }
    }
}
