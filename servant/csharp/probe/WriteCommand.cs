using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using Parley.Ring;

namespace Parley.Probe
{
    /// <summary>ring-probe write: connects to a buffer and writes frames of the test pattern.</summary>
    internal sealed unsafe class WriteCommand : ICommand
    {
        private const int SigKill = 9;

        private readonly Traffic _traffic = new Traffic();
        private readonly Arguments _arguments;
        private readonly RingOptions _options;
        private readonly TimeSpan _connectTimeout;
        private readonly FrameSizes _sizes;
        private readonly long _frames;
        private readonly long _dieAfter;
        private readonly int _metadataLength;
        private readonly int _batch;
        private readonly bool _zeroCopy;
        private byte[] _data = new byte[0];

        internal WriteCommand(IReadOnlyList<string> words)
        {
            _arguments = Arguments.Parse(words,
                new[]
                {
                    "--frames", "--seed", "--min", "--max", "--metadata-length", "--batch", "--timeout-ms",
                    "--die-after", "--connect-timeout-ms",
                },
                new[] { "--zero-copy" });
            _frames = _arguments.Required("--frames", 0);
            _sizes = Sizes.Of(_arguments);
            _metadataLength = (int)_arguments.Optional("--metadata-length", -1, 0, int.MaxValue);
            _batch = (int)_arguments.Optional("--batch", 1, 1, 1000000);
            _dieAfter = _arguments.Optional("--die-after", -1, 1);
            _zeroCopy = _arguments.Has("--zero-copy");
            if (_zeroCopy && _arguments.Has("--batch"))
            {
                throw new UsageException("--batch and --zero-copy exclude each other");
            }
            _options = new RingOptions { Timeout = _arguments.Milliseconds("--timeout-ms", 5000) };
            _connectTimeout = _arguments.Milliseconds("--connect-timeout-ms", 5000);
        }

        public void Run(CancellationToken cancellation)
        {
            RingWriter writer = SetUp.Await(() => RingWriter.Connect(_arguments.Name, _options), _connectTimeout,
                cancellation);
            using (writer)
            {
                if (_metadataLength >= 0)
                {
                    writer.WriteMetadata(TestPattern.Metadata(_metadataLength));
                }
                _traffic.Start();
                while (_traffic.Frames < _frames)
                {
                    WriteOne(writer, _sizes.Next(), cancellation);
                    DieIfDue(writer);
                }
                writer.Publish();
            }
        }

        public string Progress => "after " + _traffic.Frames + " frames: ";

        public JsonLine Report(JsonLine line)
        {
            return _traffic.Report(line, Math.Max(_metadataLength, 0));
        }

        private void WriteOne(RingWriter writer, long size, CancellationToken cancellation)
        {
            ulong sequence = (ulong)_traffic.Frames + 1;
            if (_zeroCopy)
            {
                Slot slot = writer.Acquire(size, cancellation);
                TestPattern.FillFrame(slot.Data, size, sequence);
                slot.Append();
            }
            else
            {
                if (_data.Length < size)
                {
                    _data = new byte[size];
                }
                fixed (byte* start = _data)
                {
                    TestPattern.FillFrame(start, size, sequence);
                    writer.Append(start, size, cancellation);
                }
            }
            _traffic.Add(size);
            if (writer.Appended >= _batch)
            {
                writer.Publish();
            }
        }

        private void DieIfDue(RingWriter writer)
        {
            if (_traffic.Frames == _dieAfter)
            {
                writer.Publish();
                kill(getpid(), SigKill);
            }
        }

        [DllImport("libc.so.6")]
        private static extern int kill(int pid, int signal);

        [DllImport("libc.so.6")]
        private static extern int getpid();
    }
}
