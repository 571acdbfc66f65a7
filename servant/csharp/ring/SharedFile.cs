using System;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// A file by its descriptor, with errors that name call and path. Interrupted calls are repeated: the runtime's
    /// collector signals threads. After it is closed it still knows its names from those of other files, as long as
    /// its memory is mapped.
    /// </summary>
    internal sealed unsafe class SharedFile : IDisposable
    {
        private const int Mode = 0x180; // 0600
        private const int StatBufferSize = 256;
        private const int StatInodeOffset = 8;
        private const int StatSizeOffset = 48;
        private const int StatModifiedOffset = 88;

        private readonly ulong _device;
        private readonly ulong _inode;
        private int _descriptor;

        private SharedFile(string path, int descriptor)
        {
            Path = path;
            _descriptor = descriptor;
            try
            {
                byte[] stat = Stat();
                _device = DeviceOf(stat);
                _inode = InodeOf(stat);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        internal string Path { get; }

        internal ulong Inode => _inode;

        /// <summary>The device as /proc/locks writes it: major and minor number in hexadecimal.</summary>
        internal string Device =>
            (((_device >> 8) & 0xfff) | ((_device >> 32) & ~0xfffUL)).ToString("x2") + ":" +
            ((_device & 0xff) | ((_device >> 12) & ~0xffUL)).ToString("x2");

        internal long Size => BitConverter.ToInt64(Stat(), StatSizeOffset);

        /// <summary>When the file was last written with a call, to the second, in UTC.</summary>
        internal DateTime Modified =>
            DateTimeOffset.FromUnixTimeSeconds(BitConverter.ToInt64(Stat(), StatModifiedOffset)).UtcDateTime;

        /// <summary>
        /// Opens an existing file; null when there is none. A FIFO that took the name must not hang the caller.
        /// </summary>
        internal static SharedFile Open(string path, bool writable)
        {
            int descriptor = Call(() => Native.open(path,
                (writable ? Native.O_RDWR : Native.O_RDONLY) | Native.O_CLOEXEC | Native.O_NOFOLLOW |
                Native.O_NONBLOCK, 0));
            if (descriptor >= 0)
            {
                return new SharedFile(path, descriptor);
            }
            int errno = Native.LastError;
            if (errno == Native.ENOENT)
            {
                return null;
            }
            throw RingException.System("open", errno, path);
        }

        /// <summary>
        /// Creates a new file with mode 0600 under a name that no ring object has, for <see cref="TryLink"/>.
        /// </summary>
        internal static SharedFile CreateTemporary(string directory)
        {
            while (true)
            {
                string path = directory + "/.parley-" + Native.getpid() + "-" + Guid.NewGuid().ToString("N");
                int descriptor = Call(() => Native.open(path,
                    Native.O_RDWR | Native.O_CREAT | Native.O_EXCL | Native.O_CLOEXEC | Native.O_NOFOLLOW, Mode));
                if (descriptor >= 0)
                {
                    // The umask took its bits.
                    Native.fchmod(descriptor, Mode);
                    return new SharedFile(path, descriptor);
                }
                int errno = Native.LastError;
                if (errno != Native.EEXIST)
                {
                    throw RingException.System("open", errno, path);
                }
            }
        }

        /// <summary>Sets the size and reserves the memory, so that a full file system shows here and never later.</summary>
        internal void Reserve(long size)
        {
            if (Call(() => Native.ftruncate(_descriptor, size)) != 0)
            {
                throw RingException.System("ftruncate", Native.LastError, Path + " to " + size + " bytes");
            }
            if (Call(() => Native.fallocate(_descriptor, 0, 0, size)) != 0)
            {
                throw RingException.System("fallocate", Native.LastError, Path + " of " + size + " bytes");
            }
        }

        /// <summary>Reads up to <paramref name="size"/> bytes from the start; returns how many there were.</summary>
        internal long ReadStart(byte* buffer, long size)
        {
            long n = CallLong(() => (long)Native.pread(_descriptor, buffer, (UIntPtr)size, 0));
            if (n < 0)
            {
                throw RingException.System("pread", Native.LastError, Path);
            }
            return n;
        }

        internal void WriteStart(byte[] data)
        {
            long n;
            fixed (byte* source = data)
            {
                byte* start = source;
                n = CallLong(() => (long)Native.pwrite(_descriptor, start, (UIntPtr)data.Length, 0));
            }
            if (n != data.Length)
            {
                throw RingException.System("pwrite", n < 0 ? Native.LastError : Native.EINVAL, Path);
            }
        }

        /// <summary>Maps the whole file for reading and writing.</summary>
        internal byte* Map(long size)
        {
            IntPtr address = Native.mmap(IntPtr.Zero, (UIntPtr)size, Native.PROT_READ | Native.PROT_WRITE,
                Native.MAP_SHARED, _descriptor, 0);
            if (address == (IntPtr)(-1))
            {
                throw RingException.System("mmap", Native.LastError, Path + " of " + size + " bytes");
            }
            return (byte*)address;
        }

        /// <summary>Gives this file a second name; false when the name is taken.</summary>
        internal bool TryLink(string path)
        {
            if (Call(() => Native.link(Path, path)) == 0)
            {
                return true;
            }
            int errno = Native.LastError;
            if (errno == Native.EEXIST)
            {
                return false;
            }
            throw RingException.System("link", errno, path);
        }

        /// <summary>Takes the lock of this file if nobody holds it.</summary>
        internal bool TryLock()
        {
            if (Call(() => Native.flock(_descriptor, Native.LOCK_EX | Native.LOCK_NB)) == 0)
            {
                return true;
            }
            int errno = Native.LastError;
            if (errno == Native.EAGAIN)
            {
                return false;
            }
            throw RingException.System("flock", errno, Path);
        }

        /// <summary>Whether a name leads to this very file.</summary>
        internal bool IsAt(string path)
        {
            var other = new byte[StatBufferSize];
            int result;
            fixed (byte* buffer = other)
            {
                byte* start = buffer;
                result = Call(() => (int)Native.fstatat(Native.FstatatNumber, (IntPtr)Native.AT_FDCWD, path, start,
                    (IntPtr)Native.AT_SYMLINK_NOFOLLOW));
            }
            return result == 0 && DeviceOf(other) == _device && InodeOf(other) == _inode;
        }

        /// <summary>Removes a name; a name that is not there is fine.</summary>
        internal static void Remove(string path)
        {
            int errno = TryRemove(path);
            if (errno != 0)
            {
                throw RingException.System("unlink", errno, path);
            }
        }

        /// <summary>Removes a name; returns the errno, 0 when it is gone or was not there.</summary>
        internal static int TryRemove(string path)
        {
            if (Call(() => Native.unlink(path)) == 0)
            {
                return 0;
            }
            int errno = Native.LastError;
            return errno == Native.ENOENT ? 0 : errno;
        }

        public void Dispose()
        {
            int descriptor = Interlocked.Exchange(ref _descriptor, -1);
            if (descriptor >= 0)
            {
                Native.close(descriptor);
            }
        }

        private byte[] Stat()
        {
            var stat = new byte[StatBufferSize];
            int result;
            fixed (byte* buffer = stat)
            {
                byte* start = buffer;
                result = Call(() => (int)Native.fstatat(Native.FstatatNumber, (IntPtr)_descriptor, "", start,
                    (IntPtr)Native.AT_EMPTY_PATH));
            }
            if (result != 0)
            {
                throw RingException.System("fstat", Native.LastError, Path);
            }
            return stat;
        }

        private static ulong DeviceOf(byte[] stat)
        {
            return BitConverter.ToUInt64(stat, 0);
        }

        private static ulong InodeOf(byte[] stat)
        {
            return BitConverter.ToUInt64(stat, StatInodeOffset);
        }

        private static int Call(Func<int> call)
        {
            return (int)CallLong(() => call());
        }

        private static long CallLong(Func<long> call)
        {
            while (true)
            {
                long result = call();
                if (result >= 0 || Native.LastError != Native.EINTR)
                {
                    return result;
                }
            }
        }
    }
}
