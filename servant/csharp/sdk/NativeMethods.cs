using System;
using System.Runtime.InteropServices;

namespace Parley.Servant
{
    /// <summary>The system calls that the class library of one of our runtimes does not offer.</summary>
    internal static class NativeMethods
    {
        // With its version suffix the name needs no search.
        private const string Libc = "libc.so.6";

        internal const int EINTR = 4;
        internal const int EAGAIN = 11;
        internal const int F_DUPFD_CLOEXEC = 1030;
        internal const int O_RDONLY = 0;
        internal const short POLLIN = 1;
        internal const short POLLOUT = 4;

        [DllImport(Libc, SetLastError = true)]
        internal static extern int fcntl(int descriptor, int command, int argument);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int dup2(int from, int to);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int open([MarshalAs(UnmanagedType.LPStr)] string path, int flags);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int close(int descriptor);

        [DllImport(Libc, SetLastError = true)]
        internal static extern unsafe IntPtr read(int descriptor, byte* buffer, UIntPtr count);

        [DllImport(Libc, SetLastError = true)]
        internal static extern unsafe IntPtr write(int descriptor, byte* buffer, UIntPtr count);

        [DllImport(Libc, SetLastError = true)]
        internal static extern int poll(ref PollDescriptor descriptor, UIntPtr count, int milliseconds);

        [DllImport(Libc)]
        internal static extern int unlink([MarshalAs(UnmanagedType.LPStr)] string path);

        [DllImport(Libc)]
        internal static extern int getpid();

        [DllImport(Libc)]
        internal static extern void _exit(int status);

        [StructLayout(LayoutKind.Sequential)]
        internal struct PollDescriptor
        {
            internal int Descriptor;
            internal short Events;
            internal short Returned;
        }
    }
}
