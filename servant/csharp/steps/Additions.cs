using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Threading;
using Parley.Servant;

namespace Parley.Steps
{
    /// <summary>Additions of 1 to two words of shared memory that no other process uses.</summary>
    internal sealed unsafe class Additions : IDisposable
    {
        private const int PROT_READ = 1;
        private const int PROT_WRITE = 2;
        private const int MAP_SHARED = 1;
        private const int MAP_ANONYMOUS = 0x20;

        // Keeps the two words on lines of their own.
        private const int Distance = 64;
        private static readonly UIntPtr Size = (UIntPtr)4096;

        private readonly IntPtr _memory;

        internal Additions()
        {
            _memory = mmap(IntPtr.Zero, Size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
            if (_memory == (IntPtr)(-1))
            {
                throw new Win32Exception(Marshal.GetLastWin32Error(), "a page of shared memory could not be mapped");
            }
        }

        /// <summary>Adds atomically.</summary>
        /// <returns>Nanoseconds for each addition.</returns>
        internal double AddAtomically(long times)
        {
            var word = (long*)_memory;
            long start = Clock.Now;
            for (long i = 0; i < times; i++)
            {
                Interlocked.Increment(ref *word);
            }
            return Each(start, times, *word, "atomic");
        }

        /// <summary>Adds with a load and a store.</summary>
        /// <returns>Nanoseconds for each addition.</returns>
        internal double AddPlainly(long times)
        {
            var word = (long*)((byte*)_memory + Distance);
            long start = Clock.Now;
            for (long i = 0; i < times; i++)
            {
                (*word)++;
            }
            return Each(start, times, *word, "plain");
        }

        public void Dispose()
        {
            munmap(_memory, Size);
        }

        [DllImport("libc.so.6", SetLastError = true)]
        private static extern IntPtr mmap(IntPtr address, UIntPtr size, int protection, int flags, int descriptor, long offset);

        [DllImport("libc.so.6")]
        private static extern int munmap(IntPtr address, UIntPtr size);

        private static double Each(long start, long times, long sum, string kind)
        {
            double took = Math.Max(1, Clock.Now - start);
            if (sum != times)
            {
                throw new StepFailedException(times, sum, "sum of " + kind + " additions");
            }
            return took / times;
        }
    }
}
