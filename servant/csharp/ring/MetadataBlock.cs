using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// The metadata block: u64 size, then that many bytes, written once (ring-buffer specification, "Segment").
    /// </summary>
    internal static unsafe class MetadataBlock
    {
        internal static byte[] Read(RingMemory memory)
        {
            RequireBlock(memory);
            long written = memory.Load(memory.MetadataWritten, Layout.MetadataWrittenField, memory.MetadataSize);
            if (written == 0)
            {
                return null;
            }
            if (written < Layout.MetadataPrefixSize)
            {
                throw RingException.Corrupt(memory.Name, Layout.MetadataWrittenField, (ulong)written,
                    Layout.MetadataPrefixSize);
            }
            long size = Volatile.Read(ref *(long*)memory.Metadata);
            if (size != written - Layout.MetadataPrefixSize)
            {
                throw RingException.Corrupt(memory.Name, Layout.MetadataLengthField, (ulong)size,
                    (ulong)(written - Layout.MetadataPrefixSize));
            }
            return Memory.ToArray(memory.Metadata + Layout.MetadataPrefixSize, size);
        }

        /// <exception cref="RingException">NoMetadataBlock, MetadataAlreadyWritten, MetadataTooLarge, Corrupt.</exception>
        internal static void RequireWritable(RingMemory memory, long size)
        {
            RequireBlock(memory);
            if (memory.Load(memory.MetadataWritten, Layout.MetadataWrittenField, memory.MetadataSize) != 0)
            {
                throw RingException.MetadataAlreadyWritten(memory.Name);
            }
            long largest = memory.MetadataSize - Layout.MetadataPrefixSize;
            if (size > largest)
            {
                throw RingException.MetadataTooLarge(memory.Name, size, largest);
            }
            long free = Volatile.Read(ref *memory.MetadataFree);
            if (free != memory.MetadataSize)
            {
                throw RingException.Corrupt(memory.Name, Layout.MetadataFreeField, (ulong)free,
                    (ulong)memory.MetadataSize);
            }
        }

        /// <summary>Writes what <see cref="RequireWritable"/> has let pass.</summary>
        internal static void Write(RingMemory memory, byte[] data)
        {
            long largest = memory.MetadataSize - Layout.MetadataPrefixSize;
            *(long*)memory.Metadata = data.Length;
            fixed (byte* source = data)
            {
                System.Buffer.MemoryCopy(source, memory.Metadata + Layout.MetadataPrefixSize, largest, data.Length);
            }
            long written = Layout.MetadataPrefixSize + data.Length;
            Volatile.Write(ref *memory.MetadataFree, memory.MetadataSize - written);
            Volatile.Write(ref *memory.MetadataWritten, written);
        }

        private static void RequireBlock(RingMemory memory)
        {
            if (memory.MetadataSize == 0)
            {
                throw RingException.NoMetadataBlock(memory.Name);
            }
        }
    }
}
