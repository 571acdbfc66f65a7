using System;
using System.Runtime.InteropServices;

namespace Parley.Ring
{
    /// <summary>The libc functions and constants that a ring needs; 64-bit Linux.</summary>
    internal static unsafe class Native
    {
        internal const int ENOENT = 2;
        internal const int ESRCH = 3;
        internal const int EINTR = 4;
        internal const int EAGAIN = 11;
        internal const int EEXIST = 17;
        internal const int EINVAL = 22;
        internal const int ENOSPC = 28;
        internal const int ENOSYS = 38;
        internal const int EOVERFLOW = 75;

        internal const int O_RDONLY = 0;
        internal const int O_RDWR = 2;
        internal const int O_CREAT = 0x40;
        internal const int O_EXCL = 0x80;
        internal const int O_NONBLOCK = 0x800;
        internal const int O_CLOEXEC = 0x80000;
        internal const int AT_FDCWD = -100;
        internal const int AT_EMPTY_PATH = 0x1000;
        internal const int AT_SYMLINK_NOFOLLOW = 0x100;
        internal const int LOCK_EX = 2;
        internal const int LOCK_NB = 4;
        internal const int PROT_READ = 1;
        internal const int PROT_WRITE = 2;
        internal const int MAP_SHARED = 1;
        internal const short POLLIN = 1;
        internal const int FUTEX_WAIT = 0;
        internal const int FUTEX_WAKE = 1;

        // With its version suffix the name needs no search and is glibc's alone.
        private const string Libc = "libc.so.6";

        internal static readonly Architecture Processor = RuntimeInformation.ProcessArchitecture;

        // O_NOFOLLOW has one value on x86-64 and another one on arm64.
        internal static readonly int O_NOFOLLOW = Processor == Architecture.X64 ? 0x20000 : 0x8000;

        internal static readonly IntPtr FutexNumber = (IntPtr)(Processor == Architecture.X64 ? 202 : 98);
        internal static readonly IntPtr FstatatNumber = (IntPtr)(Processor == Architecture.X64 ? 262 : 79);
        internal static readonly IntPtr PidfdOpenNumber = (IntPtr)434;

        [StructLayout(LayoutKind.Sequential)]
        internal struct Timespec
        {
            internal long Seconds;
            internal long Nanoseconds;
        }

        [StructLayout(LayoutKind.Sequential)]
        internal struct PollDescriptor
        {
            internal int Descriptor;
            internal short Events;
            internal short ReturnedEvents;
        }

        [DllImport(Libc, SetLastError = true)]
        internal static extern int open(string path, int flags, int mode);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int close(int descriptor);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int ftruncate(int descriptor, long size);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int fallocate(int descriptor, int mode, long offset, long size);

        [DllImport(Libc, SetLastError = true)]
        internal static extern IntPtr mmap(IntPtr address, UIntPtr size, int protection, int flags, int descriptor,
            long offset);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int munmap(IntPtr address, UIntPtr size);

        [DllImport(Libc, SetLastError = true)]
        internal static extern IntPtr pread(int descriptor, byte* buffer, UIntPtr size, long offset);

        [DllImport(Libc, SetLastError = true)]
        internal static extern IntPtr pwrite(int descriptor, byte* buffer, UIntPtr size, long offset);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int link(string oldPath, string newPath);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int unlink(string path);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int rename(string oldPath, string newPath);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int mkdir(string path, int mode);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int chmod(string path, int mode);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int fchmod(int descriptor, int mode);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int flock(int descriptor, int operation);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int kill(int pid, int signal);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int poll(PollDescriptor* descriptors, UIntPtr count, int timeoutMilliseconds);

        [DllImport(Libc)]
        internal static extern int memcmp(byte* one, byte* other, UIntPtr size);

        [DllImport(Libc)]
        internal static extern int getpid();

        [DllImport(Libc)]
        internal static extern IntPtr gnu_get_libc_version();

        [DllImport(Libc, EntryPoint = "syscall", SetLastError = true)]
        internal static extern IntPtr futex(IntPtr number, int* word, IntPtr operation, IntPtr value, Timespec* timeout);

        [DllImport(Libc, EntryPoint = "syscall", SetLastError = true)]
        internal static extern IntPtr pidfd_open(IntPtr number, IntPtr pid, IntPtr flags);

        [DllImport(Libc, EntryPoint = "syscall", SetLastError = true)]
        internal static extern IntPtr fstatat(IntPtr number, IntPtr directory, string path, byte* stat, IntPtr flags);

        [DllImport(Libc)]
        private static extern IntPtr strerror(int errno);

        internal static int LastError => Marshal.GetLastWin32Error();

        internal static string ErrorText(int errno)
        {
            return Marshal.PtrToStringAnsi(strerror(errno));
        }

        /// <summary>
        /// Refuses platforms whose memory layout or semaphores differ from the specification's: 64-bit little-endian
        /// Linux with glibc.
        /// </summary>
        /// <exception cref="RingException">System.</exception>
        internal static void RequirePlatform()
        {
            if (IntPtr.Size != 8 || !BitConverter.IsLittleEndian ||
                (Processor != Architecture.X64 && Processor != Architecture.Arm64))
            {
                throw RingException.PlatformRefused("it runs on 64-bit x86 and ARM only");
            }
            try
            {
                gnu_get_libc_version();
            }
            catch (Exception e) when (e is DllNotFoundException || e is EntryPointNotFoundException)
            {
                throw RingException.PlatformRefused(
                    "it needs Linux with glibc: the semaphores of other C libraries, such as musl's, differ");
            }
        }
    }
}
