using System;

namespace Parley.Ring
{
    /// <summary>
    /// The data that every language's tests write and expect: byte i of the frame with sequence s is (i + s) mod 256,
    /// metadata byte i is (7·i + 3) mod 256.
    /// </summary>
    public static unsafe class TestPattern
    {
        private const int Period = 256;

        // A whole number of periods, large enough for a comparison to cost more than its call.
        private const int Stretch = 64 * Period;

        private const byte MetadataFactor = 7;
        private const byte MetadataStart = 3;

        // Any run of this table that starts in its first period is the beginning of a frame's pattern.
        private static readonly byte[] Table = BuildTable();

        /// <summary>A frame's bytes.</summary>
        /// <param name="sequence">The frame's sequence number.</param>
        /// <param name="size">0 or more bytes.</param>
        public static byte[] Frame(ulong sequence, int size)
        {
            var data = new byte[size];
            fixed (byte* start = data)
            {
                FillFrame(start, size, sequence);
            }
            return data;
        }

        /// <summary>Fills memory with a frame's bytes.</summary>
        public static void FillFrame(byte* data, long size, ulong sequence)
        {
            fixed (byte* table = Table)
            {
                byte* period = table + (int)(sequence % Period);
                long first = Math.Min(size, Period);
                Buffer.MemoryCopy(period, data, size, first);
                // What is filled is a whole number of periods, so it continues with itself.
                for (long filled = first; filled < size;)
                {
                    long more = Math.Min(filled, size - filled);
                    Buffer.MemoryCopy(data, data + filled, size - filled, more);
                    filled += more;
                }
            }
        }

        /// <summary>Finds the first byte that is not a frame's; −1 when all are right.</summary>
        public static long CheckFrame(byte* data, long size, ulong sequence)
        {
            fixed (byte* table = Table)
            {
                byte* expected = table + (int)(sequence % Period);
                for (long start = 0; start < size; start += Stretch)
                {
                    long length = Math.Min(Stretch, size - start);
                    long wrong = FirstDifference(data + start, expected, length);
                    if (wrong >= 0)
                    {
                        return start + wrong;
                    }
                }
                return -1;
            }
        }

        /// <summary>Finds the first byte that is not a frame's; −1 when all are right.</summary>
        public static long CheckFrame(byte[] data, ulong sequence)
        {
            fixed (byte* start = data)
            {
                return CheckFrame(start, data.Length, sequence);
            }
        }

        /// <summary>Finds the first byte that is not a frame's; −1 when all are right.</summary>
        public static long CheckFrame(Frame frame)
        {
            return CheckFrame(frame.Data, frame.Size, frame.Sequence);
        }

        /// <summary>Metadata bytes.</summary>
        /// <param name="size">0 or more bytes.</param>
        public static byte[] Metadata(int size)
        {
            var data = new byte[size];
            for (int i = 0; i < size; i++)
            {
                data[i] = MetadataByte(i);
            }
            return data;
        }

        /// <summary>Finds the first byte that is not metadata's; −1 when all are right.</summary>
        public static int CheckMetadata(byte[] data)
        {
            for (int i = 0; i < data.Length; i++)
            {
                if (data[i] != MetadataByte(i))
                {
                    return i;
                }
            }
            return -1;
        }

        private static byte MetadataByte(int index)
        {
            return unchecked((byte)(MetadataFactor * index + MetadataStart));
        }

        private static long FirstDifference(byte* data, byte* expected, long size)
        {
            if (Native.memcmp(data, expected, (UIntPtr)size) == 0)
            {
                return -1;
            }
            for (long i = 0; i < size; i++)
            {
                if (data[i] != expected[i])
                {
                    return i;
                }
            }
            return -1;
        }

        private static byte[] BuildTable()
        {
            var table = new byte[Stretch + Period];
            for (int i = 0; i < table.Length; i++)
            {
                table[i] = unchecked((byte)i);
            }
            return table;
        }
    }
}
