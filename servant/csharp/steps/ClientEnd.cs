using System;
using System.Threading;
using Parley.Ring;

namespace Parley.Steps
{
    /// <summary>A channel that this process is a client of. Requests carry the test pattern under their sequence numbers,
    /// and responses come in the order of the requests.</summary>
    internal sealed unsafe class ClientEnd : IRingEnd
    {
        private const string Kind = "response";

        private readonly DuplexClient _client;
        private byte[] _request = new byte[0];
        private ulong _sent;
        private ulong _received;

        /// <param name="client">The channel.</param>
        /// <param name="name">Its plain name.</param>
        internal ClientEnd(DuplexClient client, string name)
        {
            _client = client;
            Name = "channel '" + name + "'";
        }

        public string Name { get; }

        /// <summary>Fails unless the response that comes next is that to the request sent next.</summary>
        internal void RequireAllAnswered()
        {
            if (_sent != _received)
            {
                throw new InvalidOperationException(
                    (_sent - _received) + " requests have no response yet; a step that gets their responses must come first");
            }
        }

        /// <summary>Sends the next request.</summary>
        /// <param name="size">Its size in bytes.</param>
        /// <param name="cancellation">Ends the wait for room.</param>
        internal void Send(int size, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            _client.Send(NextRequest(size), cancellation);
            _sent++;
        }

        /// <summary>Sends the next request, written in place.</summary>
        internal void SendInPlace(long size, CancellationToken cancellation)
        {
            Slot request = _client.AcquireRequest(size, cancellation);
            TestPattern.FillFrame(request.Data, size, _sent + 1);
            request.Commit();
            _sent++;
        }

        /// <summary>Reads the next response, whatever it is, and lets it go.</summary>
        /// <returns>The response in words.</returns>
        internal string ReceiveAny(CancellationToken cancellation)
        {
            using (Frame response = Receive(cancellation))
            {
                return Kind + " " + _received + " of " + response.Size + " bytes";
            }
        }

        /// <summary>Reads the response to the oldest request not answered yet, which must be that request.</summary>
        internal void ReceiveEcho(long size, CancellationToken cancellation)
        {
            using (Frame response = Receive(cancellation))
            {
                FrameContent.Check(response, size, _received, Kind);
            }
        }

        /// <summary>Reads the response to the oldest request not answered yet, which must be that request with every bit
        /// flipped.</summary>
        internal void ReceiveFlipped(long size, CancellationToken cancellation)
        {
            using (Frame response = Receive(cancellation))
            {
                FrameContent.CheckFlipped(response, size, _received, Kind);
            }
        }

        /// <summary>Sends a request and reads its response. Making the one and checking the other are not measured.</summary>
        /// <returns>How long it took, in nanoseconds.</returns>
        internal long MeasureRoundTrip(int size, CancellationToken cancellation)
        {
            byte[] request = NextRequest(size);
            long start = Clock.Now;
            _client.Send(request, cancellation);
            _sent++;
            using (Frame response = Receive(cancellation))
            {
                long took = Clock.Now - start;
                FrameContent.Check(response, size, _received, Kind);
                return took;
            }
        }

        public void Dispose()
        {
            _client.Dispose();
        }

        /// <summary>The bytes of the next request, valid until the next call.</summary>
        private byte[] NextRequest(int size)
        {
            if (_request.Length != size)
            {
                _request = new byte[size];
            }
            fixed (byte* data = _request)
            {
                TestPattern.FillFrame(data, size, _sent + 1);
            }
            return _request;
        }

        private Frame Receive(CancellationToken cancellation)
        {
            Frame response = _client.Receive(cancellation);
            _received++;
            return response;
        }
    }
}
