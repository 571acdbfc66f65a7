using System;
using System.Collections.Generic;
using System.Threading;
using Parley.Ring;
using Parley.Servant;

namespace Parley.Steps
{
    /// <summary>What this process has open in one scenario. At the scenario's end held frames are released, an acquired
    /// one is abandoned, and every buffer is closed, the last one first.</summary>
    public sealed class RingProcess
    {
        private readonly ScenarioContext _context;

        // One object for all ends: a step changes how long those wait that are open and those to come.
        private readonly RingOptions _options = new RingOptions();
        private readonly List<IDisposable> _current = new List<IDisposable>();

        /// <param name="context">The scenario.</param>
        public RingProcess(ScenarioContext context)
        {
            _context = context;
        }

        /// <summary>The reader that steps act on: the one created last.</summary>
        internal ReaderEnd Reader => (ReaderEnd)Find(typeof(ReaderEnd))
            ?? throw new InvalidOperationException("this process has created no buffer, or has closed it; a step that creates one must come first");

        /// <summary>The writer that steps act on: the one connected last.</summary>
        internal WriterEnd Writer => (WriterEnd)Find(typeof(WriterEnd))
            ?? throw new InvalidOperationException("this process is connected to no buffer; a step that connects must come first");

        /// <summary>The buffers that this process created in a race.</summary>
        internal List<ReaderEnd> Won { get; } = new List<ReaderEnd>();

        internal CancellationToken Cancellation => _context.Cancellation;

        /// <summary>How long calls wait for the other side.</summary>
        internal TimeSpan Patience
        {
            get => _options.Timeout;
            set => _options.Timeout = value;
        }

        /// <summary>Creates a buffer by its plain name, without making it the one that steps act on.</summary>
        internal ReaderEnd Create(string name, int metadata, long payload)
        {
            return _context.Track(new ReaderEnd(RingReader.Create(_context.Resource(name), metadata, payload, _options)));
        }

        /// <summary>Connects to a buffer by its plain name, without making it the one that steps act on.</summary>
        internal WriterEnd Connect(string name)
        {
            return _context.Track(new WriterEnd(RingWriter.Connect(_context.Resource(name), _options)));
        }

        /// <summary>Has steps act on an end.</summary>
        internal void Use(IDisposable end)
        {
            _current.Add(end);
        }

        /// <summary>Closes the writer that steps act on, if there is one.</summary>
        internal void CloseWriter()
        {
            IDisposable writer = Find(typeof(WriterEnd));
            if (writer != null)
            {
                _current.Remove(writer);
                writer.Dispose();
            }
        }

        /// <summary>Closes the end that was created or connected last.</summary>
        internal void CloseLast()
        {
            if (_current.Count == 0)
            {
                throw new InvalidOperationException("this process has no buffer open; a step that creates or connects must come first");
            }
            IDisposable last = _current[_current.Count - 1];
            _current.RemoveAt(_current.Count - 1);
            last.Dispose();
        }

        /// <summary>Performs something that must not wait for the other side.</summary>
        internal void WithoutWaiting(Action action)
        {
            TimeSpan patience = Patience;
            Patience = TimeSpan.Zero;
            try
            {
                action();
            }
            finally
            {
                Patience = patience;
            }
        }

        /// <summary>Lets time pass, as the scenario asks for.</summary>
        internal void Pause(int milliseconds)
        {
            if (Cancellation.WaitHandle.WaitOne(milliseconds))
            {
                Cancellation.ThrowIfCancellationRequested();
            }
        }

        private IDisposable Find(Type type)
        {
            return _current.FindLast(end => end.GetType() == type);
        }
    }
}
