using System;
using System.Collections.Generic;

namespace Parley.Servant
{
    /// <summary>Performs steps within their limits. Contract: "Timeouts" and "Matching".</summary>
    internal sealed class StepRunner
    {
        /// <summary>The limit of a step that names none, in milliseconds.</summary>
        internal const long DefaultTimeoutMs = 30000;

        private readonly Workers _workers;
        private readonly Deadlines _deadlines;
        private readonly DefinitionRegistry _registry;
        private readonly Func<Exception, string> _failureType;
        private readonly Action<StepRun, StepResult> _answer;
        private readonly Dictionary<object, StepRun> _byRequest = new Dictionary<object, StepRun>();

        /// <param name="workers">Where steps are told to stop.</param>
        /// <param name="registry">The step definitions.</param>
        /// <param name="failureType">Names the kind of a failure; null leaves it to the exception's class.</param>
        /// <param name="answer">Sends a step's result; called once for each step.</param>
        internal StepRunner(Workers workers, DefinitionRegistry registry, Func<Exception, string> failureType, Action<StepRun, StepResult> answer)
        {
            _workers = workers;
            _deadlines = new Deadlines(workers);
            _registry = registry;
            _failureType = failureType;
            _answer = answer;
        }

        /// <summary>Makes a step known to <see cref="Cancel"/>, from its arrival on.</summary>
        internal void Expect(StepRun run)
        {
            if (run.RequestId == null)
            {
                return;
            }
            lock (_byRequest)
            {
                if (_byRequest.ContainsKey(run.RequestId))
                {
                    throw new RequestException(RpcError.InvalidRequest, "the id " + run.RequestId + " belongs to a step that still runs");
                }
                _byRequest.Add(run.RequestId, run);
            }
        }

        /// <summary>Stops the step of a request; none if it was answered already.</summary>
        internal void Cancel(object requestId)
        {
            StepRun run;
            lock (_byRequest)
            {
                _byRequest.TryGetValue(requestId, out run);
            }
            if (run != null)
            {
                Stop(run, StepStatus.Cancelled);
            }
        }

        /// <summary>Tells a step to end with a status, and answers in its place if it has not ended within the grace.
        /// Does not wait.</summary>
        internal void Stop(StepRun run, string status)
        {
            if (!run.TryStop(status))
            {
                return;
            }
            // First the limit, then what the step has registered on its token: that may block.
            _deadlines.After(Server.StopGraceMs, () => Finish(run, Stopped(run, null)));
            _workers.Run(run.CancelToken);
        }

        /// <summary>Performs a step on the calling thread. Returns when the step does, which may be long after its
        /// answer.</summary>
        /// <exception cref="RequestException">The request itself is wrong; the step has no answer yet.</exception>
        internal void Perform(StepRun run, Scenario scenario)
        {
            StepRun.Current = run;
            try
            {
                if (scenario == null)
                {
                    throw new RequestException(RpcError.InvalidRequest, "executeStep came without a scenario; send initialize first");
                }
                scenario.Enter(run);
                try
                {
                    Finish(run, Invoke(run, scenario));
                }
                finally
                {
                    scenario.Leave(run);
                }
            }
            catch (StepErrorException e)
            {
                Finish(run, StepResult.From(e, _failureType));
            }
            catch (RequestException)
            {
                if (Claim(run))
                {
                    run.AnswerSent.Set();
                    throw;
                }
            }
            finally
            {
                StepRun.Current = null;
            }
        }

        /// <summary>Fails a step from another thread than its own; false if it was answered already.</summary>
        internal bool TryFail(StepRun run, Exception exception)
        {
            bool failed = Finish(run, StepResult.From(exception, _failureType));
            if (failed)
            {
                run.TryStop(StepStatus.Failed);
                _workers.Run(run.CancelToken);
            }
            return failed;
        }

        private StepResult Invoke(StepRun run, Scenario scenario)
        {
            ExecuteStepRequest request = run.Request;
            long limit = Positive(request.TimeoutMs) ?? Positive(scenario.StepTimeoutMs) ?? DefaultTimeoutMs;
            scenario.Context.Merge(request.Context);
            run.StartClock();
            using (_deadlines.After(limit, () => Stop(run, StepStatus.Timeout)))
            {
                Exception exception = null;
                try
                {
                    if (run.StopStatus == null)
                    {
                        StepDefinition definition = Definition(request, out string[] arguments);
                        definition.Invoke(scenario.Context.Objects, arguments, request.Table, request.DocString);
                    }
                }
                catch (RequestException)
                {
                    throw;
                }
                catch (Exception e)
                {
                    exception = e;
                }
                finally
                {
                    // Before the answer: the next step may arrive right after it.
                    run.NoteReturn();
                }
                if (run.StopStatus != null)
                {
                    return Stopped(run, exception);
                }
                return exception == null ? StepResult.Passed() : StepResult.From(exception, _failureType);
            }
        }

        private static long? Positive(long? milliseconds)
        {
            return milliseconds > 0 ? milliseconds : null;
        }

        private static StepResult Stopped(StepRun run, Exception exception)
        {
            string how = exception == null || exception is OperationCanceledException ? "" : "; it ended with: " + StepResult.MessageOf(exception);
            string stack = exception == null ? null : StepResult.StackOf(exception);
            if (run.StopStatus == StepStatus.Timeout)
            {
                return StepResult.Stopped(
                    StepStatus.Timeout,
                    "Step execution timeout after " + (run.ElapsedNs / 1000000) + " ms: '" + run.Request.Step + "'" + how,
                    StepResult.TimeoutType,
                    stack);
            }
            return StepResult.Stopped(StepStatus.Cancelled, "Step cancelled: '" + run.Request.Step + "'" + how, "Cancelled", stack);
        }

        private StepDefinition Definition(ExecuteStepRequest request, out string[] arguments)
        {
            if (request.Definition == null)
            {
                return _registry.Match(request.StepType, request.Step, out arguments);
            }
            arguments = request.Arguments ?? new string[0];
            return _registry.ById(request.Definition.Value);
        }

        private bool Finish(StepRun run, StepResult result)
        {
            bool claimed = Claim(run);
            if (claimed)
            {
                _answer(run, result);
                run.AnswerSent.Set();
            }
            return claimed;
        }

        /// <summary>Whether the caller is the one to answer the step's request.</summary>
        private bool Claim(StepRun run)
        {
            if (!run.TryAnswer())
            {
                return false;
            }
            if (run.RequestId != null)
            {
                lock (_byRequest)
                {
                    _byRequest.Remove(run.RequestId);
                }
            }
            return true;
        }
    }
}
