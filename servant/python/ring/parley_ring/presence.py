"""Whether there is a writer (ring protocol, Death)."""

from __future__ import annotations

from .cursor import Cursor
from .errors import RingError, WriterDead, WriterGone
from .process import MAX_PID, ProcessWatch
from .segment import METADATA_WRITTEN, WRITER_PID, WRITTEN_COUNT, Segment


class WriterPresence:
    """The writer as the reader sees it.

    Attributes:
        joined: There has been a writer.
        unclaimed: A writer may have died with space that no frame takes.
    """

    def __init__(self, segment: Segment, cursor: Cursor) -> None:
        self._segment = segment
        self._cursor = cursor
        self._watch: ProcessWatch | None = None
        self.joined = False
        self.unclaimed = False

    def absence(self) -> RingError | None:
        """Give None while a frame may still come, otherwise why none will.

        It may come from a writer that lives, or as long as there never was one.

        Raises:
            Corrupt: writer_pid cannot be a pid.
        """
        segment = self._segment
        load = segment.words.load
        pid = segment.bounded(WRITER_PID, MAX_PID)
        if pid == 0:
            self._cursor.departed = True
            self.joined = self.joined or load(WRITTEN_COUNT) > 0 or load(METADATA_WRITTEN) > 0
            return WriterGone(segment.name) if self.joined else None
        self.joined = True
        if self._watch is None or self._watch.pid != pid:
            # Its place may be that of one who was killed.
            self.unclaimed = True
            self.close()
            try:
                self._watch = ProcessWatch(pid)
            except ProcessLookupError:
                return WriterDead(segment.name, pid)
        if self._watch.dead():
            self.unclaimed = True
            return WriterDead(segment.name, pid)
        return None

    def present(self) -> bool:
        """Say whether a live writer is connected."""
        return self.absence() is None and self._segment.words.load(WRITER_PID) != 0

    def close(self) -> None:
        """Let go of the writer's process."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None
