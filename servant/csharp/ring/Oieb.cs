namespace Parley.Ring
{
    /// <summary>A copy of a segment's header block (ring-buffer specification, "Segment").</summary>
    public unsafe struct Oieb
    {
        /// <summary>Size of the header block in bytes; 128.</summary>
        public uint OiebSize { get; private set; }

        /// <summary>Layout version, major; 1.</summary>
        public byte VersionMajor { get; private set; }

        /// <summary>Layout version, minor.</summary>
        public byte VersionMinor { get; private set; }

        /// <summary>Layout version, patch.</summary>
        public byte VersionPatch { get; private set; }

        /// <summary>The reserved fourth byte of the version.</summary>
        public byte VersionReserved { get; private set; }

        /// <summary>Size of the metadata block in bytes.</summary>
        public ulong MetadataSize { get; private set; }

        /// <summary>Free bytes of the metadata block.</summary>
        public ulong MetadataFreeBytes { get; private set; }

        /// <summary>Bytes of metadata written, with their 8-byte prefix; 0 before.</summary>
        public ulong MetadataWrittenBytes { get; private set; }

        /// <summary>Size of the payload in bytes.</summary>
        public ulong PayloadSize { get; private set; }

        /// <summary>Free bytes of the payload.</summary>
        public ulong PayloadFreeBytes { get; private set; }

        /// <summary>Where the next frame is written, in bytes from the start of the payload.</summary>
        public ulong PayloadWritePos { get; private set; }

        /// <summary>Where the next frame is read, in bytes from the start of the payload.</summary>
        public ulong PayloadReadPos { get; private set; }

        /// <summary>Frames and wrap markers written.</summary>
        public ulong PayloadWrittenCount { get; private set; }

        /// <summary>Frames and wrap markers read.</summary>
        public ulong PayloadReadCount { get; private set; }

        /// <summary>The writer's process id, 0 when none is connected.</summary>
        public ulong WriterPid { get; private set; }

        /// <summary>The reader's process id, 0 after it closed.</summary>
        public ulong ReaderPid { get; private set; }

        internal static Oieb Read(byte* memory)
        {
            return new Oieb
            {
                OiebSize = *(uint*)(memory + Layout.OiebSizeOffset),
                VersionMajor = memory[Layout.VersionOffset],
                VersionMinor = memory[Layout.VersionOffset + 1],
                VersionPatch = memory[Layout.VersionOffset + 2],
                VersionReserved = memory[Layout.VersionOffset + 3],
                MetadataSize = *(ulong*)(memory + Layout.MetadataSizeOffset),
                MetadataFreeBytes = *(ulong*)(memory + Layout.MetadataFreeOffset),
                MetadataWrittenBytes = *(ulong*)(memory + Layout.MetadataWrittenOffset),
                PayloadSize = *(ulong*)(memory + Layout.PayloadSizeOffset),
                PayloadFreeBytes = *(ulong*)(memory + Layout.PayloadFreeOffset),
                PayloadWritePos = *(ulong*)(memory + Layout.WritePosOffset),
                PayloadReadPos = *(ulong*)(memory + Layout.ReadPosOffset),
                PayloadWrittenCount = *(ulong*)(memory + Layout.WrittenCountOffset),
                PayloadReadCount = *(ulong*)(memory + Layout.ReadCountOffset),
                WriterPid = *(ulong*)(memory + Layout.WriterPidOffset),
                ReaderPid = *(ulong*)(memory + Layout.ReaderPidOffset),
            };
        }

        /// <summary>Fills a zeroed segment's header for a new buffer whose reader is <paramref name="readerPid"/>.</summary>
        internal static void Write(byte* memory, long metadataSize, long payloadSize, int readerPid)
        {
            *(uint*)(memory + Layout.OiebSizeOffset) = Layout.OiebSize;
            memory[Layout.VersionOffset] = Layout.VersionMajor;
            *(long*)(memory + Layout.MetadataSizeOffset) = metadataSize;
            *(long*)(memory + Layout.MetadataFreeOffset) = metadataSize;
            *(long*)(memory + Layout.PayloadSizeOffset) = payloadSize;
            *(long*)(memory + Layout.PayloadFreeOffset) = payloadSize;
            *(long*)(memory + Layout.ReaderPidOffset) = readerPid;
        }

        /// <summary>Checks every field against the others and the file's size, without overflow in any sum.</summary>
        /// <exception cref="RingException">Corrupt, VersionMismatch.</exception>
        internal void Validate(string name, long fileSize)
        {
            if (OiebSize != Layout.OiebSize)
            {
                throw RingException.Corrupt(name, Layout.OiebSizeField, OiebSize, Layout.OiebSize);
            }
            if (VersionMajor != Layout.VersionMajor)
            {
                throw RingException.VersionMismatch(name, VersionMajor);
            }
            ulong room = (ulong)fileSize - Layout.OiebSize;
            RequireBlock(name, Layout.MetadataSizeField, MetadataSize, room);
            RequireBlock(name, Layout.PayloadSizeField, PayloadSize, room - MetadataSize);
            if (PayloadSize < Layout.MinPayloadSize)
            {
                throw RingException.Corrupt(name, Layout.PayloadSizeField, PayloadSize, Layout.MinPayloadSize);
            }
            RequireAtMost(name, Layout.MetadataFreeField, MetadataFreeBytes, MetadataSize);
            RequireAtMost(name, Layout.MetadataWrittenField, MetadataWrittenBytes, MetadataSize);
            RequireAtMost(name, Layout.PayloadFreeField, PayloadFreeBytes, PayloadSize);
            RequireAtMost(name, Layout.WritePosField, PayloadWritePos, PayloadSize);
            RequireAtMost(name, Layout.ReadPosField, PayloadReadPos, PayloadSize);
            RequireAtMost(name, Layout.WriterPidField, WriterPid, Layout.PidMax);
            RequireAtMost(name, Layout.ReaderPidField, ReaderPid, Layout.PidMax);
        }

        private static void RequireBlock(string name, string field, ulong size, ulong room)
        {
            RequireAtMost(name, field, size, room);
            if (size % Layout.Alignment != 0)
            {
                throw RingException.Corrupt(name, field, size, (ulong)Layout.RoundUp((long)size));
            }
        }

        private static void RequireAtMost(string name, string field, ulong value, ulong limit)
        {
            if (value > limit)
            {
                throw RingException.Corrupt(name, field, value, limit);
            }
        }
    }
}
