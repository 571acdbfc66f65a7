using System;
using System.Collections.Generic;
using Parley.Ring;

namespace Parley.Steps
{
    /// <summary>
    /// Draws what a reader does with each frame that it has read, the same in every language: which ones it holds how
    /// long, and how long it pauses. With x the next output of splitmix64: frames that were read <c>most</c> frames ago or
    /// earlier are released first, the oldest first, because space returns to the writer in order only and what is held
    /// must not fill the ring. Then x mod (most + 1) frames may stay; the others are released, the oldest first if bit 8
    /// of x is 0, the newest first otherwise. The pause is (x >> 16) mod (maxPause + 1) microseconds.
    /// </summary>
    internal sealed class Holds
    {
        private readonly FrameSizes _random;
        private readonly ulong _most;
        private readonly ulong _maxPause;
        private readonly List<ulong> _held = new List<ulong>();

        /// <param name="seed">Of the generator.</param>
        /// <param name="most">So many frames at most are held while another one is read.</param>
        /// <param name="maxPause">The longest pause in microseconds.</param>
        internal Holds(ulong seed, uint most, uint maxPause)
        {
            _random = new FrameSizes(seed, 0, 0);
            _most = most;
            _maxPause = maxPause;
        }

        /// <summary>Takes note of a frame that was read.</summary>
        /// <param name="sequence">Its sequence number.</param>
        /// <param name="pause">The pause after the releases, in microseconds.</param>
        /// <returns>The frames to release, in this order.</returns>
        internal IReadOnlyList<ulong> Next(ulong sequence, out long pause)
        {
            var released = new List<ulong>();
            ulong x = _random.NextRandom();
            _held.Add(sequence);
            while (_held.Count > 0 && _held[0] + _most <= sequence)
            {
                Release(0, released);
            }
            while ((ulong)_held.Count > x % (_most + 1))
            {
                Release((x >> 8 & 1) == 0 ? 0 : _held.Count - 1, released);
            }
            pause = (long)((x >> 16) % (_maxPause + 1));
            return released;
        }

        /// <summary>The frames that are still held, the oldest first; none is afterwards.</summary>
        internal IReadOnlyList<ulong> Rest()
        {
            ulong[] rest = _held.ToArray();
            _held.Clear();
            return rest;
        }

        private void Release(int index, List<ulong> released)
        {
            released.Add(_held[index]);
            _held.RemoveAt(index);
        }
    }
}
