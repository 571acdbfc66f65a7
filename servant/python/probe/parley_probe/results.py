"""The line of JSON with which every command ends, and its exit status."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

from parley_ring import Cancelled, RingError

OK: Final = 0
FAILED: Final = 1
WRONG_WORDS: Final = 2
NOT_SET_UP: Final = 3
INTERRUPTED: Final = 130

Result: TypeAlias = dict[str, object]


class CheckFailed(Exception):
    """What the other side sent is not what it must be.

    Attributes:
        check: The name of the check, for instance SizeMismatch.
    """

    def __init__(self, check: str, message: str) -> None:
        super().__init__(message)
        self.check = check


class Failure(Exception):
    """A command failed.

    Attributes:
        error: The name that all languages share.
        status: The exit status.
    """

    def __init__(self, error: str, message: str, status: int) -> None:
        super().__init__(message)
        self.error = error
        self.status = status

    def result(self) -> Result:
        """Give the command's result."""
        return {"ok": False, "error": self.error, "message": str(self)}


@contextmanager
def told(how_far: Callable[[], str] = str, status: int = FAILED) -> Iterator[None]:
    """Turn what goes wrong into a Failure whose message begins with how far the command came."""
    try:
        yield
    except (RingError, Cancelled, CheckFailed) as error:
        raise Failure(_name(error), how_far() + str(error), status) from error


def _name(error: RingError | Cancelled | CheckFailed) -> str:
    if isinstance(error, RingError):
        return str(error.kind)
    return error.check if isinstance(error, CheckFailed) else "Interrupted"


def transfer(frames: int, size: int, seconds: float, metadata_length: int = 0) -> Result:
    """Give the result of read, write and pong: `size` is in bytes, all frames together."""
    return {
        "ok": True,
        "frames": frames,
        "bytes": size,
        "seconds": seconds,
        "metadataLength": metadata_length,
        "framesPerSecond": frames / seconds if seconds else 0.0,
        "megabytesPerSecond": size / seconds / 1e6 if seconds else 0.0,
    }


def latency(size: int, nanoseconds: list[int]) -> Result:
    """Give the result of ping from its round trips, of which there is at least one."""
    samples = sorted(nanoseconds)

    def at(share: float) -> float:
        """Give the nearest rank: the least sample that the share does not exceed."""
        return samples[max(math.ceil(len(samples) * share), 1) - 1] / 1e3

    return {
        "ok": True,
        "size": size,
        "count": len(samples),
        "microseconds": {
            "min": samples[0] / 1e3,
            "p50": at(0.5),
            "p90": at(0.9),
            "p99": at(0.99),
            "p999": at(0.999),
            "max": samples[-1] / 1e3,
            "mean": sum(samples) / len(samples) / 1e3,
        },
    }
