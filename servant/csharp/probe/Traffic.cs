using System.Diagnostics;

namespace Parley.Probe
{
    /// <summary>Counts what went through a ring, and the time from the first frame to the last.</summary>
    internal sealed class Traffic
    {
        private readonly Stopwatch _clock = new Stopwatch();

        internal long Frames { get; private set; }

        internal long Bytes { get; private set; }

        internal void Start()
        {
            _clock.Start();
        }

        internal void Add(long size)
        {
            Frames++;
            Bytes += size;
        }

        /// <summary>Adds what went through; rates are 0 when no time has passed.</summary>
        /// <param name="line">The result.</param>
        /// <param name="metadataLength">Bytes of metadata; −1 when the command has none.</param>
        internal JsonLine Report(JsonLine line, long metadataLength = -1)
        {
            double seconds = _clock.Elapsed.TotalSeconds;
            line.Add("frames", Frames).Add("bytes", Bytes).Add("seconds", seconds, "0.000000");
            if (metadataLength >= 0)
            {
                line.Add("metadataLength", metadataLength);
            }
            return line
                .Add("framesPerSecond", seconds > 0 ? Frames / seconds : 0, "0.0")
                .Add("megabytesPerSecond", seconds > 0 ? Bytes / 1e6 / seconds : 0, "0.000");
        }
    }
}
