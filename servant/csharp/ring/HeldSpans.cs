using System;

namespace Parley.Ring
{
    /// <summary>
    /// The spans of payload that were read and not yet given back to the writer, in the order of reading. Frames are
    /// released in any order; space is given back only up to the oldest span still held, so that the writer never
    /// overwrites a held frame (ring-buffer specification, P4). Not safe for use by several threads at once.
    /// </summary>
    internal sealed class HeldSpans
    {
        // A released span is kept as the complement of its size.
        private long[] _spans = new long[16];
        private long _oldest;
        private long _next;

        /// <summary>Bytes read and not yet given back.</summary>
        internal long Bytes { get; private set; }

        /// <summary>Adds a span that is held; returns the ticket to release it with.</summary>
        internal long Hold(long bytes)
        {
            if (_next - _oldest == _spans.Length)
            {
                Grow();
            }
            _spans[_next & (_spans.Length - 1)] = bytes;
            Bytes += bytes;
            return _next++;
        }

        /// <summary>Marks a span as released.</summary>
        internal void Release(long ticket)
        {
            int mask = _spans.Length - 1;
            _spans[ticket & mask] = ~_spans[ticket & mask];
        }

        /// <summary>How many bytes can be given back now, 0 while the oldest span is held; they end at a ticket.</summary>
        internal long Settled(out long end)
        {
            int mask = _spans.Length - 1;
            long bytes = 0;
            for (end = _oldest; end < _next && _spans[end & mask] < 0; end++)
            {
                bytes += ~_spans[end & mask];
            }
            return bytes;
        }

        /// <summary>Forgets the spans before a ticket, which have so many bytes and are given back.</summary>
        internal void Drop(long bytes, long end)
        {
            _oldest = end;
            Bytes -= bytes;
        }

        private void Grow()
        {
            var larger = new long[_spans.Length * 2];
            for (long i = _oldest; i < _next; i++)
            {
                larger[i & (larger.Length - 1)] = _spans[i & (_spans.Length - 1)];
            }
            _spans = larger;
        }
    }
}
