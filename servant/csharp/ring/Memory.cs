using System;

namespace Parley.Ring
{
    internal static unsafe class Memory
    {
        internal static byte[] ToArray(byte* source, long size)
        {
            var copy = new byte[size];
            fixed (byte* destination = copy)
            {
                Buffer.MemoryCopy(source, destination, size, size);
            }
            return copy;
        }

        internal static void RequireRange(byte[] array, int offset, int count)
        {
            if (array == null)
            {
                throw new ArgumentNullException(nameof(array));
            }
            if (offset < 0 || count < 0 || offset > array.Length - count)
            {
                throw new ArgumentOutOfRangeException(nameof(offset),
                    "offset " + offset + " and count " + count + " exceed an array of " + array.Length + " bytes");
            }
        }
    }
}
