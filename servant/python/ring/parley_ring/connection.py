"""Joining a buffer as its writer (ring protocol, Creating, connecting, closing)."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import Final

from .counted import end_of_counted
from .errors import Corrupt, NoReader, NotFound, RingError, WriterExists
from .files import open_shared
from .names import objects
from .process import MAX_PID, ProcessWatch, process_dead
from .segment import (
    OIEB_SIZE,
    READ_COUNT,
    READ_POS,
    READER_PID,
    WRITE_POS,
    WRITER_PID,
    WRITTEN_COUNT,
    Segment,
)
from .semaphore import Semaphore

#: How often a reader that reads meanwhile makes the repair begin anew.
_ATTEMPTS: Final = 100


class Connection:
    """A buffer that this process has joined as its writer.

    Args:
        name: The buffer's name, checked.

    Raises:
        NotFound: There is no such buffer.
        NoReader: Its reader closed or died.
        WriterExists: Another writer is connected.
        VersionMismatch: The layout is another one.
        Corrupt: What has the name cannot be a buffer.
        System: A system call failed. A failure changes nothing in the buffer.
    """

    reader: ProcessWatch

    def __init__(self, name: str) -> None:
        self._name = name
        self._pid = os.getpid()
        with contextlib.ExitStack() as undo:
            self._join(undo)
            undo.pop_all()

    def _join(self, undo: contextlib.ExitStack) -> None:
        """Map everything, then claim the buffer."""
        paths = objects(self._name)
        self.segment = self._map(paths.segment)
        undo.callback(self.segment.unmap)
        self.reader = self._find_reader()
        undo.callback(self.reader.close)
        try:
            self.sem_w = Semaphore(self._name, "sem_w", paths.sem_w)
            undo.callback(self.sem_w.unmap)
            self.sem_r = Semaphore(self._name, "sem_r", paths.sem_r)
            undo.callback(self.sem_r.unmap)
        except NotFound:
            # A reader that is closing explains a missing semaphore better.
            self._check_reader()
            raise
        self._claim()
        # A reader that closed meanwhile may have taken its semaphores with it, and another may
        # have made others: these would not belong together.
        try:
            self._check_reader()
        except RingError:
            self.segment.words.exchange(WRITER_PID, self._pid, 0)
            raise

    def _map(self, path: str) -> Segment:
        fd, status = open_shared(self._name, path, os.O_RDWR)
        try:
            if status.st_size < OIEB_SIZE or not stat.S_ISREG(status.st_mode):
                raise Corrupt(self._name, "segment_size", status.st_size, OIEB_SIZE)
            return Segment(fd, self._name, path, status.st_size)
        finally:
            os.close(fd)

    def _find_reader(self) -> ProcessWatch:
        pid = self.segment.bounded(READER_PID, MAX_PID)
        if pid == 0:
            raise NoReader(self._name)
        try:
            return ProcessWatch(pid)
        except ProcessLookupError as error:
            raise NoReader(self._name, pid=pid) from error

    def _check_reader(self) -> None:
        pid = self.segment.bounded(READER_PID, MAX_PID)
        if pid != self.reader.pid:
            raise NoReader(self._name)
        if self.reader.dead():
            raise NoReader(self._name, pid=pid)

    def _claim(self) -> None:
        """Make this process the writer, if there is none or a dead one."""
        while True:
            pid = self.segment.bounded(WRITER_PID, MAX_PID)
            if pid and not process_dead(pid):
                raise WriterExists(self._name, pid)
            if self.segment.words.exchange(WRITER_PID, pid, self._pid):
                if pid:
                    resume(self.segment)
                return

    def unmap(self) -> None:
        """Let go of the memory."""
        for mapped in (self.segment, self.sem_w, self.sem_r):
            mapped.unmap()


def resume(segment: Segment) -> None:
    """Put write_pos back to the end of the counted frames, after a writer that died.

    What it did not count is undone (ring protocol, Writing a frame).
    """
    words = segment.words
    for _ in range(_ATTEMPTS):
        read = words.load(READ_COUNT)
        count = (words.load(WRITTEN_COUNT) - read) % (1 << 64)
        target = words.load(WRITE_POS)
        end = end_of_counted(segment, words.load(READ_POS), target, count)
        if words.load(READ_COUNT) != read:
            continue
        if end is not None and end % segment.payload != target % segment.payload:
            words.store(WRITE_POS, end)
        return
