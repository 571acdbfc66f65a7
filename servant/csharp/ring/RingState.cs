namespace Parley.Ring
{
    /// <summary>A semaphore as it was at one moment.</summary>
    public struct SemaphoreState
    {
        internal SemaphoreState(long size, uint value, uint waiters)
        {
            Size = size;
            Value = value;
            Waiters = waiters;
        }

        /// <summary>Size of its file in bytes; 32.</summary>
        public long Size { get; }

        /// <summary>How many tokens it holds.</summary>
        public uint Value { get; }

        /// <summary>How many waiters it counts.</summary>
        public uint Waiters { get; }
    }

    /// <summary>A buffer seen from outside at one moment.</summary>
    public sealed class RingState
    {
        internal RingState(string name, long segmentSize, Oieb oieb, SemaphoreState? data, SemaphoreState? space)
        {
            Name = name;
            SegmentSize = segmentSize;
            Oieb = oieb;
            Data = data;
            Space = space;
        }

        /// <summary>The buffer's name.</summary>
        public string Name { get; }

        /// <summary>Size of the segment's file in bytes.</summary>
        public long SegmentSize { get; }

        /// <summary>The header block, as found and not validated.</summary>
        public Oieb Oieb { get; }

        /// <summary>sem-w, which counts frames to read; null when it is not there.</summary>
        public SemaphoreState? Data { get; }

        /// <summary>sem-r, which tells of released space; null when it is not there.</summary>
        public SemaphoreState? Space { get; }
    }
}
