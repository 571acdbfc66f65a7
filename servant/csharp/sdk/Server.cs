using System;
using System.Collections.Generic;
using System.Threading;

namespace Parley.Servant
{
    /// <summary>Serves the contract's methods. health and cancellation are answered at once; everything else may
    /// block and has a thread of its own. What changes the scenario happens in the order of arrival, and steps see
    /// what was asked for before them. Contract: "Requests" and "Life of a servant".</summary>
    internal sealed class Server
    {
        internal const string ContractVersion = "1.1";
        internal const string SdkVersion = "parley-csharp 0.1";

        // A step that was stopped has this long to end by itself. Shorter than the second after which the
        // coordinator kills the process.
        internal const int StopGraceMs = 250;

        // How long the end of the input waits for the scenario's objects to be disposed of.
        private const int EndOfInputGraceMs = 2000;

        // One for the step, one for what stops it, one for what runs on its token then.
        private const int StandingWorkers = 3;

        private readonly Connection _connection;
        private readonly ServerOptions _options;
        private readonly Action<int> _exit;
        private readonly DefinitionRegistry _registry;
        private readonly Workers _workers = new Workers(StandingWorkers);
        private readonly StepRunner _runner;
        private readonly object _scenarioGate = new object();
        private Scenario _scenario;
        private ManualResetEventSlim _lastChange = new ManualResetEventSlim(true);
        private volatile bool _isCurrent;

        /// <param name="connection">Where requests come from.</param>
        /// <param name="registry">The step definitions.</param>
        /// <param name="options">What the servant says of itself.</param>
        /// <param name="exit">Ends the process with a status.</param>
        internal Server(Connection connection, DefinitionRegistry registry, ServerOptions options, Action<int> exit)
        {
            _connection = connection;
            _registry = registry;
            _options = options;
            _exit = exit;
            _runner = new StepRunner(_workers, _registry, options.FailureType, AnswerStep);
        }

        /// <summary>Serves until the input ends; then cleans up and exits with 0.</summary>
        internal void Run()
        {
            _connection.Listen(Handle);
            var cleaned = new ManualResetEventSlim();
            _workers.Run(() =>
            {
                try
                {
                    EndScenario();
                }
                finally
                {
                    cleaned.Set();
                }
            });
            if (!cleaned.Wait(EndOfInputGraceMs))
            {
                Console.Error.WriteLine("the input ended, and the scenario's objects were not disposed of within " + EndOfInputGraceMs + " ms");
            }
            _exit(0);
        }

        /// <summary>An exception that nothing caught ended a thread: fails the step it belongs to, or the scenario's next
        /// one.</summary>
        internal void Fault(Exception exception)
        {
            Scenario scenario = CurrentScenario();
            // Not every runtime still knows here what the thread belonged to.
            StepRun run = StepRun.Current ?? scenario?.Running();
            if (run != null && _runner.TryFail(run, exception))
            {
                return;
            }
            scenario?.Fail("a thread of this scenario ended with an unhandled exception: " + exception);
        }

        private static JsonObject Describe(StepDefinition definition, SourcePaths paths)
        {
            return new JsonObject
            {
                { "id", (long)definition.Id },
                { "type", definition.Type },
                { "pattern", definition.Pattern },
                { "source", paths.Relative(definition.File) + ":" + definition.Line },
                { "summary", definition.Summary },
            };
        }

        private void Handle(Request request)
        {
            try
            {
                Dispatch(request);
            }
            catch (RequestException e)
            {
                Refuse(request, e.Code, e.Message);
            }
            catch (Exception e)
            {
                Refuse(request, RpcError.Internal, request.Method + ": " + e.Message);
            }
        }

        private void Dispatch(Request request)
        {
            switch (request.Method)
            {
                case "health":
                    Answer(request, Health());
                    break;
                case "discover":
                    _workers.Run(() => Perform(request, Discover));
                    break;
                case "initialize":
                    InitializeRequest initialize = InitializeRequest.From(request.Parameters());
                    Change(request, () => Initialize(initialize));
                    break;
                case "executeStep":
                    ExecuteStep(request);
                    break;
                case "cleanup":
                    Change(request, Cleanup);
                    break;
                case "shutdown":
                    Change(request, Cleanup, () => _exit(0));
                    break;
                case "$/cancelRequest":
                    _runner.Cancel(request.ParametersOrBare()["id"] ?? throw new RequestException(RpcError.InvalidParams, "it names no id"));
                    break;
                default:
                    if (request.IsNotification)
                    {
                        break;
                    }
                    throw new RequestException(RpcError.UnknownMethod, "this servant does not know the method '" + request.Method + "'");
            }
        }

