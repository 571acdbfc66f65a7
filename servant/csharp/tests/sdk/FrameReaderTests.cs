using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using NUnit.Framework;
using Parley.Servant;

namespace Parley.Tests
{
    [TestFixture]
    public class FrameReaderTests
    {
        [TestCase("Content-Length: 2\r\n\r\n{}", "{}")]
        [TestCase("content-length:2\r\n\r\n{}", "{}")]
        [TestCase("CONTENT-LENGTH:   2  \r\n\r\n{}", "{}")]
        [TestCase("Content-Length: 2\n\n{}", "{}")]
        [TestCase("Content-Type: application/json\r\nContent-Length: 2\r\nX-Other: a:b\r\n\r\n{}", "{}")]
        [TestCase("Content-Length: 0\r\n\r\nContent-Length: 2\r\n\r\n{}", "|{}")]
        [TestCase("Content-Length: 2\r\n\r\n{}Content-Length: 3\r\n\r\n[1]", "{}|[1]")]
        [TestCase("a stray line\nContent-Length: 2\r\n\r\n{}", "{}")]
        [TestCase("Content-Length: two\r\n\r\nContent-Length: 2\r\n\r\n{}", "{}")]
        [TestCase("Content-Length: -1\r\n\r\nContent-Length: 2\r\n\r\n{}", "{}")]
        [TestCase("Content-Length: 4\r\n\r\n\"é\"", "\"é\"")]
        [TestCase("Content-Length: 2\r\n\r\n{", "")]
        [TestCase("Content-Length: 2\r\n", "")]
        [TestCase("", "")]
        public void ReadsFramesAndSkipsTheRest(string input, string bodies)
        {
            foreach (int piece in new[] { 1, 3, 1 << 16 })
            {
                Assert.That(string.Join("|", Bodies(input, piece)), Is.EqualTo(bodies), "in pieces of " + piece);
            }
        }

        [Test]
        public void ReportsStrayLines()
        {
            var stray = new List<string>();
            var reader = new FrameReader(new MemoryStream(Encoding.UTF8.GetBytes("oh no\nContent-Length: 1\r\n\r\n1")), stray.Add);
            Assert.That(reader.Read(out ArraySegment<byte> _));
            Assert.That(stray, Is.EqualTo(new[] { "oh no" }));
        }

        [Test]
        public void RefusesTooLargeAFrameAndGoesOnAfterIt()
        {
            const int length = FrameReader.MaxBody + 1;
            var input = new MemoryStream();
            byte[] header = Encoding.ASCII.GetBytes("Content-Length: " + length + "\r\n\r\n");
            input.Write(header, 0, header.Length);
            input.SetLength(header.Length + length);
            input.Position = input.Length;
            byte[] next = Encoding.ASCII.GetBytes("Content-Length: 2\r\n\r\n{}");
            input.Write(next, 0, next.Length);
            input.Position = 0;
            var reader = new FrameReader(input, line => { });

            var refused = Assert.Throws<FrameTooLargeException>(() => reader.Read(out ArraySegment<byte> _));
            Assert.That(refused.Message, Contains.Substring("64 MiB"));
            Assert.That(reader.Read(out ArraySegment<byte> frame));
            Assert.That(frame.Count, Is.EqualTo(2));
        }

        [Test]
        public void AcceptsTheLargestFrame()
        {
            var input = new MemoryStream();
            byte[] header = Encoding.ASCII.GetBytes("Content-Length: " + FrameReader.MaxBody + "\r\n\r\n");
            input.Write(header, 0, header.Length);
            input.SetLength(header.Length + FrameReader.MaxBody);
            input.Position = 0;
            var reader = new FrameReader(input, line => { });
            Assert.That(reader.Read(out ArraySegment<byte> frame));
            Assert.That(frame.Count, Is.EqualTo(FrameReader.MaxBody));
        }

        [Test]
        public void WritesTheHeaderExactly()
        {
            var output = new MemoryStream();
            new FrameWriter(output).Write("\"é\"");
            Assert.That(Encoding.UTF8.GetString(output.ToArray()), Is.EqualTo("Content-Length: 4\r\n\r\n\"é\""));
        }

        private static List<string> Bodies(string input, int piece)
        {
            var reader = new FrameReader(new Pieces(Encoding.UTF8.GetBytes(input), piece), line => { });
            var bodies = new List<string>();
            while (reader.Read(out ArraySegment<byte> frame))
            {
                bodies.Add(Encoding.UTF8.GetString(frame.Array, frame.Offset, frame.Count));
            }
            return bodies;
        }

        /// <summary>Gives at most some bytes at a time, as a pipe may.</summary>
        private sealed class Pieces : MemoryStream
        {
            private readonly int _size;

            internal Pieces(byte[] bytes, int size)
                : base(bytes)
            {
                _size = size;
            }

            public override int Read(byte[] buffer, int offset, int count)
            {
                return base.Read(buffer, offset, Math.Min(count, _size));
            }
        }
    }
}
