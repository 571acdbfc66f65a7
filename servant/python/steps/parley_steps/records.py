"""Records: frames of many fields, each stored and loaded on its own, in place.

A field is a u64, little endian; field k (from 0) of record s (from 1) is
s·2^32 + k·2654435761 mod 2^64.
"""

from __future__ import annotations

from parley import Mismatch

#: The size of a field in bytes.
FIELD_SIZE = 8

_FACTOR = 2654435761
_MASK = (1 << 64) - 1


def field(record: int, number: int) -> int:
    """The value of one field of a record."""
    return ((record << 32) + number * _FACTOR) & _MASK


def fill(data: memoryview, record: int) -> None:
    """Stores each field of a record in place."""
    with data.cast("Q") as fields:
        base = record << 32
        for number in range(len(fields)):
            fields[number] = (base + number * _FACTOR) & _MASK


def check(data: memoryview, record: int) -> None:
    """Loads each field of a record in place.

    Raises:
        Mismatch: One is wrong.
    """
    base = record << 32
    with data.cast("Q") as fields:
        for number, value in enumerate(fields):
            expected = (base + number * _FACTOR) & _MASK
            if value != expected:
                raise Mismatch(
                    f"field {number} of record {record}",
                    expected=f"0x{expected:016x}",
                    actual=f"0x{value:016x}",
                )
