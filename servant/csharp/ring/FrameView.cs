namespace Parley.Ring
{
    /// <summary>One frame of a <see cref="FrameBatch"/>, in place in the shared memory.</summary>
    public unsafe struct FrameView
    {
        internal FrameView(ulong sequence, byte* data, long size)
        {
            Sequence = sequence;
            Data = data;
            Size = size;
        }

        /// <summary>The frame's sequence number; the first frame of a writer has 1.</summary>
        public ulong Sequence { get; }

        /// <summary>The frame's first byte; valid until the frame is released.</summary>
        public byte* Data { get; }

        /// <summary>The frame's size in bytes, at least 1.</summary>
        public long Size { get; }

        /// <summary>A copy of the frame's bytes.</summary>
        public byte[] ToArray()
        {
            return Memory.ToArray(Data, Size);
        }
    }
}
