using System;
using System.IO;
using System.Text;

namespace Parley.Servant
{
    /// <summary>A frame's header announced more than the contract allows. Its body has been skipped, so that reading
    /// can go on.</summary>
    internal sealed class FrameTooLargeException : IOException
    {
        internal FrameTooLargeException(ulong length)
            : base("frame of " + length + " bytes refused; the limit is " + FrameReader.MaxBody + " bytes (64 MiB)")
        {
        }
    }

    /// <summary>Reads frames: headers in any case, unknown ones ignored, lines that are no header skipped up to the
    /// next Content-Length. For one thread. Contract: "Framing".</summary>
    internal sealed class FrameReader
    {
        /// <summary>The largest body accepted, in bytes.</summary>
        internal const int MaxBody = 64 << 20;

        private const string LengthHeader = "content-length";
        private const int MaxLine = 16 << 10;
        private const int FirstBody = 64 << 10;

        private readonly Stream _input;
        private readonly Action<string> _stray;
        private readonly byte[] _chunk = new byte[16 << 10];
        private readonly StringBuilder _line = new StringBuilder(64);
        private byte[] _body = new byte[4 << 10];
        private int _at;
        private int _end;

        /// <param name="input">The stream to read.</param>
        /// <param name="stray">Told each line that belongs to no frame.</param>
        internal FrameReader(Stream input, Action<string> stray)
        {
            _input = input;
            _stray = stray;
        }

        /// <summary>The body of the next frame, valid until the next call; false at the end of the stream, also when
        /// it ends inside a frame: there is nobody left to answer.</summary>
        /// <exception cref="FrameTooLargeException">The frame exceeds <see cref="MaxBody"/>.</exception>
        internal bool Read(out ArraySegment<byte> frame)
        {
            frame = default(ArraySegment<byte>);
            if (!ReadHeaders(out ulong length))
            {
                return false;
            }
            if (length > MaxBody)
            {
                Skip(length);
                throw new FrameTooLargeException(length);
            }
            return ReadBody((int)length, out frame);
        }

        private bool ReadHeaders(out ulong length)
        {
            length = 0;
            bool known = false;
            while (ReadLine())
            {
                if (_line.Length == 0)
                {
                    if (known)
                    {
                        return true;
                    }
                    continue;
                }
                string text = _line.ToString();
                int colon = text.IndexOf(':');
                string name = colon < 0 ? "" : text.Substring(0, colon).Trim();
                if (string.Equals(name, LengthHeader, StringComparison.OrdinalIgnoreCase)
                    && ulong.TryParse(text.Substring(colon + 1).Trim(), out ulong announced))
                {
                    length = announced;
                    known = true;
                }
                else if (name.Length == 0 || name.IndexOf(' ') >= 0 || string.Equals(name, LengthHeader, StringComparison.OrdinalIgnoreCase))
                {
                    known = false;
                    _stray(text);
                }
            }
            return false;
        }

        /// <summary>Fills <see cref="_line"/> without its end; an overlong line comes in pieces.</summary>
        private bool ReadLine()
        {
            _line.Clear();
            while (_at < _end || Fill())
            {
                byte next = _chunk[_at++];
                if (next == '\n')
                {
                    if (_line.Length > 0 && _line[_line.Length - 1] == '\r')
                    {
                        _line.Length--;
                    }
                    return true;
                }
                _line.Append((char)next);
                if (_line.Length == MaxLine)
                {
                    return true;
                }
            }
            return false;
        }

        private bool ReadBody(int length, out ArraySegment<byte> frame)
        {
            frame = default(ArraySegment<byte>);
            int got = 0;
            while (got < length)
            {
                if (_at == _end && !Fill())
                {
                    return false;
                }
                int part = Math.Min(_end - _at, length - got);
                if (got + part > _body.Length)
                {
                    // Grown as bytes arrive: a header alone must not cost its announced size.
                    Array.Resize(ref _body, Math.Min(length, Math.Max(2 * _body.Length, FirstBody)));
                }
                Buffer.BlockCopy(_chunk, _at, _body, got, part);
                _at += part;
                got += part;
            }
            frame = new ArraySegment<byte>(_body, 0, length);
            return true;
        }

        private void Skip(ulong length)
        {
            while (length > 0 && (_at < _end || Fill()))
            {
                ulong part = Math.Min((ulong)(_end - _at), length);
                _at += (int)part;
                length -= part;
            }
        }

        private bool Fill()
        {
            _at = 0;
            _end = _input.Read(_chunk, 0, _chunk.Length);
            return _end > 0;
        }
    }
}
