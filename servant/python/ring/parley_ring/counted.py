"""The frames that are counted and not read (ring protocol, Writing a frame)."""

from __future__ import annotations

from .segment import HEADER_SIZE, Segment


def most_pending(payload: int) -> int:
    """Give how far written_count can be ahead: the smallest frames, each with a marker before."""
    return 2 * (payload // (HEADER_SIZE + 1))


def end_of_counted(segment: Segment, position: int, target: int, count: int) -> int | None:
    """Walk over `count` frames and markers, but not past `target`, and give where they end.

    None says that they do not end by then, or that something does not look like a frame.
    """
    payload = segment.payload
    if position > payload or target > payload or count > most_pending(payload):
        return None
    while count and position % payload != target % payload:
        position %= payload
        if payload - position < HEADER_SIZE:
            position = 0
            continue
        size, sequence = segment.header(position)
        if size == 0 and sequence == 0 and position > 0:
            position = 0
        elif not 0 < size <= payload - HEADER_SIZE - position:
            return None
        else:
            position += HEADER_SIZE + size
        count -= 1
    return position if count == 0 else None
