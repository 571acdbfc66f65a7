using Parley.Ring;
using Parley.Servant;

namespace Parley.Steps
{
    /// <summary>Structures of many fields as frames: field k, from 0, of record s, from 1, is the little-endian u64
    /// s·2^32 + k·2654435761 mod 2^64.</summary>
    internal static unsafe class Records
    {
        // The golden ratio of 32 bits spreads the fields' values over all of their bits.
        private const ulong FieldFactor = 2654435761;

        /// <summary>The size of a record in bytes.</summary>
        internal static long Size(int fields)
        {
            return (long)fields * sizeof(ulong);
        }

        /// <summary>Stores a record field by field into a frame that is written in place.</summary>
        internal static void Fill(Slot slot, ulong record)
        {
            var fields = (ulong*)slot.Data;
            for (long k = 0; k < slot.Size / sizeof(ulong); k++)
            {
                fields[k] = Field(record, k);
            }
        }

        /// <summary>Checks a record field by field where it lies.</summary>
        /// <exception cref="StepFailedException">A field differs.</exception>
        internal static void Check(Frame frame, ulong record)
        {
            var fields = (ulong*)frame.Data;
            for (long k = 0; k < frame.Size / sizeof(ulong); k++)
            {
                ulong actual = fields[k];
                if (actual != Field(record, k))
                {
                    throw new StepFailedException(Hex(Field(record, k)), Hex(actual), "field " + k + " of record " + record);
                }
            }
        }

        /// <summary>What a field of a record holds.</summary>
        internal static ulong Field(ulong record, long field)
        {
            return unchecked((record << 32) + (ulong)field * FieldFactor);
        }

        private static string Hex(ulong value)
        {
            return "0x" + value.ToString("x16");
        }
    }
}
