"""Where a frame will be (ring protocol, Writing a frame, P1 and P2)."""

from __future__ import annotations

from typing import NamedTuple

from .segment import HEADER_SIZE


class Placement(NamedTuple):
    """The place of a frame of `size` bytes, all in bytes from the payload's start."""

    start: int
    size: int
    #: the write position before
    origin: int
    #: the tail from there to the end that is skipped, and marked
    wasted: int
    #: the free space before
    free: int
    #: both positions go to 0 first
    rewind: bool


def place_frame(
    payload: int, position: int, free: int, size: int, *, eager: bool
) -> Placement | None:
    """Place a frame in a ring, None while there is no place.

    Args:
        payload: The size of the ring in bytes.
        position: The write position, 0 to `payload`.
        free: The free space in bytes, 0 to `payload`.
        size: The size of the frame in bytes, 1 to `payload` - 16.
        eager: Rewind an empty ring without need.
    """
    length = HEADER_SIZE + size
    tail = payload - position
    empty = free == payload
    start, wasted, rewind = position, 0, False
    if tail == 0:
        start = 0
    elif tail < HEADER_SIZE:
        # No marker fits here (P2).
        rewind = True
    elif tail < length or (position != 0 and length < tail < length + HEADER_SIZE):
        start, wasted = 0, tail
        rewind = tail + length > payload
    elif position != 0 and empty and eager:
        rewind = True
    if rewind:
        return Placement(0, size, position, 0, free, True) if empty else None
    if free < wasted + length:
        return None
    return Placement(start, size, position, wasted, free, False)


class Batch:
    """Frames that are written and not published.

    Attributes:
        frames: How many they are.
        counts: How many counts they take, wrap markers included.
        bytes: How many bytes they take, wraps included.
        position: The write position afterwards.
        free: The free space afterwards, in bytes.
        rewind: Both positions go to 0 first.
    """

    __slots__ = ("bytes", "counts", "frames", "free", "position", "rewind")

    def __init__(self) -> None:
        self.frames = 0
        self.counts = 0
        self.bytes = 0
        self.position = 0
        self.free = 0
        self.rewind = False

    def add(self, place: Placement) -> None:
        """Add a frame, with its marker if it wraps."""
        start, size, _, wasted, free, rewind = place
        length = HEADER_SIZE + size
        self.frames += 1
        self.counts += 2 if wasted else 1
        self.bytes += wasted + length
        self.position = start + length
        self.free = free - wasted - length
        self.rewind = self.rewind or rewind
