using System;
using System.Threading;

namespace Parley.Ring
{
    /// <summary>
    /// glibc's named semaphore in mapped memory, operation for operation (ring-buffer specification, "glibc named
    /// semaphore"): the low half of one 64-bit word is the value, the high half counts waiters.
    /// </summary>
    internal sealed unsafe class NamedSemaphore
    {
        private const long ValueMask = 0xffffffffL;
        private const long OneWaiter = 1L << 32;
        private const int SharedBetweenProcesses = 128;
        private const int PrivateFieldOffset = 8;
        private const int NanosecondsPerSecond = 1000000000;

        private readonly long* _data;

        internal NamedSemaphore(byte* memory)
        {
            _data = (long*)memory;
        }

        internal uint Value => (uint)Volatile.Read(ref *_data);

        internal uint Waiters => (uint)(Volatile.Read(ref *_data) >> 32);

        /// <summary>The file of a semaphore with value 0.</summary>
        internal static byte[] InitialContent()
        {
            var content = new byte[Layout.SemaphoreSize];
            content[PrivateFieldOffset] = SharedBetweenProcesses;
            return content;
        }

        /// <summary>Takes one token if there is one.</summary>
        internal bool TryTake()
        {
            return TryTake(1) == 1;
        }

        /// <summary>Takes what is there, at most <paramref name="max"/> tokens; returns how many.</summary>
        internal int TryTake(int max)
        {
            long data = Volatile.Read(ref *_data);
            while (true)
            {
                long take = Math.Min(data & ValueMask, max);
                if (take == 0)
                {
                    return 0;
                }
                long seen = Interlocked.CompareExchange(ref *_data, data - take, data);
                if (seen == data)
                {
                    return (int)take;
                }
                data = seen;
            }
        }

        /// <summary>Adds tokens and wakes as many waiters; false when the value would exceed its maximum.</summary>
        internal bool Post(int count)
        {
            long data = Volatile.Read(ref *_data);
            while (true)
            {
                if ((data & ValueMask) + count > Layout.SemaphoreValueMax)
                {
                    return false;
                }
                long seen = Interlocked.CompareExchange(ref *_data, data + count, data);
                if (seen == data)
                {
                    break;
                }
                data = seen;
            }
            if ((ulong)data >> 32 != 0)
            {
                Wake(count);
            }
            return true;
        }

        /// <summary>Returns tokens that this side took; nobody else waits for them.</summary>
        internal void GiveBack(int count)
        {
            Interlocked.Add(ref *_data, count);
        }

        /// <summary>Takes every token; waiters stay.</summary>
        internal void Drain()
        {
            TryTake(int.MaxValue);
        }

        /// <summary>
        /// One turn of glibc's wait: registers as a waiter, sleeps while the value is 0, and takes one token if there
        /// is one then.
        /// </summary>
        /// <param name="nanoseconds">Longest sleep, on CLOCK_MONOTONIC.</param>
        /// <returns>Whether a token was taken. False after a timeout, an interruption or a foreign wake.</returns>
        internal bool SleepAndTake(long nanoseconds)
        {
            Interlocked.Add(ref *_data, OneWaiter);
            if (Value == 0)
            {
                var timeout = new Native.Timespec
                {
                    Seconds = nanoseconds / NanosecondsPerSecond,
                    Nanoseconds = nanoseconds % NanosecondsPerSecond,
                };
                Native.futex(Native.FutexNumber, (int*)_data, (IntPtr)Native.FUTEX_WAIT, IntPtr.Zero, &timeout);
            }
            long data = Volatile.Read(ref *_data);
            while (true)
            {
                long taken = (data & ValueMask) == 0 ? 0 : 1;
                long seen = Interlocked.CompareExchange(ref *_data, data - taken - OneWaiter, data);
                if (seen == data)
                {
                    return taken == 1;
                }
                data = seen;
            }
        }

        /// <summary>Wakes sleepers without a token: they look again and find what has changed.</summary>
        internal void Wake(int count)
        {
            Native.futex(Native.FutexNumber, (int*)_data, (IntPtr)Native.FUTEX_WAKE, (IntPtr)count, null);
        }
    }
}
