using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// How a writer finds a buffer and claims it (ring-buffer specification, "Creating, connecting, closing"). A
    /// failed connect changes nothing.
    /// </summary>
    internal static unsafe class Connection
    {
        /// <exception cref="RingException">NotFound, NoReader, WriterExists, VersionMismatch, Corrupt, System.</exception>
        internal static RingMemory Open(RingName name, int pid, out ProcessWatch reader)
        {
            reader = null;
            RingMemory memory = Map(name);
            try
            {
                reader = WatchReader(memory);
                Claim(memory, pid);
                return memory;
            }
            catch
            {
                reader?.Dispose();
                memory.Leave();
                throw;
            }
        }

        private static RingMemory Map(RingName name)
        {
            using (SharedFile segment = OpenExisting(name, name.SegmentPath))
            using (SharedFile data = OpenExisting(name, name.DataSemaphorePath))
            using (SharedFile space = OpenExisting(name, name.SpaceSemaphorePath))
            {
                return RingMemory.Map(name.Name, segment, data, space);
            }
        }

        private static SharedFile OpenExisting(RingName name, string path)
        {
            SharedFile file = SharedFile.Open(path, true);
            if (file == null)
            {
                throw RingException.NotFound(name.Name, path);
            }
            return file;
        }

        private static ProcessWatch WatchReader(RingMemory memory)
        {
            long pid = memory.Load(memory.ReaderPid, Layout.ReaderPidField, (long)Layout.PidMax);
            if (pid == 0)
            {
                throw RingException.NoReader(memory.Name, "it closed in order");
            }
            var watch = new ProcessWatch((int)pid);
            if (watch.IsDead)
            {
                watch.Dispose();
                throw RingException.NoReader(memory.Name, "its process " + pid + " is dead");
            }
            return watch;
        }

        private static void Claim(RingMemory memory, int pid)
        {
            while (true)
            {
                long other = memory.Load(memory.WriterPid, Layout.WriterPidField, (long)Layout.PidMax);
                if (other != 0 && ProcessWatch.IsAlive((ulong)other))
                {
                    throw RingException.WriterExists(memory.Name, other);
                }
                if (Interlocked.CompareExchange(ref *memory.WriterPid, pid, other) == other)
                {
                    if (other != 0)
                    {
                        CountedFrames.Resume(memory);
                    }
                    return;
                }
            }
        }
    }
}
