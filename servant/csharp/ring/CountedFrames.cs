using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// Undoes what a writer that was killed while it published left half done (ring-buffer specification, "Writing a
    /// frame"). It stores write_pos, then the free bytes, then written_count; a frame counts from written_count on. The
    /// next writer sets write_pos back; the reader, who alone knows what is held, returns the space
    /// (<see cref="FrameIntake.Reclaim"/>).
    /// </summary>
    internal static unsafe class CountedFrames
    {
        // A reader that reads meanwhile makes the walk begin anew, so often at most.
        private const int Attempts = 100;

        /// <summary>How far written_count can be ahead: each of the smallest frames can have a marker before it.</summary>
        internal static long MostPending(long payloadSize)
        {
            return 2 * (payloadSize / (Layout.FrameHeaderSize + 1));
        }

        /// <summary>Puts write_pos back to the end of the frames that are counted.</summary>
        internal static void Resume(RingMemory memory)
        {
            for (int i = 0; i < Attempts; i++)
            {
                long read = Volatile.Read(ref *memory.ReadCount);
                long count = Volatile.Read(ref *memory.WrittenCount) - read;
                long position = Volatile.Read(ref *memory.ReadPos);
                long end = Volatile.Read(ref *memory.WritePos);
                bool isWhole = TryWalk(memory, ref position, end, count);
                if (Volatile.Read(ref *memory.ReadCount) == read)
                {
                    if (isWhole && position % memory.PayloadSize != end % memory.PayloadSize)
                    {
                        Volatile.Write(ref *memory.WritePos, position);
                    }
                    return;
                }
            }
        }

        /// <summary>
        /// Walks over counted frames and markers, but not past <paramref name="end"/>; false when they do not end by
        /// then, or when something there does not look like a frame.
        /// </summary>
        internal static bool TryWalk(RingMemory memory, ref long position, long end, long count)
        {
            long size = memory.PayloadSize;
            if ((ulong)position > (ulong)size || (ulong)end > (ulong)size || (ulong)count > (ulong)MostPending(size))
            {
                return false;
            }
            while (count > 0 && position % size != end % size)
            {
                position %= size;
                if (size - position < Layout.FrameHeaderSize)
                {
                    position = 0;
                    continue;
                }
                long* header = (long*)(memory.Payload + position);
                ulong frameSize = (ulong)Volatile.Read(ref *header);
                if (frameSize == 0 && header[1] == 0 && position > 0)
                {
                    position = 0;
                }
                else if (frameSize == 0 || frameSize > (ulong)(size - Layout.FrameHeaderSize - position))
                {
                    return false;
                }
                else
                {
                    position += Layout.FrameHeaderSize + (long)frameSize;
                }
                count--;
            }
            return count == 0;
        }
    }
}
