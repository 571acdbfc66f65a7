"""Names and sizes of a buffer (ring protocol, Objects of a buffer)."""

from __future__ import annotations

import errno
import re
import sys
from typing import Final, NamedTuple

from .errors import InvalidName, System

MAX_NAME: Final = 245
SHM_DIR: Final = "/dev/shm"
LOCK_DIR: Final = "/tmp/zerobuffer"

_REFUSED: Final = re.compile(r"[^A-Za-z0-9._-]")
_ALIGN: Final = 64
#: The greatest sum of both blocks and the OIEB that an address can reach.
_MOST: Final = sys.maxsize - 128 - 2 * _ALIGN


def check_name(name: str) -> None:
    """Check that a buffer may have this name: 1 to 245 bytes of A-Z a-z 0-9 . _ -, no dot first.

    Raises:
        InvalidName: It may not.
    """
    if not name:
        raise InvalidName(name, "it is empty")
    refused = _REFUSED.search(name)
    if refused:
        raise InvalidName(name, f"character {refused.start()} is {refused.group()!r}")
    if len(name) > MAX_NAME:
        raise InvalidName(name, f"it has {len(name)} bytes")
    if name[0] == ".":
        raise InvalidName(name, "it starts with a dot")


class Objects(NamedTuple):
    """The paths of the four objects of a buffer."""

    segment: str
    sem_w: str
    sem_r: str
    lock: str


def objects(name: str) -> Objects:
    """Give the paths of the objects of the buffer `name`, which is not checked."""
    return Objects(
        f"{SHM_DIR}/{name}",
        f"{SHM_DIR}/sem.sem-w-{name}",
        f"{SHM_DIR}/sem.sem-r-{name}",
        f"{LOCK_DIR}/{name}.lock",
    )


class Sizes(NamedTuple):
    """The sizes of a buffer's blocks in bytes, multiples of 64."""

    metadata: int
    payload: int


def rounded(name: str, metadata: int, payload: int) -> Sizes:
    """Round the sizes asked for, in bytes, up to multiples of 64 (ring protocol, Segment).

    Raises:
        System: EINVAL for a negative metadata size or a payload size below 1, EFBIG for sizes
            that exceed the address space.
    """
    if metadata < 0:
        raise System(name, "create", errno.EINVAL, f"metadata size {metadata} is negative")
    if payload < 1:
        raise System(name, "create", errno.EINVAL, f"payload size {payload} is below 1")
    if metadata + payload > _MOST:
        sizes = f"metadata size {metadata} and payload size {payload} exceed the address space"
        raise System(name, "create", errno.EFBIG, sizes)
    return Sizes(_round_up(metadata), _round_up(payload))


def largest_frame(payload: int) -> int:
    """Give the size in bytes of the largest frame of a ring whose payload size was asked so."""
    return _round_up(payload) - 16


def _round_up(size: int) -> int:
    return (size + _ALIGN - 1) & -_ALIGN
