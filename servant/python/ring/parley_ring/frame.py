"""Frames that were read, and the space they hold (ring protocol, Reading a frame, P4)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .reader import RingReader


class Span:
    """Bytes of the ring that are read and not yet returned to the writer."""

    __slots__ = ("held", "length")

    def __init__(self, length: int, *, held: bool) -> None:
        self.length = length
        self.held = held


class Frame(Span):
    """A frame that was read, in place; a context manager that releases it.

    Attributes:
        sequence: The frame's number, from 1 on for each writer.
        size: The number of bytes of the content.
        data: The content in shared memory, read-only, valid until the release.
    """

    __slots__ = ("_reader", "data", "sequence", "size")

    def __init__(self, reader: RingReader, sequence: int, data: memoryview, length: int) -> None:
        self.length = length
        self.held = True
        self._reader = reader
        self.sequence = sequence
        self.size = len(data)
        self.data = data

    def release(self) -> None:
        """Give the frame's space back.

        Frames may be released in any order; space returns to the writer once every earlier frame
        is released too (P4). A second release does nothing.

        Raises:
            Corrupt: More space would be free than there is.
            BufferError: Something, such as an array, still uses `data`: the frame stays held.
        """
        self._reader.release(self)

    def __enter__(self) -> Frame:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.release(self)


class HeldSpans:
    """The spans that are not returned, in the order in which they were read.

    Attributes:
        frames: How many frames are held.
        bytes: How many bytes are not returned.
    """

    __slots__ = ("_spans", "bytes", "frames")

    def __init__(self) -> None:
        self._spans: deque[Span] = deque()
        self.bytes = 0
        self.frames = 0

    def add(self, span: Span) -> None:
        """Append a span."""
        self._spans.append(span)
        self.bytes += span.length
        if span.held:
            self.frames += 1

    def let_go(self, frame: Frame) -> bool:
        """Mark a frame as released, and say whether it was held until now."""
        if not frame.held:
            return False
        frame.data.release()
        frame.held = False
        self.frames -= 1
        return True

    def undo(self) -> None:
        """Remove the span that was added last, a released one."""
        self.bytes -= self._spans.pop().length

    def settled(self) -> int:
        """Give the bytes of the released spans before the first held one."""
        length = 0
        for span in self._spans:
            if span.held:
                break
            length += span.length
        return length

    def drop(self) -> None:
        """Remove the released spans before the first held one."""
        spans = self._spans
        while spans and not spans[0].held:
            self.bytes -= spans.popleft().length
