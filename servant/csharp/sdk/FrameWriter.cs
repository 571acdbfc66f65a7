using System.Globalization;
using System.IO;
using System.Text;

namespace Parley.Servant
{
    /// <summary>Writes frames, each in one piece; for any thread. Contract: "Framing".</summary>
    internal sealed class FrameWriter
    {
        private static readonly UTF8Encoding Utf8 = new UTF8Encoding(false);

        private readonly Stream _output;
        private readonly object _gate = new object();

        internal FrameWriter(Stream output)
        {
            _output = output;
        }

        /// <exception cref="IOException">The other side is gone.</exception>
        internal void Write(string body)
        {
            int length = Utf8.GetByteCount(body);
            string header = "Content-Length: " + length.ToString(CultureInfo.InvariantCulture) + "\r\n\r\n";
            var frame = new byte[header.Length + length];
            Utf8.GetBytes(header, 0, header.Length, frame, 0);
            Utf8.GetBytes(body, 0, body.Length, frame, header.Length);
            lock (_gate)
            {
                _output.Write(frame, 0, frame.Length);
                _output.Flush();
            }
        }
    }
}
