using System;
using System.Globalization;
using System.IO;

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
                    Oieb oieb = Oieb.Read(start);
                    return new RingState(name, size, oieb, Semaphore(parsed.DataSemaphorePath),
                        Semaphore(parsed.SpaceSemaphorePath), Lock(parsed.LockPath, oieb.ReaderPid));
                }
            }
        }

        private static LockState Lock(string path, ulong readerPid)
        {
            using (SharedFile file = SharedFile.Open(path, false))
            {
                return file == null ? new LockState(false, false) : new LockState(true, IsHeld(file, readerPid));
            }
        }

        /// <summary>
        /// Asks the kernel's table: taking the lock, even shared and for a moment, would make a creation fail. Some file
        /// systems have another device number there than in stat; the reader's pid then tells.
        /// </summary>
        private static bool IsHeld(SharedFile file, ulong readerPid)
        {
            string inode = file.Inode.ToString(CultureInfo.InvariantCulture);
            string pid = readerPid.ToString(CultureInfo.InvariantCulture);
            foreach (string line in File.ReadLines("/proc/locks"))
            {
                string[] words = line.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length < 6 || words[1] != "FLOCK")
                {
                    continue;
                }
                string[] where = words[5].Split(':');
                if (where.Length == 3 && where[2] == inode &&
                    (words[4] == pid || where[0] + ":" + where[1] == file.Device))
                {
                    return true;
                }
            }
            return false;
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
                return new SemaphoreState(file.Size, BitConverter.ToUInt32(content, 0), BitConverter.ToUInt32(content, 4),
                    BitConverter.ToUInt32(content, 8));
            }
        }
    }
}
