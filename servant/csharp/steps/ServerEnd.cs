using System;
using System.Threading;
using Parley.Ring;

namespace Parley.Steps
{
    /// <summary>A channel that this process serves.</summary>
    internal sealed unsafe class ServerEnd : IRingEnd
    {
        private const string Kind = "request";

        private readonly DuplexServer _server;

        /// <param name="server">The channel.</param>
        /// <param name="name">Its plain name.</param>
        internal ServerEnd(DuplexServer server, string name)
        {
            _server = server;
            Name = "channel '" + name + "'";
        }

        public string Name { get; }

        /// <summary>The requests answered since the channel was opened.</summary>
        internal long Answered { get; private set; }

        /// <summary>Waits for a client and its response buffer.</summary>
        internal void Accept(CancellationToken cancellation)
        {
            _server.Accept(cancellation);
        }

        /// <summary>Reads the next request, whatever it is, and lets it go.</summary>
        /// <returns>The request in words.</returns>
        internal string ReceiveAny(CancellationToken cancellation)
        {
            using (Frame request = _server.Receive(cancellation))
            {
                return Kind + " " + request.Sequence + " of " + request.Size + " bytes";
            }
        }

        /// <summary>Reads and checks the next request, and answers it with its own bytes.</summary>
        /// <param name="work">Done between the check and the answer.</param>
        /// <param name="cancellation">Ends the waits.</param>
        internal void Echo(Action work, CancellationToken cancellation)
        {
            using (Frame request = Receive(cancellation))
            {
                work();
                _server.Respond(request.Data, request.Size, cancellation);
                Answered++;
            }
        }

        /// <summary>Reads and checks the next request, answers it with every bit of it flipped, written in place, and
        /// checks that the request is as it was.</summary>
        internal void AnswerFlipped(CancellationToken cancellation)
        {
            using (Frame request = Receive(cancellation))
            {
                using (Slot response = _server.AcquireResponse(request.Size, cancellation))
                {
                    for (long i = 0; i < request.Size; i++)
                    {
                        response.Data[i] = (byte)~request.Data[i];
                    }
                    response.Commit();
                }
                Check(request);
                Answered++;
            }
        }

        public void Dispose()
        {
            _server.Dispose();
        }

        private static void Check(Frame request)
        {
            FrameContent.Check(request, request.Sequence, Kind);
        }

        private Frame Receive(CancellationToken cancellation)
        {
            if (!_server.HasClient)
            {
                _server.Accept(cancellation);
            }
            Frame request = _server.Receive(cancellation);
            try
            {
                Check(request);
                return request;
            }
            catch
            {
                request.Release();
                throw;
            }
        }
    }
}
