using System;
using System.Collections.Generic;
using System.Globalization;

namespace Parley.Ring
{
    /// <summary>A failed ring operation: which error, where, and the details that the error carries.</summary>
    public sealed class RingException : Exception
    {
        private readonly Dictionary<string, object> _details;

        private RingException(RingError error, string message, Dictionary<string, object> details = null)
            : base(message)
        {
            Error = error;
            _details = details ?? new Dictionary<string, object>();
        }

        /// <summary>The error, by its name in every language.</summary>
        public RingError Error { get; }

        /// <summary>
        /// The details by their names in every language: field, value and limit; size and largest; timeout
        /// (milliseconds); expected and actual; call and errno; pid. Empty for errors without details.
        /// </summary>
        public IReadOnlyDictionary<string, object> Details => _details;

        /// <summary>Corrupt: the field's name; otherwise null.</summary>
        public string Field => Detail<string>("field");

        /// <summary>Corrupt: the value found; otherwise 0.</summary>
        public ulong Value => Detail<ulong>("value");

        /// <summary>Corrupt: the limit, or the one legal value, of the field; otherwise 0.</summary>
        public ulong Limit => Detail<ulong>("limit");

        /// <summary>SequenceGap: the sequence number that was due; otherwise 0.</summary>
        public ulong Expected => Detail<ulong>("expected");

        /// <summary>SequenceGap: the sequence number that came; otherwise 0.</summary>
        public ulong Actual => Detail<ulong>("actual");

        /// <summary>FrameTooLarge: the size asked for, in bytes; otherwise 0.</summary>
        public long Size => Detail<long>("size");

        /// <summary>FrameTooLarge: the largest frame of this ring, in bytes; otherwise 0.</summary>
        public long Largest => Detail<long>("largest");

        /// <summary>BufferFull: how long the write waited, in milliseconds; otherwise 0.</summary>
        public long TimeoutMilliseconds => Detail<long>("timeout");

        /// <summary>The process concerned, where there is one; otherwise 0.</summary>
        public long Pid => Detail<long>("pid");

        /// <summary>System: the call that failed; otherwise null.</summary>
        public string Call => Detail<string>("call");

        /// <summary>System: the errno of the call; otherwise 0.</summary>
        public int Errno => Detail<int>("errno");

        /// <summary>
        /// Whether a buffer that cannot be connected to may soon be there: NotFound, NoReader, and Corrupt, as peers do
        /// not create a buffer at once, and what they have made of it so far looks broken.
        /// </summary>
        public bool IsNotYetThere =>
            Error == RingError.NotFound || Error == RingError.NoReader || Error == RingError.Corrupt;

        internal static RingException InvalidName(string why)
        {
            return new RingException(RingError.InvalidName,
                "invalid buffer name: " + why +
                "; a name is 1 to 245 of the characters A-Z a-z 0-9 . _ - and does not start with a dot");
        }

        internal static RingException InUse(string name, long pid, string why)
        {
            string by = pid == 0 ? "" : " by pid " + Text(pid);
            return new RingException(RingError.InUse, "buffer '" + name + "' is already in use" + by + " (" + why + ")",
                new Dictionary<string, object> { { "pid", pid } });
        }

        internal static RingException NotFound(string name, string path)
        {
            return new RingException(RingError.NotFound,
                "buffer '" + name + "' not found: " + path + " does not exist; its reader must create it first");
        }

        internal static RingException NoReader(string name, string why)
        {
            return new RingException(RingError.NoReader, "buffer '" + name + "' has no reader: " + why);
        }

        internal static RingException WriterExists(string name, long pid)
        {
            return new RingException(RingError.WriterExists,
                "buffer '" + name + "': another writer is connected (pid " + Text(pid) + ")",
                new Dictionary<string, object> { { "pid", pid } });
        }

        internal static RingException VersionMismatch(string name, byte major)
        {
            return new RingException(RingError.VersionMismatch,
                "buffer '" + name + "' has layout version " + Text(major) + ".x, this library needs " +
                Text(Layout.VersionMajor) + ".x");
        }

