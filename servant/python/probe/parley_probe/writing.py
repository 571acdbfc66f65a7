"""The command `write`: connects and writes frames of seeded sizes with the test pattern."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time

from parley_ring import RingWriter, pattern

from .results import NOT_SET_UP, Result, told, transfer
from .words import Command


def write(command: Command, cancel: threading.Event) -> Result:
    """Connect, waiting for the buffer, and write.

    Raises:
        Failure: There is no buffer, or the reader closed, died or made no room.
    """
    with told(status=NOT_SET_UP):
        writer = RingWriter.connect_wait(
            command.name, wait=command.connect_timeout, timeout=command.timeout, cancel=cancel
        )
    with writer:
        length = command.metadata_length
        if length is not None:
            with told():
                writer.write_metadata(pattern.metadata(length))
        writing = _Writing(command, writer, cancel)
        start = time.perf_counter()
        with told(lambda: f"after {writing.frames} frames: "):
            writing.run()
        return transfer(writing.frames, writing.bytes, time.perf_counter() - start, length or 0)


class _Writing:
    """A write in progress."""

    def __init__(self, command: Command, writer: RingWriter, cancel: threading.Event) -> None:
        self._command = command
        self._writer = writer
        self._cancel = cancel
        self._sizes = pattern.frame_sizes(command.seed or 0, command.min, command.max)
        self.frames = 0
        self.bytes = 0

    def run(self) -> None:
        """Write all frames."""
        command = self._command
        while self.frames < command.frames:
            count = min(max(command.batch, 1), command.frames - self.frames)
            if command.die_after > self.frames:
                count = min(count, command.die_after - self.frames)
            sizes = list(itertools.islice(self._sizes, count))
            if command.zero_copy:
                self._fill(sizes[0])
            else:
                first = self.frames + 1
                batch = [pattern.frame(size, first + i) for i, size in enumerate(sizes)]
                self._writer.write_batch(batch, cancel=self._cancel)
            self.frames += count
            self.bytes += sum(sizes)
            if self.frames == command.die_after:
                _die()

    def _fill(self, size: int) -> None:
        """Write a frame in place."""
        with self._writer.acquire(size, cancel=self._cancel) as slot:
            pattern.fill_frame(slot.data, self.frames + 1)
            slot.commit()


def _die() -> None:
    """End this process as a crash would, without any clean-up."""
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()
