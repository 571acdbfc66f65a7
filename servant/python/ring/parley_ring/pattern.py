"""The test pattern that every language fills frames with (ring protocol, Test pattern)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_PERIOD: Final = 256
#: 0, 1, … 255 twice, so that any byte begins a whole period.
_RAMP: Final = bytes(range(_PERIOD)) * 2
_METADATA: Final = bytes((7 * i + 3) % 256 for i in range(_PERIOD))
_MASK: Final = (1 << 64) - 1


def frame(size: int, sequence: int) -> bytes:
    """Give the content of a frame of `size` bytes: byte i is (i + sequence) mod 256."""
    first = sequence % _PERIOD
    return _repeated(_RAMP[first : first + _PERIOD], size)


def fill_frame(data: memoryview, sequence: int) -> None:
    """Fill `data` with the content of the frame with that sequence number."""
    data[:] = frame(len(data), sequence)


def wrong_byte_of_frame(data: ReadableBuffer, sequence: int) -> str | None:
    """Say which byte of a frame is the first wrong one, None if all are right."""
    view = memoryview(data)
    found = _first_difference(view, frame(len(view), sequence))
    return found and f"frame {sequence} of {len(view)} bytes: {found}"


def metadata(size: int) -> bytes:
    """Give the content of metadata of `size` bytes: byte i is (7·i + 3) mod 256."""
    return _repeated(_METADATA, size)


def wrong_byte_of_metadata(data: ReadableBuffer) -> str | None:
    """Say which byte of metadata is the first wrong one, None if all are right."""
    view = memoryview(data)
    found = _first_difference(view, metadata(len(view)))
    return found and f"metadata of {len(view)} bytes: {found}"


def splitmix64(seed: int) -> Iterator[int]:
    """Give the endless outputs of splitmix64 started at `seed`, each 0 to 2**64 - 1."""
    state = seed & _MASK
    while True:
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        yield z ^ (z >> 31)


def frame_sizes(seed: int, least: int, most: int) -> Iterator[int]:
    """Give the endless sizes of seeded frames in bytes, each `least` to `most`."""
    span = most - least + 1
    for x in splitmix64(seed):
        yield least + x % span


def _repeated(period: bytes, size: int) -> bytes:
    return (period * (size // _PERIOD + 1))[:size]


def _first_difference(data: memoryview, expected: bytes) -> str | None:
    if data == expected:
        return None
    for i, (found, wanted) in enumerate(zip(data, expected, strict=True)):
        if found != wanted:
            return f"byte {i} is 0x{found:02x}, expected 0x{wanted:02x}"
    return None
