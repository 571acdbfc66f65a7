namespace Parley.Ring
{
    /// <summary>
    /// A checked buffer name and the paths of the buffer's four objects (ring-buffer specification, "Objects of a
    /// buffer NAME").
    /// </summary>
    public sealed class RingName
    {
        /// <summary>Longest name, in bytes: with the prefix "sem.sem-w-" it fills a file name.</summary>
        public const int MaxLength = 245;

        internal const string SharedMemoryDirectory = "/dev/shm";
        internal const string LockDirectory = "/tmp/zerobuffer";

        private RingName(string name)
        {
            Name = name;
        }

        /// <summary>The name as given.</summary>
        public string Name { get; }

        /// <summary>Path of the segment.</summary>
        public string SegmentPath => SharedMemoryDirectory + "/" + Name;

        /// <summary>Path of sem-w, which counts frames to read.</summary>
        public string DataSemaphorePath => SharedMemoryDirectory + "/sem.sem-w-" + Name;

        /// <summary>Path of sem-r, which tells of released space.</summary>
        public string SpaceSemaphorePath => SharedMemoryDirectory + "/sem.sem-r-" + Name;

        /// <summary>Path of the lock that the reader holds for its life.</summary>
        public string LockPath => LockDirectory + "/" + Name + ".lock";

        /// <summary>Checks a name.</summary>
        /// <exception cref="RingException">InvalidName.</exception>
        public static RingName Parse(string name)
        {
            if (string.IsNullOrEmpty(name))
            {
                throw RingException.InvalidName("it is empty");
            }
            for (int i = 0; i < name.Length; i++)
            {
                if (!IsLegal(name[i]))
                {
                    throw RingException.InvalidName(
                        "character " + (i + 1) + " is U+" + ((int)name[i]).ToString("X4"));
                }
            }
            if (name.Length > MaxLength)
            {
                throw RingException.InvalidName("it has " + name.Length + " bytes");
            }
            if (name[0] == '.')
            {
                throw RingException.InvalidName("'" + name + "' starts with a dot");
            }
            return new RingName(name);
        }

        /// <inheritdoc/>
        public override string ToString()
        {
            return Name;
        }

        private static bool IsLegal(char c)
        {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                c == '.' || c == '_' || c == '-';
        }
    }
}
