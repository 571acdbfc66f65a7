namespace Parley.Ring
{
    /// <summary>
    /// Where a frame goes (ring-buffer specification, "Writing a frame", P1 and P2). Computing it changes nothing.
    /// </summary>
    internal struct Placement
    {
        // In rings above this size an empty ring is always rewound, so that the hot part stays in the cache.
        private const long LargeRing = 1048576;

        /// <summary>Where the header goes, in bytes from the start of the payload.</summary>
        internal long Position { get; private set; }

        /// <summary>Bytes between the previous frame and the payload's end that a wrap wastes; 0 without a wrap.</summary>
        internal long Tail { get; private set; }

        /// <summary>Whether both positions are set to 0 first; the ring is empty.</summary>
        internal bool IsRewind { get; private set; }

        /// <summary>Finds the place of a frame, if the free space allows one.</summary>
        /// <param name="size">The payload's size P.</param>
        /// <param name="writePos">0 to P; P stands for 0.</param>
        /// <param name="free">Free bytes, 0 to P.</param>
        /// <param name="total">The frame with its header, at most P.</param>
        /// <param name="placement">The place, when there is one.</param>
        internal static bool TryFind(long size, long writePos, long free, long total, out Placement placement)
        {
            placement = default(Placement);
            long position = writePos == size ? 0 : writePos;
            long tail = size - position;
            bool isEmpty = free == size;
            if (isEmpty && position > 0 && size > LargeRing)
            {
                placement.IsRewind = true;
                return true;
            }
            if (FitsBeforeEnd(position, tail, total))
            {
                placement.Position = position;
                return free >= total;
            }
            bool canMark = tail >= Layout.FrameHeaderSize;
            if (canMark && total <= size - tail)
            {
                placement.Tail = tail;
                return free >= tail + total;
            }
            placement.IsRewind = true;
            return isEmpty;
        }

        /// <summary>A frame must not leave a tail without room for a marker, unless it has to start at 0 anyway.</summary>
        private static bool FitsBeforeEnd(long position, long tail, long total)
        {
            long rest = tail - total;
            return rest == 0 || rest >= Layout.FrameHeaderSize || (rest > 0 && position == 0);
        }
    }
}
