using System;
using System.IO;
using System.Runtime.InteropServices;

namespace Parley.Servant
{
    /// <summary>A pipe end by its descriptor, unbuffered, which it does not close.</summary>
    internal sealed class DescriptorStream : Stream
    {
        private readonly int _descriptor;
        private readonly bool _writable;

        internal DescriptorStream(int descriptor, bool writable)
        {
            _descriptor = descriptor;
            _writable = writable;
        }

        public override bool CanRead => !_writable;

        public override bool CanWrite => _writable;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        /// <summary>Waits for at least one byte; 0 at the end of the stream.</summary>
        public override unsafe int Read(byte[] buffer, int offset, int count)
        {
            fixed (byte* start = buffer)
            {
                while (true)
                {
                    long got = (long)NativeMethods.read(_descriptor, start + offset, (UIntPtr)(uint)count);
                    if (got >= 0)
                    {
                        return (int)got;
                    }
                    Retry("read", NativeMethods.POLLIN);
                }
            }
        }

        public override unsafe void Write(byte[] buffer, int offset, int count)
        {
            fixed (byte* start = buffer)
            {
                int end = offset + count;
                while (offset < end)
                {
                    long put = (long)NativeMethods.write(_descriptor, start + offset, (UIntPtr)(uint)(end - offset));
                    if (put >= 0)
                    {
                        offset += (int)put;
                        continue;
                    }
                    Retry("write", NativeMethods.POLLOUT);
                }
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

        /// <summary>Returns when the call is worth repeating: after a signal, or once a descriptor that the
        /// coordinator made non-blocking is ready.</summary>
        private void Retry(string call, short events)
        {
            int error = Marshal.GetLastWin32Error();
            if (error == NativeMethods.EAGAIN)
            {
                var wanted = new NativeMethods.PollDescriptor { Descriptor = _descriptor, Events = events };
                NativeMethods.poll(ref wanted, (UIntPtr)1, -1);
            }
            else if (error != NativeMethods.EINTR)
            {
                throw new IOException(call + " of the protocol's descriptor " + _descriptor + " failed with errno " + error);
            }
        }
    }
}
