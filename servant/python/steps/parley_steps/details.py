"""What the ring's errors carry, as features write it."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from parley_ring import ErrorKind

if TYPE_CHECKING:
    from parley_ring import RingError

# The details of each kind that has any, in the order in which they are written.
CARRIED = {
    ErrorKind.CORRUPT: ("field", "value", "limit"),
    ErrorKind.FRAME_TOO_LARGE: ("size", "largest"),
    ErrorKind.BUFFER_FULL: ("timeout",),
    ErrorKind.SEQUENCE_GAP: ("expected", "actual"),
    ErrorKind.SYSTEM: ("call", "errno"),
}

_ERRNO = "errno"


def details_of(error: RingError) -> dict[str, str]:
    """The details of an error as text: numbers in decimal, an errno by its symbol."""
    return {
        name: _symbol(error.details[name]) if name == _ERRNO else str(error.details[name])
        for name in CARRIED.get(error.kind, ())
    }


def _symbol(number: object) -> str:
    symbol = errno.errorcode.get(number) if isinstance(number, int) else None
    return symbol or str(number)
