using System;
using System.Collections.Generic;
using System.Threading;
using Parley.Ring;
using Parley.Servant;

namespace Parley.Steps
{
    /// <summary>What this process has open in one scenario. At the scenario's end held frames are released, an acquired
    /// one is abandoned, and every buffer and channel is closed, the last one first.</summary>
    public sealed class RingProcess
    {
        private readonly ScenarioContext _context;

        // One object for all ends: a step changes how long those wait that are open and those to come.
        private readonly RingOptions _options = new RingOptions();
        private readonly List<IRingEnd> _open = new List<IRingEnd>();
        private readonly List<IRingEnd> _current = new List<IRingEnd>();

        /// <param name="context">The scenario.</param>
        public RingProcess(ScenarioContext context)
        {
            _context = context;
        }

        /// <summary>The reader that steps act on: the one created last.</summary>
        internal ReaderEnd Reader => Find<ReaderEnd>()
            ?? throw new InvalidOperationException("this process has created no buffer, or has closed it; a step that creates one must come first");

        /// <summary>The writer that steps act on: the one connected last.</summary>
        internal WriterEnd Writer => Find<WriterEnd>()
            ?? throw new InvalidOperationException("this process is connected to no buffer; a step that connects must come first");

        /// <summary>The channel that this process serves.</summary>
        internal ServerEnd Server => Find<ServerEnd>()
            ?? throw new InvalidOperationException("this process serves no channel, or has closed it; a step that opens one must come first");

        /// <summary>The channel that this process is a client of.</summary>
        internal ClientEnd Client => Find<ClientEnd>()
            ?? throw new InvalidOperationException("this process is connected to no channel; a step that connects must come first");

        /// <summary>Whether this process has an end of a channel open.</summary>
        internal bool HasChannel => FindChannel() != null;

        /// <summary>The buffers that this process created in a race.</summary>
        internal List<ReaderEnd> Won { get; } = new List<ReaderEnd>();

        /// <summary>The names of all that this process has open.</summary>
        internal IEnumerable<string> OpenNames => _open.ConvertAll(end => end.Name);

        internal CancellationToken Cancellation => _context.Cancellation;

        /// <summary>How long calls wait for the other side.</summary>
        internal TimeSpan Patience
        {
            get => _options.Timeout;
            set => _options.Timeout = value;
        }

        /// <summary>The name of a buffer or channel in this cell.</summary>
        internal string Resource(string name)
        {
            return _context.Resource(name);
        }

        /// <summary>Creates a buffer by its plain name, without making it the one that steps act on.</summary>
        internal ReaderEnd Create(string name, int metadata, long payload)
        {
            return Opened(new ReaderEnd(RingReader.Create(Resource(name), metadata, payload, _options)));
        }

        /// <summary>Connects to a buffer by its plain name, without making it the one that steps act on.</summary>
        internal WriterEnd Connect(string name)
        {
            return Opened(new WriterEnd(RingWriter.Connect(Resource(name), _options)));
        }

        /// <summary>Opens a channel by its plain name; a process has one at a time.</summary>
        internal void OpenChannel(string name, long payload)
        {
            CloseChannel();
            Use(Opened(new ServerEnd(DuplexServer.Create(Resource(name), 0, payload, _options), name)));
        }

        /// <summary>Connects to a channel by its plain name, waiting for it as long as calls wait for the other side; a
        /// process has one at a time.</summary>
        internal void ConnectToChannel(string name, long payload)
        {
            CloseChannel();
            long deadline = Clock.Now + (long)(Patience.TotalMilliseconds * Clock.Millisecond);
            while (true)
            {
                try
                {
                    Use(Opened(new ClientEnd(DuplexClient.Connect(Resource(name), 0, payload, _options), name)));
                    return;
                }
                catch (RingException e) when (e.IsNotYetThere && Clock.Now < deadline)
                {
                    Pause(1);
                }
            }
        }

        /// <summary>Creates a buffer under exactly this name, and closes it after a while.</summary>
        internal void CreateAndClose(string resource, int metadata, long payload, int keptMilliseconds = 0)
        {
            using (RingReader.Create(resource, metadata, payload, _options))
            {
                Pause(keptMilliseconds);
            }
        }

        /// <summary>Connects to the buffer of exactly this name, and closes at once.</summary>
        internal void ConnectAndClose(string resource)
        {
            RingWriter.Connect(resource, _options).Dispose();
        }

        /// <summary>Has steps act on an end.</summary>
        internal void Use(IRingEnd end)
        {
            _current.Add(end);
        }

        /// <summary>Closes an end.</summary>
        internal void Close(IRingEnd end)
        {
            _current.Remove(end);
            _open.Remove(end);
            end.Dispose();
        }

        /// <summary>Closes the writer that steps act on, if there is one.</summary>
        internal void CloseWriter()
        {
            CloseIfAny(_current.FindLast(end => end is WriterEnd));
        }

        /// <summary>Closes the end of a channel that this process has, if there is one.</summary>
        internal void CloseChannel()
        {
            CloseIfAny(FindChannel());
        }

        /// <summary>Closes the end of a buffer that was created or connected last.</summary>
        internal void CloseLast()
        {
            IRingEnd last = _current.FindLast(end => end is ReaderEnd || end is WriterEnd)
                ?? throw new InvalidOperationException("this process has no buffer open; a step that creates or connects must come first");
            Close(last);
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
            if (milliseconds > 0 && Cancellation.WaitHandle.WaitOne(milliseconds))
            {
                Cancellation.ThrowIfCancellationRequested();
            }
        }

        private void CloseIfAny(IRingEnd end)
        {
            if (end != null)
            {
                Close(end);
            }
        }

        private IRingEnd FindChannel()
        {
            return _current.FindLast(end => end is ServerEnd || end is ClientEnd);
        }

        private T Opened<T>(T end)
            where T : IRingEnd
        {
            _context.Track(end);
            _open.Add(end);
            return end;
        }

        private T Find<T>()
            where T : class, IRingEnd
        {
            return (T)_current.FindLast(end => end is T);
        }
    }
}
