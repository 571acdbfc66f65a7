"""The command `read`: creates the buffer, reads and checks frames."""

from __future__ import annotations

import threading
import time
from typing import TextIO

from parley_ring import Frame, RingReader, pattern

from .results import NOT_SET_UP, CheckFailed, Result, told, transfer
from .words import Command


def read(command: Command, cancel: threading.Event, stdout: TextIO) -> Result:
    """Create the buffer, print `ready`, and read.

    Raises:
        Failure: It cannot be created, or what comes is not right.
    """
    with told(status=NOT_SET_UP):
        reader = RingReader.create(
            command.name,
            metadata_size=command.metadata,
            payload_size=command.payload,
            timeout=command.timeout,
        )
    with reader:
        stdout.write("ready\n")
        stdout.flush()
        reading = _Reading(command, reader, cancel)
        with told(lambda: f"after {reading.frames} frames: "):
            seconds = reading.run()
            length = reading.metadata_length()
        return transfer(reading.frames, reading.bytes, seconds, length)


class _Reading:
    """A read in progress."""

    def __init__(self, command: Command, reader: RingReader, cancel: threading.Event) -> None:
        self._command = command
        self._reader = reader
        self._cancel = cancel
        self._held: list[Frame] = []
        self._sizes = None
        if command.seed is not None:
            self._sizes = pattern.frame_sizes(command.seed, command.min, command.max)
        self.frames = 0
        self.bytes = 0

    def run(self) -> float:
        """Read and check all frames, and give the seconds from the first to the last."""
        wanted = self._command.frames
        batch = max(self._command.batch, 1)
        start = 0.0
        while self.frames < wanted:
            frames = self._reader.read_batch(min(batch, wanted - self.frames), cancel=self._cancel)
            start = start or time.perf_counter()
            for frame in frames:
                self._check(frame)
            self._release(frames)
        self._release_held()
        return time.perf_counter() - start if start else 0.0

    def _check(self, frame: Frame) -> None:
        number = self.frames + 1
        if frame.sequence != number:
            message = f"frame {number} has sequence {frame.sequence}"
            raise CheckFailed("SequenceGap", message)
        if self._sizes is not None:
            size = next(self._sizes)
            if frame.size != size:
                message = f"frame {number} has {frame.size} bytes, expected {size}"
                raise CheckFailed("SizeMismatch", message)
        data = bytes(frame.data) if self._command.copy else frame.data
        wrong = pattern.wrong_byte_of_frame(data, number)
        if wrong is not None:
            raise CheckFailed("DataMismatch", wrong)
        self.frames += 1
        self.bytes += frame.size
        if self._command.delay:
            time.sleep(self._command.delay)

    def _release(self, frames: list[Frame]) -> None:
        """Release what was read, or keep it until there is enough for the reverse order."""
        if not self._command.hold:
            self._reader.release_batch(frames)
            return
        self._held += frames
        if len(self._held) >= self._command.hold:
            self._release_held()

    def _release_held(self) -> None:
        while self._held:
            self._held.pop().release()

    def metadata_length(self) -> int:
        """Give the metadata's length, checked if it is to be checked."""
        expected = self._command.metadata_length
        if self._command.metadata == 0 and expected is None:
            return 0
        metadata = self._reader.metadata()
        # Without a frame to wait for, the metadata may still be on its way.
        start = time.monotonic()
        while metadata is None and expected and not self.frames and not self._cancel.is_set():
            if time.monotonic() - start >= self._command.timeout:
                break
            time.sleep(0.001)
            metadata = self._reader.metadata()
        length = 0 if metadata is None else len(metadata)
        if expected is None:
            return length
        if length != expected:
            message = f"metadata has {length} bytes, expected {expected}"
            raise CheckFailed("MetadataMismatch", message)
        wrong = pattern.wrong_byte_of_metadata(metadata or b"")
        if wrong is not None:
            raise CheckFailed("MetadataMismatch", wrong)
        return length
