using System;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// The mapped segment and semaphores of one end, with the sizes as they were when it was mapped: later changes of
    /// the size fields are never looked at. Counted references keep the mapping alive while an operation, a held
    /// frame or an open slot uses it; the last one unmaps.
    /// </summary>
    internal sealed unsafe class RingMemory
    {
        private readonly byte* _base;
        private readonly long _length;
        private readonly byte* _dataSemaphore;
        private readonly byte* _spaceSemaphore;
        private int _references = 1;
        private int _closed;

        private RingMemory(string name, byte* segment, long length, byte* dataSemaphore, byte* spaceSemaphore,
            long metadataSize, long payloadSize)
        {
            Name = name;
            _base = segment;
            _length = length;
            _dataSemaphore = dataSemaphore;
            _spaceSemaphore = spaceSemaphore;
            MetadataSize = metadataSize;
            PayloadSize = payloadSize;
            Metadata = segment + Layout.OiebSize;
            Payload = Metadata + metadataSize;
            Data = new NamedSemaphore(dataSemaphore);
            Space = new NamedSemaphore(spaceSemaphore);
        }

        internal string Name { get; }

        internal long MetadataSize { get; }

        internal long PayloadSize { get; }

        internal byte* Metadata { get; }

        internal byte* Payload { get; }

        /// <summary>sem-w: one token per frame.</summary>
        internal NamedSemaphore Data { get; }

        /// <summary>sem-r: posted when space is released.</summary>
        internal NamedSemaphore Space { get; }

        internal bool IsClosed => Volatile.Read(ref _closed) != 0;

        internal long* MetadataFree => Field(Layout.MetadataFreeOffset);

        internal long* MetadataWritten => Field(Layout.MetadataWrittenOffset);

        internal long* PayloadFree => Field(Layout.PayloadFreeOffset);

        internal long* WritePos => Field(Layout.WritePosOffset);

        internal long* ReadPos => Field(Layout.ReadPosOffset);

        internal long* WrittenCount => Field(Layout.WrittenCountOffset);

        internal long* ReadCount => Field(Layout.ReadCountOffset);

        internal long* WriterPid => Field(Layout.WriterPidOffset);

        internal long* ReaderPid => Field(Layout.ReaderPidOffset);

        /// <summary>Maps the three files of a buffer and validates the segment; unmaps again when it throws.</summary>
        /// <exception cref="RingException">Corrupt, VersionMismatch, System.</exception>
        internal static RingMemory Map(string name, SharedFile segment, SharedFile dataSemaphore,
            SharedFile spaceSemaphore)
        {
            long length = segment.Size;
            RequireSize(name, Layout.SegmentSizeField, length, Layout.OiebSize + Layout.MinPayloadSize);
            RequireSize(name, "sem-w size", dataSemaphore.Size, Layout.SemaphoreSize);
            RequireSize(name, "sem-r size", spaceSemaphore.Size, Layout.SemaphoreSize);
            byte* segmentAt = segment.Map(length);
            byte* dataAt = null;
            byte* spaceAt = null;
            try
            {
                Oieb oieb = Oieb.Read(segmentAt);
                oieb.Validate(name, length);
                dataAt = dataSemaphore.Map(Layout.SemaphoreSize);
                spaceAt = spaceSemaphore.Map(Layout.SemaphoreSize);
                return new RingMemory(name, segmentAt, length, dataAt, spaceAt, (long)oieb.MetadataSize,
                    (long)oieb.PayloadSize);
            }
            catch
            {
                Unmap(segmentAt, length);
                Unmap(dataAt, Layout.SemaphoreSize);
                Unmap(spaceAt, Layout.SemaphoreSize);
                throw;
            }
        }

        /// <summary>Begins a use of the memory; every use ends with <see cref="Leave"/>.</summary>
        /// <exception cref="RingException">Closed.</exception>
        internal void Enter()
        {
            int references = Volatile.Read(ref _references);
            while (true)
            {
                if (references == 0 || IsClosed)
                {
                    throw RingException.Closed(Name);
                }
                int seen = Interlocked.CompareExchange(ref _references, references + 1, references);
                if (seen == references)
                {
                    return;
                }
                references = seen;
            }
        }

        internal void Leave()
        {
            if (Interlocked.Decrement(ref _references) == 0)
            {
                Unmap(_base, _length);
                Unmap(_dataSemaphore, Layout.SemaphoreSize);
                Unmap(_spaceSemaphore, Layout.SemaphoreSize);
            }
        }

        /// <summary>Marks the memory as closed; true for the first caller, who owes the owner's <see cref="Leave"/>.</summary>
        internal bool Close()
        {
            return Interlocked.Exchange(ref _closed, 1) == 0;
        }

        /// <summary>Loads a position or count of bytes and checks it against its limit.</summary>
        /// <exception cref="RingException">Corrupt.</exception>
        internal long Load(long* field, string fieldName, long limit)
        {
            long value = Volatile.Read(ref *field);
            if ((ulong)value > (ulong)limit)
            {
                throw RingException.Corrupt(Name, fieldName, (ulong)value, (ulong)limit);
            }
            return value;
        }

        private static void RequireSize(string name, string field, long size, long least)
        {
            if (size < least)
            {
                throw RingException.Corrupt(name, field, (ulong)size, (ulong)least);
            }
        }

        private static void Unmap(byte* address, long size)
        {
            if (address != null)
            {
                Native.munmap((IntPtr)address, (UIntPtr)size);
            }
        }

        private long* Field(int offset)
        {
            return (long*)(_base + offset);
        }
    }
}
