using System;
using System.Collections.Generic;

namespace Parley.Servant
{
    /// <summary>What lives from initialize to cleanup: the context, its objects, and the steps that run.</summary>
    internal sealed class Scenario
    {
        private readonly List<StepRun> _running = new List<StepRun>();
        private string _fault;

        internal Scenario(InitializeRequest request)
        {
            Context = new ScenarioContext(request);
            StepTimeoutMs = request.StepTimeoutMs;
        }

        internal ScenarioContext Context { get; }

        internal long? StepTimeoutMs { get; }

        /// <summary>Lets a step begin.</summary>
        /// <exception cref="StepErrorException">The scenario's state can no longer be trusted.</exception>
        internal void Enter(StepRun run)
        {
            lock (_running)
            {
                if (_fault != null)
                {
                    throw new StepErrorException("UnhandledException", _fault);
                }
                foreach (StepRun other in _running)
                {
                    if (other.IsAnswered && !other.HasReturned)
                    {
                        throw new StepErrorException(
                            "StepStillRunning", "an earlier step of this scenario was given up and still runs: '" + other.Request.Step + "'");
                    }
                }
                _running.Add(run);
            }
        }

        internal void Leave(StepRun run)
        {
            lock (_running)
            {
                _running.Remove(run);
            }
        }

        /// <summary>A step that runs and is not answered yet, or null.</summary>
        internal StepRun Running()
        {
            lock (_running)
            {
                return _running.Find(run => !run.IsAnswered);
            }
        }

        /// <summary>Fails the steps to come: a thread of this scenario died of an exception while no step ran.</summary>
        internal void Fail(string fault)
        {
            lock (_running)
            {
                _fault = fault;
            }
        }

        /// <summary>Stops what still runs, waits until it is answered, and disposes of the scenario's objects. Safe to
        /// call twice.</summary>
        /// <param name="stop">Stops a step: sees to it that it is answered soon, whatever it does.</param>
        /// <returns>What failed.</returns>
        internal List<string> End(Action<StepRun> stop)
        {
            StepRun[] running;
            lock (_running)
            {
                running = _running.ToArray();
            }
            foreach (StepRun run in running)
            {
                stop(run);
            }
            foreach (StepRun run in running)
            {
                run.AnswerSent.Wait();
            }
            return Context.Objects.End();
        }
    }
}
