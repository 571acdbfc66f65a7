using System.Collections.Generic;
using System.Threading;
using Parley.Ring;

namespace Parley.Probe
{
    /// <summary>ring-probe pong: the server of a duplex channel that answers each request with its own bytes.</summary>
    internal sealed unsafe class PongCommand : ICommand
    {
        private readonly Traffic _traffic = new Traffic();
        private readonly Arguments _arguments;
        private readonly RingOptions _options;
        private readonly int _metadataSize;
        private readonly long _payloadSize;

        internal PongCommand(IReadOnlyList<string> words)
        {
            _arguments = Arguments.Parse(words, new[] { "--metadata", "--payload", "--timeout-ms" }, new string[0]);
            _metadataSize = (int)_arguments.Required("--metadata", 0, int.MaxValue);
            _payloadSize = _arguments.Required("--payload", 1, long.MaxValue / 2);
            _options = new RingOptions { Timeout = _arguments.Milliseconds("--timeout-ms", 5000) };
        }

        public void Run(CancellationToken cancellation)
        {
            DuplexServer server = SetUp.Do(() =>
                DuplexServer.Create(_arguments.Name, _metadataSize, _payloadSize, _options));
            using (server)
            {
                Output.Line("ready");
                while (true)
                {
                    try
                    {
                        using (Frame request = server.Receive(cancellation))
                        {
                            if (_traffic.Frames == 0)
                            {
                                _traffic.Start();
                            }
                            server.Respond(request.Data, request.Size, cancellation);
                            _traffic.Add(request.Size);
                        }
                    }
                    catch (RingException e) when (e.Error == RingError.WriterGone)
                    {
                        return;
                    }
                }
            }
        }

        public string Progress => "after " + _traffic.Frames + " requests: ";

        public JsonLine Report(JsonLine line)
        {
            return _traffic.Report(line, 0);
        }
    }
}
