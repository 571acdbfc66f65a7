using System.Collections.Generic;
using System.Threading;
using Parley.Ring;

namespace Parley.Probe
{
    /// <summary>ring-probe inspect: shows a buffer's header block and semaphores and changes nothing.</summary>
    internal sealed class InspectCommand : ICommand
    {
        private readonly Arguments _arguments;
        private RingState _state;

        internal InspectCommand(IReadOnlyList<string> words)
        {
            _arguments = Arguments.Parse(words, new string[0], new string[0]);
        }

        public void Run(CancellationToken cancellation)
        {
            _state = SetUp.Do(() => RingInspector.Inspect(_arguments.Name));
        }

        public string Progress => "";

        public JsonLine Report(JsonLine line)
        {
            Oieb oieb = _state.Oieb;
            return line
                .Add("segment_size", _state.SegmentSize)
                .Add("oieb_size", oieb.OiebSize)
                .Add("version", oieb.VersionMajor, oieb.VersionMinor, oieb.VersionPatch, oieb.VersionReserved)
                .Add("metadata_size", oieb.MetadataSize)
                .Add("metadata_free_bytes", oieb.MetadataFreeBytes)
                .Add("metadata_written_bytes", oieb.MetadataWrittenBytes)
                .Add("payload_size", oieb.PayloadSize)
                .Add("payload_free_bytes", oieb.PayloadFreeBytes)
                .Add("payload_write_pos", oieb.PayloadWritePos)
                .Add("payload_read_pos", oieb.PayloadReadPos)
                .Add("payload_written_count", oieb.PayloadWrittenCount)
                .Add("payload_read_count", oieb.PayloadReadCount)
                .Add("writer_pid", oieb.WriterPid)
                .Add("reader_pid", oieb.ReaderPid)
                .Add("sem_w", Semaphore(_state.Data))
                .Add("sem_r", Semaphore(_state.Space))
                .Add("lock", new JsonLine().Add("exists", _state.Lock.Exists).Add("held", _state.Lock.IsHeld));
        }

        private static JsonLine Semaphore(SemaphoreState? state)
        {
            SemaphoreState found = state.GetValueOrDefault();
            return new JsonLine()
                .Add("exists", state.HasValue)
                .Add("size", found.Size)
                .Add("value", found.Value)
                .Add("waiters", found.Waiters)
                .Add("private", found.Private);
        }
    }
}
