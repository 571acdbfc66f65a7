using Parley.Ring;

namespace Parley.Probe
{
    internal static class Sizes
    {
        /// <summary>The frame sizes of --seed, --min and --max.</summary>
        internal static FrameSizes Of(Arguments arguments)
        {
            ulong seed = arguments.RequiredSeed();
            long min = arguments.Required("--min", 0, int.MaxValue);
            long max = arguments.Required("--max", min, int.MaxValue);
            return new FrameSizes(seed, min, max);
        }
    }
}
