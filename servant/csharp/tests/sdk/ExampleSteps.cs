using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Parley.Servant;

namespace Parley.Tests
{
    /// <summary>What a step of <see cref="ExampleSteps"/> has and does, one object per scenario.</summary>
    public sealed class ExampleState : IDisposable
    {
        /// <summary>How many were made and not disposed of.</summary>
        private static int _alive;

        public ExampleState()
        {
            Interlocked.Increment(ref _alive);
        }

        internal static int Alive => _alive;

        internal int Count { get; set; }

        internal ManualResetEvent Disposed { get; } = new ManualResetEvent(false);

        public void Dispose()
        {
            Interlocked.Decrement(ref _alive);
            Disposed.Set();
        }
    }

    [Binding]
    public sealed class ExampleSteps
    {
        private readonly ScenarioContext _context;
        private readonly ExampleState _state;

        public ExampleSteps(ScenarioContext context, ExampleState state)
        {
            _context = context;
            _state = state;
        }

        [Given(@"the count is '(\d+)'")]
        [When(@"the count becomes '(\d+)'")]
        public void SetCount(int count)
        {
            _state.Count = count;
        }

        [Then(@"the count is '(\d+)'", Summary = "Checks the count")]
        public void CheckCount(int count)
        {
            if (_state.Count != count)
            {
                throw new StepFailedException(count, _state.Count, "the count");
            }
        }

        [StepDefinition("twice (.*)")]
        public void Twice(string text)
        {
        }

        [Then("twice the (.*)")]
        public void TwiceAgain(string text)
        {
        }

        [StepDefinition("a definition with two (.*)")]
        public void TwoParameters(string first, string second)
        {
        }

        [StepDefinition(@"typed (\S+) (\S+) (\S+) (\S+)( .+)?")]
        public void Typed(long number, double ratio, bool flag, DayOfWeek day, int? optional)
        {
            _context["typed"] = FormattableString.Invariant($"{number} {ratio} {flag} {day} {optional?.ToString() ?? "none"}");
        }

        [StepDefinition("a table for '(.*)'")]
        public void TakeTable(string who, Table table)
        {
            _context["table"] = string.Join(",", table.Headers) + "/" + table.Rows.Count + "/" + table.Rows[0]["size"];
        }

        [StepDefinition("a doc string")]
        public void TakeDocString(DocString text)
        {
            _context["doc"] = text.MediaType + ":" + text.Content;
        }

        [StepDefinition("a plain text")]
        public void TakeText(string text)
        {
            _context["text"] = text;
        }

        [StepDefinition("an asynchronous step")]
        public async Task<int> Asynchronous()
        {
            await Task.Yield();
            _context.LogInformation("after the await");
            throw new InvalidOperationException("late failure");
        }

        [StepDefinition("logs and attachments")]
        public void Record()
        {
            _context.LogDebug("first");
            var thread = new Thread(() => _context.LogWarning("from a thread"));
            thread.Start();
            thread.Join();
            _context.Attach("note.txt", "content");
            _context.Attach("two.bin", "application/octet-stream", new byte[] { 1, 2 });
            _context.Progress(1, 2, "halves");
        }

        [StepDefinition("too large an attachment")]
        public void AttachTooMuch()
        {
            _context.Attach("big", "application/octet-stream", new byte[StepRecord.MaxAttachments + 1]);
        }

        [StepDefinition("an attachment '(.*)' of type '(.*)'")]
        public void AttachAs(string name, string mediaType)
        {
            _context.Attach(name, mediaType, new byte[0]);
        }

        [StepDefinition("fails at a known line")]
        public void FailAtLine()
        {
            throw new InvalidOperationException(Place());
        }

        [StepDefinition("fails below a library at a known line")]
        public void FailBelowLibrary()
        {
            Array.ForEach(new[] { "x" }, text => throw new InvalidOperationException(Place()));
        }

        [StepDefinition("fails in a library at a known line")]
        public void FailInLibrary()
        {
            int.Parse(_context["place"] = Place());
        }

        [StepDefinition("fails after an await at a known line")]
        public async Task FailAfterAwait()
        {
            await Task.Yield();
            throw new InvalidOperationException(Place());
        }

        [StepDefinition("fails without a word")]
        public void FailSilently()
        {
            throw new InvalidOperationException("");
        }

        [StepDefinition("fails with what cannot be looked at")]
        public void FailUnspeakably()
        {
            throw new UnspeakableException();
        }

        [StepDefinition("shares '(.*)' as '(.*)'")]
        public void Share(string value, string key)
        {
            _context[key] = value;
        }

        [Then("'(.*)' is shared as '(.*)'")]
        public void IsShared(string value, string key)
        {
            if (_context[key] != value)
            {
                throw new StepFailedException(value, _context[key], "the value of " + key);
            }
        }

        [StepDefinition("the resource '(.*)'")]
        public void NameResource(string name)
        {
            _context["resource"] = _context.Resource(name);
        }

        [StepDefinition("a step that is not written")]
        public void Pending()
        {
            throw new PendingStepException();
        }

        [StepDefinition("a step that does not apply")]
        public void Skip()
        {
            throw new SkipStepException("no second disk");
        }

        [StepDefinition("waits for the token")]
        public async Task WaitForToken()
        {
            _context.LogInformation("waiting");
            await Task.Delay(Timeout.Infinite, _context.Cancellation);
        }

        [StepDefinition("blocks whatever its token says")]
        public void Block()
        {
            _context.LogInformation("blocking");
            _state.Disposed.WaitOne();
        }

        [StepDefinition("never returns")]
        public void NeverReturn()
        {
            _context.LogInformation("blocking");
            Thread.Sleep(Timeout.Infinite);
        }

        [StepDefinition("prints to standard output")]
        public void Print()
        {
            Console.WriteLine("Content-Length: 7\r\n\r\na stray print");
            Console.Out.Flush();
        }

        [StepDefinition("a child process prints and reads")]
        public void RunChild()
        {
            var start = new ProcessStartInfo("/bin/sh", "-c \"echo child; cat\"") { UseShellExecute = false };
            using (Process child = Process.Start(start))
            {
                child.WaitForExit();
            }
        }

        [StepDefinition("a thread throws")]
        public void ThreadThrows()
        {
            new Thread(() => throw new InvalidOperationException("thrown on a thread")).Start();
            _context.Cancellation.WaitHandle.WaitOne();
        }

        private sealed class UnspeakableException : Exception
        {
            public override string Message => throw new InvalidOperationException("no message");

            public override string StackTrace => throw new InvalidOperationException("no stack");
        }

        /// <summary>Where it is called: <c>ExampleSteps.cs:41</c>.</summary>
        private static string Place([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        {
            return Path.GetFileName(file) + ":" + line;
        }
    }
}