        internal static RingException Corrupt(string name, string field, ulong value, ulong limit)
        {
            return new RingException(RingError.Corrupt,
                "buffer '" + name + "' is corrupt: " + field + " is " + Text(value) + ", limit " + Text(limit),
                new Dictionary<string, object> { { "field", field }, { "value", value }, { "limit", limit } });
        }

        internal static RingException MetadataTooLarge(string name, long size, long largest)
        {
            return new RingException(RingError.MetadataTooLarge,
                "buffer '" + name + "': metadata of " + Text(size) + " bytes does not fit, at most " + Text(largest));
        }

        internal static RingException MetadataAlreadyWritten(string name)
        {
            return new RingException(RingError.MetadataAlreadyWritten,
                "buffer '" + name + "': metadata is written once per buffer and is there already");
        }

        internal static RingException NoMetadataBlock(string name)
        {
            return new RingException(RingError.NoMetadataBlock,
                "buffer '" + name + "' was created without a metadata block");
        }

        internal static RingException FrameTooLarge(string name, long size, long largest)
        {
            return new RingException(RingError.FrameTooLarge,
                "buffer '" + name + "': a frame of " + Text(size) + " bytes is too large for this ring, at most " +
                Text(largest),
                new Dictionary<string, object> { { "size", size }, { "largest", largest } });
        }

        internal static RingException EmptyFrame(string name)
        {
            return new RingException(RingError.EmptyFrame,
                "buffer '" + name + "': a frame must have at least one byte");
        }

        internal static RingException BufferFull(string name, TimeSpan timeout, long size)
        {
            long milliseconds = (long)timeout.TotalMilliseconds;
            return new RingException(RingError.BufferFull,
                "buffer '" + name + "' stayed full for " + Text(milliseconds) + " ms: no room for a frame of " +
                Text(size) + " bytes",
                new Dictionary<string, object> { { "timeout", milliseconds } });
        }

        internal static RingException ReadTimeout(string name, TimeSpan timeout, string why)
        {
            return new RingException(RingError.ReadTimeout,
                "buffer '" + name + "': no frame within " + Text((long)timeout.TotalMilliseconds) + " ms (" + why + ")");
        }

        internal static RingException ReaderDead(string name, long pid)
        {
            return new RingException(RingError.ReaderDead,
                "buffer '" + name + "': reader dead (pid " + Text(pid) + ")",
                new Dictionary<string, object> { { "pid", pid } });
        }

        internal static RingException WriterDead(string name, long pid)
        {
            return new RingException(RingError.WriterDead,
                "buffer '" + name + "': writer dead (pid " + Text(pid) + ")",
                new Dictionary<string, object> { { "pid", pid } });
        }

        internal static RingException WriterGone(string name)
        {
            return new RingException(RingError.WriterGone, "buffer '" + name + "': writer gone, it closed in order");
        }

        internal static RingException SequenceGap(string name, ulong expected, ulong actual)
        {
            return new RingException(RingError.SequenceGap,
                "buffer '" + name + "': sequence gap, expected " + Text(expected) + ", got " + Text(actual),
                new Dictionary<string, object> { { "expected", expected }, { "actual", actual } });
        }

        internal static RingException Closed(string name)
        {
            return new RingException(RingError.Closed, "buffer '" + name + "' is closed on this side");
        }

        internal static RingException System(string call, int errno, string where)
        {
            string advice = errno == Native.ENOSPC ? "; free space there or ask for smaller sizes" : "";
            return new RingException(RingError.System,
                call + " failed: " + where + ": " + Native.ErrorText(errno) + " (errno " + Text(errno) + ")" + advice,
                new Dictionary<string, object> { { "call", call }, { "errno", errno } });
        }

        internal static RingException PlatformRefused(string why)
        {
            return new RingException(RingError.System, "the ring buffer cannot work on this platform: " + why,
                new Dictionary<string, object> { { "call", "gnu_get_libc_version" }, { "errno", Native.ENOSYS } });
        }

        private static string Text(IFormattable number)
        {
            return number.ToString(null, CultureInfo.InvariantCulture);
        }

        private T Detail<T>(string name)
        {
            object value;
            return _details.TryGetValue(name, out value) && value is T ? (T)value : default(T);
        }
    }
}
