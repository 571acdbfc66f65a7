namespace Parley.Ring
{
    /// <summary>A semaphore as it was at one moment.</summary>
    public struct SemaphoreState
    {
        internal SemaphoreState(long size, uint value, uint waiters, uint isPrivate)
        {
            Size = size;
            Value = value;
            Waiters = waiters;
            Private = isPrivate;
        }

        /// <summary>Size of its file in bytes; 32.</summary>
        public long Size { get; }

        /// <summary>How many tokens it holds.</summary>
        public uint Value { get; }

        /// <summary>How many waiters it counts.</summary>
        public uint Waiters { get; }

        /// <summary>128 for glibc's semaphores between processes.</summary>
        public uint Private { get; }
    }

    /// <summary>A reader's lock as it was at one moment.</summary>
    public struct LockState
    {
        internal LockState(bool exists, bool isHeld)
        {
            Exists = exists;
            IsHeld = isHeld;
        }

        /// <summary>Whether the file is there.</summary>
        public bool Exists { get; }

        /// <summary>Whether a process has it locked.</summary>
        public bool IsHeld { get; }
    }

    /// <summary>A buffer seen from outside at one moment.</summary>
    public sealed class RingState
    {
        internal RingState(string name, long segmentSize, Oieb oieb, SemaphoreState? data, SemaphoreState? space,
            LockState readerLock)
        {
            Name = name;
            SegmentSize = segmentSize;
            Oieb = oieb;
            Data = data;
            Space = space;
            Lock = readerLock;
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

        /// <summary>The reader's lock.</summary>
        public LockState Lock { get; }
    }
}
