using System;
using System.Collections.Generic;
using System.Globalization;
using Parley.Ring;
using Parley.Servant;

namespace Parley.Steps
{
    /// <summary>Buffers that one process creates until the system refuses another one.</summary>
    public sealed class BufferSeries
    {
        // Connecting needs descriptors too: so many buffers are closed before frames are written.
        private const int Spare = 4;
        private const int FrameSize = 64;
        private const int Metadata = 0;
        private const long Payload = 1024;

        private readonly RingProcess _process;
        private readonly List<KeyValuePair<string, ReaderEnd>> _buffers = new List<KeyValuePair<string, ReaderEnd>>();

        /// <param name="process">What this process has open.</param>
        public BufferSeries(RingProcess process)
        {
            _process = process;
        }

        /// <summary>Creates buffers with rising numbers behind a prefix, and keeps them.</summary>
        /// <exception cref="RingException">Why the last one could not be created.</exception>
        internal void CreateUntilRefused(string prefix)
        {
            for (int n = 1; ; n++)
            {
                _process.Cancellation.ThrowIfCancellationRequested();
                string name = prefix + n.ToString(CultureInfo.InvariantCulture);
                _buffers.Add(new KeyValuePair<string, ReaderEnd>(name, _process.Create(name, Metadata, Payload)));
            }
        }

        /// <summary>Writes a frame to each buffer but the last few, which are closed, and reads it.</summary>
        /// <param name="least">So many buffers must have been created.</param>
        /// <exception cref="StepFailedException">There are fewer, or a frame arrived otherwise than it was written.</exception>
        internal void CarryFrames(int least)
        {
            if (_buffers.Count < least)
            {
                throw new StepFailedException("at least " + least, _buffers.Count, "buffers created");
            }
            CloseFrom(Math.Max(0, _buffers.Count - Spare));
            foreach (KeyValuePair<string, ReaderEnd> buffer in _buffers)
            {
                WriterEnd writer = _process.Connect(buffer.Key);
                writer.Write(FrameSize, _process.Cancellation);
                buffer.Value.Read((ulong)writer.Written, FrameSize, _process.Cancellation);
                buffer.Value.Release((ulong)writer.Written);
                _process.Close(writer);
            }
        }

        internal void Close()
        {
            CloseFrom(0);
        }

        private void CloseFrom(int first)
        {
            for (int i = _buffers.Count - 1; i >= first; i--)
            {
                _process.Close(_buffers[i].Value);
                _buffers.RemoveAt(i);
            }
        }
    }
}
