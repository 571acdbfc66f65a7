using System;
using System.IO;
using System.Threading;

namespace Parley.Tests
{
    /// <summary>A pipe inside the process: what one thread writes, another reads. A read that nobody feeds fails after
    /// half a minute instead of hanging the test run.</summary>
    internal sealed class BytePipe : Stream
    {
        private const int StuckMs = 30000;

        private readonly object _gate = new object();
        private readonly MemoryStream _bytes = new MemoryStream();
        private long _read;
        private bool _ended;

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            lock (_gate)
            {
                while (_read == _bytes.Length && !_ended)
                {
                    if (!Monitor.Wait(_gate, StuckMs))
                    {
                        throw new TimeoutException("nothing came for " + StuckMs + " ms");
                    }
                }
                _bytes.Position = _read;
                int got = _bytes.Read(buffer, offset, count);
                _read += got;
                return got;
            }
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            lock (_gate)
            {
                _bytes.Position = _bytes.Length;
                _bytes.Write(buffer, offset, count);
                Monitor.PulseAll(_gate);
            }
        }

        /// <summary>Lets the reader find the end after what was written.</summary>
        internal void End()
        {
            lock (_gate)
            {
                _ended = true;
                Monitor.PulseAll(_gate);
            }
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin)
        {
            throw new NotSupportedException();
        }

        public override void SetLength(long value)
        {
            throw new NotSupportedException();
        }
    }
}
