"""A buffer that this process created, and the frames of it that it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley import Mismatch
from parley_ring import Frame, RingReader, pattern

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable


class ReaderEnd:
    """The reader's end of a buffer, for steps.

    Attributes:
        reader: The reader.
        last: The sequence number of the frame that was read last; 0 before the first.
    """

    def __init__(self, reader: RingReader) -> None:
        """Takes a reader over."""
        self.reader = reader
        self.last = 0
        self._held: dict[int, Frame] = {}

    def read_any(self, cancelled: threading.Event, timeout: float | None = None) -> Frame:
        """Reads the next frame, whatever it is, and holds it.

        Args:
            cancelled: Ends the wait.
            timeout: How long to wait in seconds; the reader's own timeout by default.

        Raises:
            RingError: There is none.
        """
        frame = self.reader.read(timeout=timeout, cancel=cancelled)
        self._held[frame.sequence] = frame
        self.last = frame.sequence
        return frame

    def describe_last(self) -> str:
        """Names the frame that was read last, in words."""
        frame = list(self._held.values())[-1]
        return f"frame {frame.sequence} of {frame.size} bytes"

    def read(self, sequence: int, size: int, cancelled: threading.Event) -> None:
        """Reads the next frame, holds it, and checks its sequence number, size and every byte.

        Raises:
            RingError: There is none.
            Mismatch: It is another one.
        """
        self.expect(sequence, size, cancelled)
        self.check(sequence)

    def expect(self, sequence: int, size: int, cancelled: threading.Event) -> Frame:
        """Reads the next frame, holds it, and checks its sequence number and size.

        Raises:
            RingError: There is none.
            Mismatch: It is another one.
        """
        frame = self.read_any(cancelled)
        self.judge(frame, sequence, size)
        return frame

    @staticmethod
    def judge(frame: Frame, sequence: int, size: int) -> None:
        """Checks the sequence number and the size of a frame.

        Raises:
            Mismatch: It is another one.
        """
        if frame.sequence != sequence:
            raise Mismatch("sequence number of the frame", expected=sequence, actual=frame.sequence)
        if frame.size != size:
            raise Mismatch(f"bytes of frame {sequence}", expected=size, actual=frame.size)

    def check(self, sequence: int) -> None:
        """Checks every byte of a frame that is held.

        Raises:
            Mismatch: One is wrong.
        """
        frame = self._holding(sequence)
        compare(f"frame {sequence}", pattern.frame(frame.size, sequence), frame.data)

    def release(self, sequence: int) -> None:
        """Releases a frame that is held."""
        frame = self._holding(sequence)
        del self._held[sequence]
        frame.release()

    def release_unchanged(self, sequences: Iterable[int]) -> None:
        """Checks held frames once more and releases them, in this order.

        Raises:
            Mismatch: A byte of one has changed.
        """
        for sequence in sequences:
            self.check(sequence)
            self.release(sequence)

    def close(self) -> None:
        """Releases what is held and closes the reader."""
        for frame in self._held.values():
            frame.release()
        self._held.clear()
        self.reader.close()

    def _holding(self, sequence: int) -> Frame:
        if sequence not in self._held:
            raise AssertionError(
                f"this process does not hold frame {sequence}; a step that reads it must come first"
            )
        return self._held[sequence]


def compare(what: str, expected: bytes, actual: bytes | memoryview) -> None:
    """Compares content of the same length byte by byte.

    Raises:
        Mismatch: A byte differs.
    """
    if expected == actual:
        return
    at = next(i for i, byte in enumerate(expected) if byte != actual[i])
    raise Mismatch(
        f"byte {at} of {what}", expected=f"0x{expected[at]:02x}", actual=f"0x{actual[at]:02x}"
    )