        private object Health()
        {
            if (_options.IsLegacyParent)
            {
                return true;
            }
            return new JsonObject
            {
                { "ok", true },
                { "contract", ContractVersion },
                { "platform", _options.Platform },
                { "sdk", SdkVersion },
                { "pid", (long)NativeMethods.getpid() },
                { "capabilities", new List<object> { "table", "docString", "cancel", "logs", "reset" } },
            };
        }

        private object Discover()
        {
            var paths = new SourcePaths();
            var steps = new List<object>();
            foreach (StepDefinition definition in _registry.Definitions)
            {
                steps.Add(Describe(definition, paths));
            }
            return new JsonObject { { "steps", steps } };
        }

        private object Initialize(InitializeRequest request)
        {
            _isCurrent |= request.IsCurrent;
            // A scenario that was not cleaned up must not leak into this one.
            Cleanup();
            lock (_scenarioGate)
            {
                _scenario = new Scenario(request);
            }
            return _isCurrent ? (object)new JsonObject { { "ok", true } } : true;
        }

        private object Cleanup()
        {
            List<string> failures = EndScenario();
            if (failures.Count > 0)
            {
                throw new RequestException(RpcError.Internal, "cleanup could not dispose of " + string.Join("; ", failures));
            }
            return null;
        }

        private List<string> EndScenario()
        {
            Scenario scenario;
            lock (_scenarioGate)
            {
                scenario = _scenario;
                _scenario = null;
            }
            return scenario == null ? new List<string>() : scenario.End(run => _runner.Stop(run, StepStatus.Cancelled));
        }

        private void ExecuteStep(Request request)
        {
            ExecuteStepRequest step = ExecuteStepRequest.From(request.Parameters());
            _isCurrent |= step.IsCurrent;
            var run = new StepRun(request.Id, step, SendLog, SendProgress);
            _runner.Expect(run);
            ManualResetEventSlim before = _lastChange;
            _workers.Run(() =>
            {
                before.Wait();
                try
                {
                    _runner.Perform(run, CurrentScenario());
                }
                catch (RequestException e)
                {
                    Refuse(request, e.Code, e.Message);
                }
            });
        }

        private Scenario CurrentScenario()
        {
            lock (_scenarioGate)
            {
                return _scenario;
            }
        }

        /// <summary>Performs what changes the scenario, after the changes asked for before.</summary>
        private void Change(Request request, Func<object> change, Action afterwards = null)
        {
            ManualResetEventSlim before = _lastChange;
            var done = new ManualResetEventSlim();
            _lastChange = done;
            _workers.Run(() =>
            {
                before.Wait();
                try
                {
                    Perform(request, change);
                }
                finally
                {
                    done.Set();
                }
                afterwards?.Invoke();
            });
        }

        private void Perform(Request request, Func<object> action)
        {
            try
            {
                Answer(request, action());
            }
            catch (RequestException e)
            {
                Refuse(request, e.Code, e.Message);
            }
            catch (Exception e)
            {
                Refuse(request, RpcError.Internal, request.Method + ": " + e.Message);
            }
        }

        private void Answer(Request request, object result)
        {
            if (!request.IsNotification)
            {
                _connection.Respond(request.Id, result);
            }
        }

        private void Refuse(Request request, int code, string message)
        {
            if (request.IsNotification)
            {
                Console.Error.WriteLine("notification " + request.Method + ": " + message);
                return;
            }
            _connection.SendError(request.Id, code, message);
        }

        private void AnswerStep(StepRun run, StepResult result)
        {
            if (run.RequestId != null)
            {
                _connection.Respond(run.RequestId, result.ToJson(run.Record, run.ElapsedNs));
            }
        }

        private void SendLog(StepRun run, LogEntry entry)
        {
            if (_isCurrent)
            {
                JsonObject line = entry.ToJson();
                line.Add("stepId", run.Request.StepId);
                _connection.Notify("log", line);
            }
        }

        private void SendProgress(StepRun run, double done, double total, string unit)
        {
            // Without an id the coordinator could not tell whose progress it is.
            if (_isCurrent && run.Request.StepId != null)
            {
                _connection.Notify("progress", new JsonObject
                {
                    { "stepId", run.Request.StepId }, { "done", done }, { "total", total }, { "unit", unit },
                });
            }
        }
    }
}
