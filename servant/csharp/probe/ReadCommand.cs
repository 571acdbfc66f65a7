using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using Parley.Ring;

namespace Parley.Probe
{
    /// <summary>ring-probe read: creates a buffer, reads frames and checks every byte.</summary>
    internal sealed class ReadCommand : ICommand
    {
        private readonly Traffic _traffic = new Traffic();
        private readonly Arguments _arguments;
        private readonly RingOptions _options;
        private readonly int _metadataSize;
        private readonly long _payloadSize;
        private readonly long _frames;
        private readonly long _metadataLength;
        private readonly long _delay;
        private readonly int _hold;
        private readonly int _batch;
        private readonly bool _copy;
        private readonly FrameSizes _sizes;
        private long _metadataFound;

        internal ReadCommand(IReadOnlyList<string> words)
        {
            _arguments = Arguments.Parse(words,
                new[]
                {
                    "--metadata", "--payload", "--frames", "--seed", "--min", "--max", "--metadata-length",
                    "--timeout-ms", "--delay-us", "--hold", "--batch",
                },
                new[] { "--copy" });
            _metadataSize = (int)_arguments.Required("--metadata", 0, int.MaxValue);
            _payloadSize = _arguments.Required("--payload", 1, long.MaxValue / 2);
            _frames = _arguments.Required("--frames", 0);
            _metadataLength = _arguments.Optional("--metadata-length", -1, 0, int.MaxValue);
            _delay = _arguments.Optional("--delay-us", 0, 0, int.MaxValue);
            _hold = (int)_arguments.Optional("--hold", 0, 1, int.MaxValue);
            _batch = (int)_arguments.Optional("--batch", 1, 1, 1000000);
            _copy = _arguments.Has("--copy");
            _options = new RingOptions { Timeout = _arguments.Milliseconds("--timeout-ms", 5000) };
            if (_arguments.Has("--hold") && _arguments.Has("--batch"))
            {
                throw new UsageException("--hold and --batch exclude each other");
            }
            if (_arguments.Has("--seed") || _arguments.Has("--min") || _arguments.Has("--max"))
            {
                _sizes = Sizes.Of(_arguments);
            }
        }

        public void Run(CancellationToken cancellation)
        {
            RingReader reader = SetUp.Do(() => RingReader.Create(_arguments.Name, _metadataSize, _payloadSize, _options));
            using (reader)
            {
                Output.Line("ready");
                if (_batch > 1)
                {
                    ReadBatches(reader, cancellation);
                }
                else
                {
                    ReadFrames(reader, cancellation);
                }
                CheckMetadata(reader);
            }
        }

        public string Progress => "after " + _traffic.Frames + " frames: ";

        public JsonLine Report(JsonLine line)
        {
            return _traffic.Report(line, _metadataFound);
        }

        private void ReadFrames(RingReader reader, CancellationToken cancellation)
        {
            var held = new Stack<Frame>();
            try
            {
                while (_traffic.Frames < _frames)
                {
                    Frame frame = reader.Read(cancellation);
                    held.Push(frame);
                    Check(reader, new FrameBytes(frame));
                    if (held.Count >= _hold)
                    {
                        ReleaseAll(held);
                    }
                }
            }
            finally
            {
                ReleaseAll(held);
            }
        }

        private void ReadBatches(RingReader reader, CancellationToken cancellation)
        {
            using (var batch = new FrameBatch(_batch))
            {
                while (_traffic.Frames < _frames)
                {
                    reader.ReadBatch(batch, cancellation);
                    for (int i = 0; i < batch.Count && _traffic.Frames < _frames; i++)
                    {
                        Check(reader, new FrameBytes(batch[i]));
                    }
                    batch.Release();
                }
            }
        }

        private unsafe void Check(RingReader reader, FrameBytes frame)
        {
            if (_traffic.Frames == 0)
            {
                _traffic.Start();
            }
            ulong due = (ulong)_traffic.Frames + 1;
            if (frame.Sequence != due)
            {
                throw new CheckFailedException("SequenceGap", "frame " + due + " has sequence " + frame.Sequence);
            }
            if (_sizes != null)
            {
                long size = _sizes.Next();
                if (size != frame.Size)
                {
                    throw new CheckFailedException("SizeMismatch", "frame " + due + " has " + frame.Size + " bytes, expected " + size);
                }
            }
            long wrong = _copy
                ? TestPattern.CheckFrame(frame.ToArray(), due)
                : TestPattern.CheckFrame(frame.Data, frame.Size, due);
            if (wrong >= 0)
            {
                throw new CheckFailedException("DataMismatch", "frame " + due + " of " + frame.Size + " bytes: byte " + wrong +
                    " is " + frame.Data[wrong] + ", expected " + unchecked((byte)((ulong)wrong + due)));
            }
            _traffic.Add(frame.Size);
            if (_delay > 0)
            {
                Pause.For(TimeSpan.FromTicks(_delay * (TimeSpan.TicksPerMillisecond / 1000)));
            }
        }

        private void CheckMetadata(RingReader reader)
        {
            if (reader.MetadataSize == 0 && _metadataLength < 0)
            {
                return;
            }
            byte[] metadata = reader.Metadata();
            // Without a frame to wait for, the metadata may still be on its way.
            Stopwatch waited = Stopwatch.StartNew();
            while (metadata == null && _metadataLength > 0 && _traffic.Frames == 0 && waited.Elapsed < _options.Timeout)
            {
                Thread.Sleep(1);
                metadata = reader.Metadata();
            }
            _metadataFound = metadata?.Length ?? 0;
            if (_metadataLength < 0)
            {
                return;
            }
            if (_metadataFound != _metadataLength)
            {
                throw new CheckFailedException("MetadataMismatch",
                    "metadata has " + _metadataFound + " bytes, expected " + _metadataLength);
            }
            int wrong = metadata == null ? -1 : TestPattern.CheckMetadata(metadata);
            if (wrong >= 0)
            {
                throw new CheckFailedException("MetadataMismatch",
                    "metadata byte " + wrong + " is " + metadata[wrong]);
            }
        }

        private static void ReleaseAll(Stack<Frame> held)
        {
            while (held.Count > 0)
            {
                held.Pop().Release();
            }
        }
    }
}
