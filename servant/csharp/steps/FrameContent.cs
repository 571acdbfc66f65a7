using Parley.Ring;
using Parley.Servant;

namespace Parley.Steps
{
    /// <summary>Checks of the bytes that other processes wrote.</summary>
    internal static unsafe class FrameContent
    {
        /// <summary>Checks the size and every byte of a frame against the test pattern.</summary>
        /// <param name="frame">The frame, held.</param>
        /// <param name="size">Its size in bytes.</param>
        /// <param name="sequence">The sequence number of the pattern.</param>
        /// <param name="kind">What the frame with that number is called in the message.</param>
        /// <exception cref="StepFailedException">Something differs.</exception>
        internal static void Check(Frame frame, long size, ulong sequence, string kind)
        {
            CheckSize(frame, size, sequence, kind);
            Check(frame, sequence, kind);
        }

        /// <summary>Checks every byte of a frame against the test pattern.</summary>
        internal static void Check(Frame frame, ulong sequence, string kind)
        {
            long wrong = TestPattern.CheckFrame(frame.Data, frame.Size, sequence);
            if (wrong >= 0)
            {
                throw new StepFailedException(Hex(Pattern(sequence, wrong)), Hex(frame.Data[wrong]), "byte " + wrong + " of " + kind + " " + sequence);
            }
        }

        /// <summary>Checks the size of a frame, and that every bit of it is flipped against the test pattern.</summary>
        internal static void CheckFlipped(Frame frame, long size, ulong sequence, string kind)
        {
            CheckSize(frame, size, sequence, kind);
            for (long i = 0; i < size; i++)
            {
                byte expected = (byte)~Pattern(sequence, i);
                if (frame.Data[i] != expected)
                {
                    throw new StepFailedException(Hex(expected), Hex(frame.Data[i]), "byte " + i + " of " + kind + " " + sequence);
                }
            }
        }

        internal static void CheckSize(Frame frame, long size, ulong sequence, string kind)
        {
            if (frame.Size != size)
            {
                throw new StepFailedException(size, frame.Size, "bytes of " + kind + " " + sequence);
            }
        }

        private static byte Pattern(ulong sequence, long position)
        {
            return unchecked((byte)((ulong)position + sequence));
        }

        private static string Hex(byte value)
        {
            return "0x" + value.ToString("x2");
        }
    }
}
