using System;
using System.IO;
using System.Linq;
using Parley.Ring;

namespace Parley.Tests.Ring
{
    /// <summary>A buffer's files, read and changed from outside as another process would.</summary>
    internal sealed class RawBuffer
    {
        internal const int OiebSize = 0x00;
        internal const int VersionMajor = 0x04;
        internal const int MetadataSize = 0x08;
        internal const int MetadataFree = 0x10;
        internal const int MetadataWritten = 0x18;
        internal const int PayloadSize = 0x20;
        internal const int PayloadFree = 0x28;
        internal const int WritePos = 0x30;
        internal const int ReadPos = 0x38;
        internal const int WrittenCount = 0x40;
        internal const int ReadCount = 0x48;
        internal const int WriterPid = 0x50;
        internal const int ReaderPid = 0x58;

        private readonly RingName _name;

        internal RawBuffer(string name)
        {
            _name = RingName.Parse(name);
        }

        internal string Name => _name.Name;

        internal byte[] Segment => File.ReadAllBytes(_name.SegmentPath);

        internal ulong this[int offset]
        {
            get { return BitConverter.ToUInt64(ReadAt(_name.SegmentPath, offset, 8), 0); }
            set { WriteAt(_name.SegmentPath, offset, BitConverter.GetBytes(value)); }
        }

        internal int PayloadStart => 128 + (int)this[MetadataSize];

        internal uint DataTokens
        {
            get { return BitConverter.ToUInt32(ReadAt(_name.DataSemaphorePath, 0, 4), 0); }
            set { WriteAt(_name.DataSemaphorePath, 0, BitConverter.GetBytes(value)); }
        }

        internal uint SpaceTokens
        {
            get { return BitConverter.ToUInt32(ReadAt(_name.SpaceSemaphorePath, 0, 4), 0); }
            set { WriteAt(_name.SpaceSemaphorePath, 0, BitConverter.GetBytes(value)); }
        }

        internal uint SpaceWaiters => BitConverter.ToUInt32(ReadAt(_name.SpaceSemaphorePath, 4, 4), 0);

        internal uint DataWaiters => BitConverter.ToUInt32(ReadAt(_name.DataSemaphorePath, 4, 4), 0);

        internal void SetByte(int offset, byte value)
        {
            WriteAt(_name.SegmentPath, offset, new[] { value });
        }

        internal void SetHeader(long position, ulong size, ulong sequence)
        {
            byte[] header = BitConverter.GetBytes(size).Concat(BitConverter.GetBytes(sequence)).ToArray();
            WriteAt(_name.SegmentPath, PayloadStart + position, header);
        }

        /// <summary>Fills a part of the payload, as old frames would have.</summary>
        internal void FillPayload(long position, long size, byte value)
        {
            WriteAt(_name.SegmentPath, PayloadStart + position, Enumerable.Repeat(value, (int)size).ToArray());
        }

        private static byte[] ReadAt(string path, long offset, int size)
        {
            using (FileStream file = Open(path, FileAccess.Read))
            {
                file.Position = offset;
                var data = new byte[size];
                if (file.Read(data, 0, size) != size)
                {
                    throw new EndOfStreamException(path + " ends before " + (offset + size));
                }
                return data;
            }
        }

        private static void WriteAt(string path, long offset, byte[] data)
        {
            using (FileStream file = Open(path, FileAccess.ReadWrite))
            {
                file.Position = offset;
                file.Write(data, 0, data.Length);
            }
        }

        private static FileStream Open(string path, FileAccess access)
        {
            return new FileStream(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
        }
    }
}
