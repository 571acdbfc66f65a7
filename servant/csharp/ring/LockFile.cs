using System;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// The lock that marks a living reader (ring-buffer specification, "Objects of a buffer NAME"). It is locked
    /// before its name appears, so nobody ever sees it unlocked while its holder lives.
    /// </summary>
    internal sealed class LockFile : IDisposable
    {
        private const int OpenToAll = 0x3ff; // 01777, as /tmp itself
        private const int Attempts = 1000;

        private readonly string _path;
        private SharedFile _file;

        private LockFile(string path, SharedFile file)
        {
            _path = path;
            _file = file;
        }

        /// <summary>Takes the lock of a name; null while a living process holds it.</summary>
        internal static LockFile TryTake(RingName name)
        {
            EnsureDirectory();
            SharedFile own = SharedFile.CreateTemporary(RingName.LockDirectory);
            try
            {
                if (own.TryLock())
                {
                    for (int i = 0; i < Attempts; i++)
                    {
                        if (own.TryLink(name.LockPath))
                        {
                            var taken = new LockFile(name.LockPath, own);
                            own = null;
                            SharedFile.TryRemove(taken._file.Path);
                            return taken;
                        }
                        using (SharedFile other = SharedFile.Open(name.LockPath, true))
                        {
                            if (other == null)
                            {
                                continue;
                            }
                            if (!other.TryLock())
                            {
                                return null;
                            }
                            // Its holder is dead. Whoever has its lock, and finds it still under its name, may remove it.
                            if (other.IsAt(name.LockPath))
                            {
                                SharedFile.Remove(name.LockPath);
                            }
                        }
                        Thread.Yield();
                    }
                }
                return null;
            }
            finally
            {
                if (own != null)
                {
                    SharedFile.TryRemove(own.Path);
                    own.Dispose();
                }
            }
        }

        /// <summary>Whether the name still leads to this lock.</summary>
        internal bool IsInPlace => _file.IsAt(_path);

        /// <summary>Removes the name, if it still leads here, and gives the lock up.</summary>
        public void Dispose()
        {
            SharedFile file = Interlocked.Exchange(ref _file, null);
            if (file == null)
            {
                return;
            }
            if (file.IsAt(_path))
            {
                SharedFile.TryRemove(_path);
            }
            file.Dispose();
        }

        private static void EnsureDirectory()
        {
            if (Native.mkdir(RingName.LockDirectory, OpenToAll) == 0)
            {
                // mkdir is subject to the umask, and users share the directory.
                if (Native.chmod(RingName.LockDirectory, OpenToAll) != 0)
                {
                    throw RingException.System("chmod", Native.LastError, RingName.LockDirectory);
                }
                return;
            }
            int errno = Native.LastError;
            if (errno != Native.EEXIST)
            {
                throw RingException.System("mkdir", errno, RingName.LockDirectory);
            }
        }
    }
}
