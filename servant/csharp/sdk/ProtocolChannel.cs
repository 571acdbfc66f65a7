using System.IO;
using System.Runtime.InteropServices;

namespace Parley.Servant
{
    /// <summary>Takes the protocol away from descriptors 0 and 1, so that neither user code nor a child process can
    /// read or write it: afterwards a print goes to standard error and a read finds nothing. Contract:
    /// "Framing".</summary>
    internal sealed class ProtocolChannel
    {
        private ProtocolChannel(Stream input, Stream output)
        {
            Input = input;
            Output = output;
        }

        internal Stream Input { get; }

        internal Stream Output { get; }

        /// <summary>To be called once, before any user code and before anything touches the console.</summary>
        /// <exception cref="IOException">Standard input, output or error is not open.</exception>
        internal static ProtocolChannel TakeStandardStreams()
        {
            int input = Private(0);
            int output = Private(1);
            Check(NativeMethods.dup2(2, 1), "point descriptor 1 at standard error");
            int nothing = Check(NativeMethods.open("/dev/null", NativeMethods.O_RDONLY), "open /dev/null");
            Check(NativeMethods.dup2(nothing, 0), "point descriptor 0 at /dev/null");
            if (nothing > 2)
            {
                NativeMethods.close(nothing);
            }
            return new ProtocolChannel(new DescriptorStream(input, false), new DescriptorStream(output, true));
        }

        private static int Private(int descriptor)
        {
            // Above the standard descriptors even if one of them is closed; not inherited by child processes.
            return Check(
                NativeMethods.fcntl(descriptor, NativeMethods.F_DUPFD_CLOEXEC, 3),
                "move the protocol away from descriptor " + descriptor);
        }

        private static int Check(int result, string what)
        {
            if (result < 0)
            {
                throw new IOException("cannot " + what + ": errno " + Marshal.GetLastWin32Error());
            }
            return result;
        }
    }
}
