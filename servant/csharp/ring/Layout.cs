namespace Parley.Ring
{
    /// <summary>
    /// Offsets and fixed values of a segment (ring-buffer specification, "Segment"). All numbers are little endian,
    /// all sizes and offsets are bytes.
    /// </summary>
    public static class Layout
    {
        /// <summary>Size of the header block (OIEB) at the start of the segment.</summary>
        public const int OiebSize = 128;

        /// <summary>Major version that every side must have.</summary>
        public const byte VersionMajor = 1;

        /// <summary>Metadata and payload sizes are rounded up to a multiple of this.</summary>
        public const int Alignment = 64;

        /// <summary>Smallest payload size.</summary>
        public const int MinPayloadSize = 64;

        /// <summary>Size of a frame's header: u64 size, u64 sequence.</summary>
        public const int FrameHeaderSize = 16;

        /// <summary>Size of the length prefix of the metadata block.</summary>
        public const int MetadataPrefixSize = 8;

        /// <summary>Size of a glibc named semaphore's file on 64-bit Linux.</summary>
        public const int SemaphoreSize = 32;

        /// <summary>Largest value of a semaphore (SEM_VALUE_MAX).</summary>
        public const int SemaphoreValueMax = 0x7fffffff;

        /// <summary>The largest process id that Linux gives out; a greater one in a pid field is corruption.</summary>
        public const ulong PidMax = 4194304;

        internal const int OiebSizeOffset = 0x00;
        internal const int VersionOffset = 0x04;
        internal const int MetadataSizeOffset = 0x08;
        internal const int MetadataFreeOffset = 0x10;
        internal const int MetadataWrittenOffset = 0x18;
        internal const int PayloadSizeOffset = 0x20;
        internal const int PayloadFreeOffset = 0x28;
        internal const int WritePosOffset = 0x30;
        internal const int ReadPosOffset = 0x38;
        internal const int WrittenCountOffset = 0x40;
        internal const int ReadCountOffset = 0x48;
        internal const int WriterPidOffset = 0x50;
        internal const int ReaderPidOffset = 0x58;

        internal const string OiebSizeField = "oieb_size";
        internal const string MetadataSizeField = "metadata_size";
        internal const string MetadataFreeField = "metadata_free_bytes";
        internal const string MetadataWrittenField = "metadata_written_bytes";
        internal const string PayloadSizeField = "payload_size";
        internal const string PayloadFreeField = "payload_free_bytes";
        internal const string WritePosField = "payload_write_pos";
        internal const string ReadPosField = "payload_read_pos";
        internal const string WrittenCountField = "payload_written_count";
        internal const string ReadCountField = "payload_read_count";
        internal const string MetadataLengthField = "metadata_length";
        internal const string WriterPidField = "writer_pid";
        internal const string ReaderPidField = "reader_pid";
        internal const string FrameSizeField = "frame_size";
        internal const string SegmentSizeField = "segment_size";

        /// <summary>Rounds a size up to the next multiple of <see cref="Alignment"/>.</summary>
        /// <param name="size">0 to <see cref="long.MaxValue"/> − 63.</param>
        public static long RoundUp(long size)
        {
            return (size + (Alignment - 1)) & ~(long)(Alignment - 1);
        }
    }
}
