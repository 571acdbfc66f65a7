using System;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// The server of a duplex channel: it creates and reads the request buffer, and writes to the response buffer that
    /// its client creates (ring-buffer specification, "Duplex channel"). It serves one client after the other. One
    /// thread uses it at a time; only <see cref="Dispose"/> may be called while another thread is inside.
    /// </summary>
    public sealed unsafe class DuplexServer : IDisposable
    {
        private readonly string _responseName;
        private readonly RingReader _requests;
        private readonly RingOptions _options;
        private RingWriter _responses;
        private int _closed;

        private DuplexServer(string responseName, RingReader requests, RingOptions options)
        {
            _responseName = responseName;
            _requests = requests;
            _options = options;
        }

        /// <summary>The request buffer, for its sizes and metadata.</summary>
        public RingReader Requests => _requests;

        /// <summary>Whether a client was accepted, or has sent a request, and was not found dead or gone since.</summary>
        public bool HasClient => Volatile.Read(ref _responses) != null;

        /// <summary>Creates the request buffer of a channel.</summary>
        /// <param name="channel">The channel's name; the names of its two buffers derive from it.</param>
        /// <param name="metadataSize">Of the request buffer, as for <see cref="RingReader.Create"/>.</param>
        /// <param name="payloadSize">Of the request buffer, as for <see cref="RingReader.Create"/>.</param>
        /// <param name="options">Waits of this end; null for the defaults.</param>
        /// <exception cref="RingException">InvalidName, InUse, System.</exception>
        public static DuplexServer Create(string channel, int metadataSize, long payloadSize,
            RingOptions options = null)
        {
            options = options ?? new RingOptions();
            string responseName = RingName.Parse(DuplexNames.Response(channel)).Name;
            RingReader requests = RingReader.Create(DuplexNames.Request(channel), metadataSize, payloadSize, options);
            return new DuplexServer(responseName, requests, options);
        }

        /// <summary>
        /// Reads the next request in place. With the first request of a client that was not accepted before, the server
        /// connects to that client's response buffer, so that no response ever goes to another client. When the client is
        /// dead or gone, the server lets go of its response buffer and can serve the next client.
        /// </summary>
        /// <exception cref="RingException">
        /// As for <see cref="RingReader.Read"/>; NotFound, NoReader or Corrupt when the client's response buffer does not come
        /// within the timeout.
        /// </exception>
        public Frame Receive(CancellationToken cancellation = default(CancellationToken))
        {
            Frame request;
            try
            {
                request = _requests.Read(cancellation);
            }
            catch (RingException e) when (e.Error == RingError.WriterDead || e.Error == RingError.WriterGone)
            {
                Disconnect();
                throw;
            }
            if (request.Sequence == 1 && !IsClientThere())
            {
                try
                {
                    Disconnect();
                    Connect(cancellation);
                }
                catch
                {
                    request.Release();
                    throw;
                }
            }
            return request;
        }

        /// <summary>Waits until a client is connected, at most the timeout.</summary>
        /// <exception cref="RingException">ReadTimeout, Corrupt, Closed.</exception>
        public void WaitForClient(CancellationToken cancellation = default(CancellationToken))
        {
            _requests.WaitForWriter(cancellation);
        }

        /// <summary>
        /// Waits until a client is connected and its response buffer is there, each at most the timeout, and connects to
        /// it: from then on the client learns of this server's death or close while it waits for a response.
        /// </summary>
        /// <exception cref="RingException">
        /// As for <see cref="WaitForClient"/>; NotFound, NoReader or Corrupt when the client's response buffer does not come.
        /// </exception>
        public void Accept(CancellationToken cancellation = default(CancellationToken))
        {
            WaitForClient(cancellation);
            Disconnect();
            Connect(cancellation);
        }

        /// <summary>Writes the response to the oldest request without one.</summary>
        /// <exception cref="RingException">
        /// As for <see cref="RingWriter.Write(byte[], CancellationToken)"/>; ReaderDead or NoReader when the client is
        /// no longer there.
        /// </exception>
        public void Respond(byte[] data, CancellationToken cancellation = default(CancellationToken))
        {
            Memory.RequireRange(data, 0, data?.Length ?? 0);
            fixed (byte* start = data)
            {
                Respond(start, data.Length, cancellation);
            }
        }

        /// <summary>Writes the response from memory, for instance from a request that is still held.</summary>
        /// <exception cref="RingException">As for <see cref="Respond(byte[], CancellationToken)"/>.</exception>
        public void Respond(byte* data, long size, CancellationToken cancellation = default(CancellationToken))
        {
            Responses.Write(data, size, cancellation);
        }

        /// <summary>Reserves a response's place for filling it in place; see <see cref="RingWriter.Acquire"/>.</summary>
        /// <exception cref="RingException">As for <see cref="Respond(byte[], CancellationToken)"/>.</exception>
        public Slot AcquireResponse(long size, CancellationToken cancellation = default(CancellationToken))
        {
            return Responses.Acquire(size, cancellation);
        }

        /// <summary>Closes both ends; the client learns of it at once.</summary>
        public void Dispose()
        {
            Volatile.Write(ref _closed, 1);
            Disconnect();
            _requests.Dispose();
        }

        /// <summary>The response buffer of the client that is served.</summary>
        private RingWriter Responses
        {
            get
            {
                RingWriter responses = Volatile.Read(ref _responses);
                if (responses == null)
                {
                    throw Volatile.Read(ref _closed) != 0
                        ? RingException.Closed(_responseName)
                        : RingException.NoReader(_responseName, "no client is being served");
                }
                return responses;
            }
        }

        /// <summary>Whether the response buffer is that of the client that connected last: an earlier client's has no
        /// reader any more by the time a later one sends its first request.</summary>
        private bool IsClientThere()
        {
            try
            {
                RingWriter responses = Volatile.Read(ref _responses);
                responses?.RequireReader();
                return responses != null;
            }
            catch (RingException e) when (e.Error == RingError.NoReader || e.Error == RingError.ReaderDead)
            {
                return false;
            }
        }

        private void Disconnect()
        {
            Interlocked.Exchange(ref _responses, null)?.Dispose();
        }

        private void Connect(CancellationToken cancellation)
        {
            long deadline = Waiting.Deadline(_options.Timeout);
            while (true)
            {
                try
                {
                    Volatile.Write(ref _responses, RingWriter.Connect(_responseName, _options));
                    break;
                }
                catch (RingException e) when (e.IsNotYetThere && _requests.HasWriter && !Waiting.HasPassed(deadline))
                {
                    // The client creates its buffer after it connected; a dead client's may still lie there.
                    cancellation.ThrowIfCancellationRequested();
                    Thread.Sleep(1);
                }
            }
            if (Volatile.Read(ref _closed) != 0)
            {
                Disconnect();
                throw RingException.Closed(_responseName);
            }
        }
    }
}
