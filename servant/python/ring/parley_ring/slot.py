"""Space in the ring for one frame, filled in place (ring protocol, P3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .placement import Placement
    from .writer import RingWriter


class Slot:
    """Space for one frame; a context manager that abandons it unless it was committed.

    Attributes:
        data: The frame's content in shared memory, to be filled; undefined at first, valid until
            the slot is committed or abandoned.
        place: Where it is.
    """

    __slots__ = ("_writer", "data", "place")

    def __init__(self, writer: RingWriter, place: Placement, data: memoryview) -> None:
        self._writer = writer
        self.place = place
        self.data = data

    def commit(self) -> None:
        """Make the frame visible; only here it takes its sequence number and its wrap.

        After a failure the slot is gone and the ring as it was, but for BufferError.

        Raises:
            NoReader: The reader closed.
            ReaderDead: The reader's process ended.
            Corrupt: Shared memory holds what cannot be true.
            Closed: The writer is closed.
            System: EINVAL for a slot that was committed or abandoned.
            BufferError: Something, such as an array, still uses `data`.
        """
        self._writer.commit(self)

    def abandon(self) -> None:
        """Give the space up, which changes nothing; after `commit` it does nothing.

        Raises:
            BufferError: Something, such as an array, still uses `data`.
        """
        self._writer.abandon(self)

    def __enter__(self) -> Slot:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.abandon(self)
