using NUnit.Framework;

namespace Parley.Tests
{
    /// <summary>The steps of features 5 and 6: what must not pass.</summary>
    [TestFixture]
    public class CorruptionStepsTests : StepsTest
    {
        [Test]
        public void FramesOfListedSizes()
        {
            Open(0, 10240);
            Passes(Writer, "the 'writer' process writes frames of '10, 1,300' bytes");
            Passes(Writer, "the 'writer' process writes frames of '' bytes");
            Passes(Writer, "the 'writer' process has written '3' frames");
            Passes(Reader, "the 'reader' process reads frames of '' bytes from frame '1' on");
            Passes(Reader, "the 'reader' process reads frames of '10, 1' bytes from frame '1' on");
            Assert.That(Failure(Reader, "the 'reader' process reads frames of '299' bytes from frame '3' on"),
                Is.EqualTo("bytes of frame 3: expected 299, got 300"));
            Assert.That(Failure(Writer, "the 'writer' process writes frames of '1, x' bytes"),
                Is.EqualTo("'x' in '1, x' is no size; write sizes in bytes with commas between, such as '100, 200'"));
            Passes(Writer, "the 'writer' process has written '3' frames");
        }

        [Test]
        public void ACommitThatPassesFails()
        {
            Open(0, 1024);
            Passes(Writer, "the 'writer' process acquires a frame of '100' bytes");
            Assert.That(Failure(Writer, "the 'writer' process fails to commit the acquired frame: 'ReaderDead'"),
                Is.EqualTo("commit the acquired frame: error: expected ReaderDead, got success: it is frame 1"));
            Passes(Writer, "the 'writer' process acquires a frame of '100' bytes");
            Passes(Reader, "the 'reader' process closes its buffer");
            Passes(Writer, "the 'writer' process fails to commit the acquired frame: 'NoReader'");
            Assert.That(Failure(Writer, "the 'writer' process fails to commit the acquired frame: 'NoReader'"),
                Is.EqualTo("this process has acquired no frame; a step that acquires one must come first"));
        }

        [Test]
        public void MetadataThatCanBeReadFails()
        {
            Open(1024, 1024);
            Assert.That(Failure(Reader, "the 'reader' process fails to read the metadata: 'Corrupt'"),
                Is.EqualTo("read the metadata: error: expected Corrupt, got no metadata"));
            Passes(Writer, "the 'writer' process writes '5' bytes of metadata");
            Assert.That(Failure(Reader, "the 'reader' process fails to read the metadata: 'Corrupt'"),
                Is.EqualTo("read the metadata: error: expected Corrupt, got 5 bytes"));
            Raw("frames")[Ring.RawBuffer.MetadataWritten] = 2000;
            Passes(Reader, "the 'reader' process fails to read the metadata: 'Corrupt field=metadata_written_bytes value=2000 limit=1024'");
            Assert.That(Failure(Reader, "the 'reader' process fails to read the metadata: 'Corrupt value=2001'"), Is.EqualTo(
                "read the metadata: error: expected Corrupt value=2001, got Corrupt field=metadata_written_bytes value=2000 limit=1024 ("
                + "buffer '" + Raw("frames").Name + "' is corrupt: metadata_written_bytes is 2000, limit 1024)"));
        }

        [Test]
        public void AFrameThatCanBeReadAndReleasedFailsAndIsNotHeld()
        {
            Open(0, 1024);
            Passes(Writer, "the 'writer' process writes a frame of '100' bytes");
            Assert.That(Failure(Reader, "the 'reader' process fails to read and release a frame: 'Corrupt'"),
                Is.EqualTo("read and release a frame: error: expected Corrupt, got frame 1 of 100 bytes"));
            Assert.That(Failure(Reader, "the 'reader' process releases frame '1'"), Contains.Substring("does not hold frame 1"));
        }

        [Test]
        public void WritingAtOnceDoesNotWait()
        {
            Open(0, 1024);
            Passes(Writer, "the 'writer' process waits at most '60000' milliseconds for the other side");
            Passes(Writer, "the 'writer' process writes '2' frames of '400' bytes without waiting");
            Passes(Writer, "the 'writer' process fails to write a frame of '400' bytes at once: 'BufferFull timeout=0'");
            Assert.That(Failure(Writer, "the 'writer' process fails to write a frame of '100' bytes at once: 'BufferFull'"),
                Is.EqualTo("write a frame of 100 bytes at once: error: expected BufferFull, got success: it is frame 3"));
            Assert.That(Step(Writer, "the 'writer' process writes '2' frames of '50' bytes without waiting").Object("failure")["type"],
                Is.EqualTo("BufferFull"));
        }
    }
}
