using System;
using System.Globalization;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Parley.Servant;

namespace Parley.Tests
{
    /// <summary>The behaviours that the golden transcripts define steps with; their README says what each does. They
    /// have no attributes: the transcripts give the patterns.</summary>
    public sealed class TranscriptSteps
    {
        private readonly ScenarioContext _context;
        private int _visits;

        public TranscriptSteps(ScenarioContext context)
        {
            _context = context;
        }

        /// <summary>Set when the conversation that is being held is over.</summary>
        internal static ManualResetEvent IsOver { get; set; }

        internal static StepDefinition Define(int id, string type, string behaviour, string pattern)
        {
            string name = char.ToUpperInvariant(behaviour[0]) + behaviour.Substring(1);
            MethodInfo method = typeof(TranscriptSteps).GetMethod(name)
                ?? throw new ArgumentException("unknown behaviour: " + behaviour);
            return new StepDefinition(id, AttributeOf(type, pattern), method);
        }

        public void Passes(string role)
        {
        }

        public void Fails(string role)
        {
            throw new StepFailedException(4, 5, "bytes read");
        }

        public void Throws(string role)
        {
            throw new InvalidOperationException("boom");
        }

        public void Pends(string role)
        {
            throw new PendingStepException();
        }

        public void Skips(string role)
        {
            throw new SkipStepException("it does not apply");
        }

        public Task Waits(string role)
        {
            return Task.Delay(Timeout.Infinite, _context.Cancellation);
        }

        public void Hangs(string role)
        {
            IsOver.WaitOne();
        }

        public void Visits(string role)
        {
            _visits++;
            _context["visits"] = _visits.ToString(CultureInfo.InvariantCulture);
        }

        public void Names(string role, string name)
        {
            _context["name"] = _context.Resource(name);
        }

        public void Recalls(string role, string key, string value)
        {
            if (_context[key] != value)
            {
                throw new StepFailedException(value, _context[key], "the shared value of " + key);
            }
        }

        public void Counts(string role, int rows, Table table)
        {
            if (table.Rows.Count != rows)
            {
                throw new StepFailedException(rows, table.Rows.Count, "rows");
            }
            foreach (TableRow row in table.Rows)
            {
                if (row["k"].Length == 0)
                {
                    throw new StepFailedException("a text", "none", "the cell below k");
                }
            }
        }

        public void Says(string role, DocString text)
        {
            _context.LogInformation(text.Content);
            _context.Attach("said.txt", text.Content);
        }

        private static StepAttribute AttributeOf(string type, string pattern)
        {
            switch (type)
            {
                case "Given":
                    return new GivenAttribute(pattern);
                case "When":
                    return new WhenAttribute(pattern);
                case "Then":
                    return new ThenAttribute(pattern);
                case "step":
                    return new StepDefinitionAttribute(pattern);
                default:
                    throw new ArgumentException("unknown type of definition: " + type);
            }
        }
    }
}
