using System;

namespace Parley.Ring
{
    /// <summary>
    /// The frame sizes that both sides of a test draw from one seed: min + x mod (max − min + 1), x the next output of
    /// splitmix64.
    /// </summary>
    public sealed class FrameSizes
    {
        private readonly ulong _min;
        private readonly ulong _span;
        private ulong _state;

        /// <summary>Starts at the first size.</summary>
        /// <param name="seed">The generator's seed.</param>
        /// <param name="min">Smallest size in bytes, at least 0.</param>
        /// <param name="max">Largest size in bytes, at least <paramref name="min"/>.</param>
        public FrameSizes(ulong seed, long min, long max)
        {
            if (min < 0 || max < min)
            {
                throw new ArgumentOutOfRangeException(nameof(max), "sizes from " + min + " to " + max + " bytes");
            }
            _state = seed;
            _min = (ulong)min;
            _span = (ulong)(max - min) + 1;
        }

        /// <summary>The next size in bytes.</summary>
        public long Next()
        {
            return (long)(_min + NextRandom() % _span);
        }

        /// <summary>The next output of splitmix64.</summary>
        public ulong NextRandom()
        {
            unchecked
            {
                _state += 0x9e3779b97f4a7c15UL;
                ulong z = _state;
                z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
                z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
                return z ^ (z >> 31);
            }
        }
    }
}
