using System;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// The files of a buffer as its reader creates and removes them (ring-buffer specification, "Creating, connecting,
    /// closing"). The segment gets its name last and complete, so a peer never sees half a buffer.
    /// </summary>
    internal sealed unsafe class RingFiles : IDisposable
    {
        // The holder of a lock without a live reader may be closing, or be another creator that is about to fail.
        private static readonly TimeSpan LockPatience = TimeSpan.FromMilliseconds(100);

        private readonly RingName _name;
        private LockFile _lock;
        private SharedFile _dataSemaphore;
        private SharedFile _spaceSemaphore;
        private SharedFile _segment;

        private RingFiles(RingName name)
        {
            _name = name;
        }

        /// <summary>Creates a buffer and maps it; whatever was made is removed again when it throws.</summary>
        /// <exception cref="RingException">InUse, System.</exception>
        internal static RingFiles Create(RingName name, long metadataSize, long payloadSize, out RingMemory memory)
        {
            var files = new RingFiles(name);
            memory = null;
            try
            {
                files.TakeLock();
                files.RemoveStale();
                files._dataSemaphore = Publish(name.DataSemaphorePath, NewSemaphore);
                files._spaceSemaphore = Publish(name.SpaceSemaphorePath, NewSemaphore);
                files._segment = Publish(name.SegmentPath, file => FillSegment(file, metadataSize, payloadSize));
                files.RequireInPlace();
                memory = RingMemory.Map(name.Name, files._segment, files._dataSemaphore, files._spaceSemaphore);
                files._segment.Dispose();
                files._dataSemaphore.Dispose();
                files._spaceSemaphore.Dispose();
                return files;
            }
            catch
            {
                files.Dispose();
                throw;
            }
        }

        /// <summary>Removes the segment, the semaphores and the lock, each only if its name still leads to ours.</summary>
        public void Dispose()
        {
            Withdraw(ref _segment, _name.SegmentPath);
            Withdraw(ref _dataSemaphore, _name.DataSemaphorePath);
            Withdraw(ref _spaceSemaphore, _name.SpaceSemaphorePath);
            _lock?.Dispose();
            _lock = null;
        }

        private void TakeLock()
        {
            long deadline = Waiting.Deadline(LockPatience);
            while (true)
            {
                _lock = LockFile.TryTake(_name);
                if (_lock != null)
                {
                    return;
                }
                Oieb oieb;
                DateTime modified;
                bool isKnown = TryReadOieb(out oieb, out modified) && ProcessWatch.IsAlive(oieb.ReaderPid);
                if (isKnown || Waiting.HasPassed(deadline))
                {
                    long pid = isKnown ? (long)oieb.ReaderPid : 0;
                    throw RingException.InUse(_name.Name, pid, _name.LockPath + " is held");
                }
                Thread.Sleep(1);
            }
        }

        private void RemoveStale()
        {
            Oieb oieb;
            DateTime modified;
            if (TryReadOieb(out oieb, out modified))
            {
                if (ProcessWatch.IsAlive(oieb.ReaderPid) &&
                    !ProcessWatch.StartedAfter((int)oieb.ReaderPid, modified))
                {
                    throw RingException.InUse(_name.Name, (long)oieb.ReaderPid, "it is the reader");
                }
                if (ProcessWatch.IsAlive(oieb.WriterPid))
                {
                    throw RingException.InUse(_name.Name, (long)oieb.WriterPid, "it is the writer");
                }
                SharedFile.Remove(_name.SegmentPath);
            }
            SharedFile.Remove(_name.DataSemaphorePath);
            SharedFile.Remove(_name.SpaceSemaphorePath);
        }

        /// <summary>False when there is no segment. What a file too short for a header lacks reads as zeros.</summary>
        private bool TryReadOieb(out Oieb oieb, out DateTime modified)
        {
            oieb = default(Oieb);
            modified = default(DateTime);
            using (SharedFile file = SharedFile.Open(_name.SegmentPath, false))
            {
                if (file == null)
                {
                    return false;
                }
                var header = new byte[Layout.OiebSize];
                fixed (byte* start = header)
                {
                    file.ReadStart(start, header.Length);
                    oieb = Oieb.Read(start);
                }
                modified = file.Modified;
                return true;
            }
        }

        private void RequireInPlace()
        {
            if (!_lock.IsInPlace || !_segment.IsAt(_name.SegmentPath) ||
                !_dataSemaphore.IsAt(_name.DataSemaphorePath) || !_spaceSemaphore.IsAt(_name.SpaceSemaphorePath))
            {
                throw RingException.InUse(_name.Name, 0, "another process replaced its files during the creation");
            }
        }

        private static SharedFile Publish(string path, Action<SharedFile> fill)
        {
            SharedFile file = SharedFile.CreateTemporary(RingName.SharedMemoryDirectory);
            try
            {
                fill(file);
                if (!file.TryLink(path))
                {
                    throw RingException.System("link", Native.EEXIST, path);
                }
            }
            catch
            {
                SharedFile.TryRemove(file.Path);
                file.Dispose();
                throw;
            }
            SharedFile.TryRemove(file.Path);
            return file;
        }

        private static void NewSemaphore(SharedFile file)
        {
            file.Reserve(Layout.SemaphoreSize);
            file.WriteStart(NamedSemaphore.InitialContent());
        }

        private static void FillSegment(SharedFile file, long metadataSize, long payloadSize)
        {
            file.Reserve(Layout.OiebSize + metadataSize + payloadSize);
            var header = new byte[Layout.OiebSize];
            fixed (byte* start = header)
            {
                Oieb.Write(start, metadataSize, payloadSize, Native.getpid());
            }
            file.WriteStart(header);
        }

        private static void Withdraw(ref SharedFile file, string path)
        {
            if (file == null)
            {
                return;
            }
            if (file.IsAt(path))
            {
                SharedFile.TryRemove(path);
            }
            file.Dispose();
            file = null;
        }
    }
}
