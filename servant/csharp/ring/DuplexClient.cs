using System;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// The client of a duplex channel: it writes to the server's request buffer, and creates and reads the response
    /// buffer (ring-buffer specification, "Duplex channel"). Responses come in the order of the requests. One
    /// thread may send while another one receives, and any may dispose the client.
    /// </summary>
    public sealed unsafe class DuplexClient : IDisposable
    {
        private readonly RingWriter _requests;
        private readonly RingReader _responses;

        private DuplexClient(RingWriter requests, RingReader responses)
        {
            _requests = requests;
            _responses = responses;
            // A server that died before it connected here shows in the request buffer only.
            responses.CheckWithoutWriter = requests.RequireReader;
        }

        /// <summary>The request buffer, for its sizes, its metadata and batches.</summary>
        public RingWriter Requests => _requests;

        /// <summary>The response buffer, for its sizes, its metadata and batches.</summary>
        public RingReader Responses => _responses;

        /// <summary>
        /// Connects to a channel's server and creates the response buffer. Requests that an earlier client left are
        /// waited for until the server has read them, at most the timeout: it could not tell them from ours, and we
        /// would get their responses.
        /// </summary>
        /// <param name="channel">The channel's name; the names of its two buffers derive from it.</param>
        /// <param name="metadataSize">Of the response buffer, as for <see cref="RingReader.Create"/>.</param>
        /// <param name="payloadSize">Of the response buffer, as for <see cref="RingReader.Create"/>.</param>
        /// <param name="options">Waits of this end; null for the defaults.</param>
        /// <exception cref="RingException">
        /// As for <see cref="RingWriter.Connect"/> and <see cref="RingReader.Create"/>; BufferFull when an earlier
        /// client's requests stay unread.
        /// </exception>
        public static DuplexClient Connect(string channel, int metadataSize, long payloadSize,
            RingOptions options = null)
        {
            options = options ?? new RingOptions();
            string requestName = DuplexNames.Request(channel);
            AwaitEarlierRequests(requestName, options.Timeout);
            RingWriter requests = RingWriter.Connect(requestName, options);
            try
            {
                RingReader responses = RingReader.Create(DuplexNames.Response(channel), metadataSize, payloadSize,
                    options);
                return new DuplexClient(requests, responses);
            }
            catch
            {
                requests.Dispose();
                throw;
            }
        }

        /// <summary>Writes a request.</summary>
        /// <exception cref="RingException">As for <see cref="RingWriter.Write(byte[], CancellationToken)"/>.</exception>
        public void Send(byte[] data, CancellationToken cancellation = default(CancellationToken))
        {
            _requests.Write(data, cancellation);
        }

        /// <summary>Reserves a request's place for filling it in place; see <see cref="RingWriter.Acquire"/>.</summary>
        /// <exception cref="RingException">As for <see cref="RingWriter.Acquire"/>.</exception>
        public Slot AcquireRequest(long size, CancellationToken cancellation = default(CancellationToken))
        {
            return _requests.Acquire(size, cancellation);
        }

        /// <summary>Reads the response to the oldest request that is not answered, in place.</summary>
        /// <exception cref="RingException">
        /// As for <see cref="RingReader.Read"/>; ReaderDead or NoReader when the server went before it connected to
        /// the response buffer.
        /// </exception>
        public Frame Receive(CancellationToken cancellation = default(CancellationToken))
        {
            return _responses.Read(cancellation);
        }

        /// <summary>Writes a request and reads its response; every earlier response must have been read.</summary>
        /// <exception cref="RingException">As for <see cref="Send"/> and <see cref="Receive"/>.</exception>
        public Frame Call(byte[] data, CancellationToken cancellation = default(CancellationToken))
        {
            Send(data, cancellation);
            return Receive(cancellation);
        }

        /// <summary>Closes both ends; the server learns of it at once.</summary>
        public void Dispose()
        {
            _requests.Dispose();
            _responses.Dispose();
        }

        private static void AwaitEarlierRequests(string requestName, TimeSpan timeout)
        {
            long deadline = Waiting.Deadline(timeout);
            while (true)
            {
                Oieb oieb = RingInspector.Inspect(requestName).Oieb;
                bool isLeft = oieb.PayloadFreeBytes < oieb.PayloadSize && ProcessWatch.IsAlive(oieb.ReaderPid) &&
                    !ProcessWatch.IsAlive(oieb.WriterPid);
                if (!isLeft)
                {
                    return;
                }
                if (Waiting.HasPassed(deadline))
                {
                    throw RingException.BufferFull(requestName, timeout, (long)oieb.PayloadSize);
                }
                Thread.Sleep(1);
            }
        }
    }
}
