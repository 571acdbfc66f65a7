using System;

namespace Parley.Ring
{
    /// <summary>Looks at buffers from outside, without connecting and without changing anything.</summary>
    public static unsafe class RingInspector
    {
        /// <summary>Reads a buffer's header block and semaphores. The values are not validated.</summary>
        /// <exception cref="RingException">InvalidName, NotFound, System; Corrupt when there is no whole header.</exception>
        public static RingState Inspect(string name)
        {
            RingName parsed = RingName.Parse(name);
            Native.RequirePlatform();
            using (SharedFile file = SharedFile.Open(parsed.SegmentPath, false))
            {
                if (file == null)
                {
                    throw RingException.NotFound(name, parsed.SegmentPath);
                }
                long size = file.Size;
                var header = new byte[Layout.OiebSize];
                fixed (byte* start = header)
                {
                    long read = file.ReadStart(start, header.Length);
                    if (read < header.Length)
                    {
                        throw RingException.Corrupt(name, Layout.SegmentSizeField, (ulong)size, Layout.OiebSize);
                    }
                    return new RingState(name, size, Oieb.Read(start), Semaphore(parsed.DataSemaphorePath),
                        Semaphore(parsed.SpaceSemaphorePath));
                }
            }
        }

        private static SemaphoreState? Semaphore(string path)
        {
            using (SharedFile file = SharedFile.Open(path, false))
            {
                if (file == null)
                {
                    return null;
                }
                var content = new byte[Layout.SemaphoreSize];
                fixed (byte* start = content)
                {
                    file.ReadStart(start, content.Length);
                }
                return new SemaphoreState(file.Size, BitConverter.ToUInt32(content, 0), BitConverter.ToUInt32(content, 4));
            }
        }
    }
}
