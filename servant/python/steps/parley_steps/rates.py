"""How fast frames are read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from parley_steps.figures import Figure
from parley_steps.ring_process import RingProcess

if TYPE_CHECKING:
    from parley import Scenario

# Bounds of what is copied to measure memcpy, in bytes.
_LEAST_COPIED = 1 << 20
_MOST_COPIED = 1 << 30


class Rate(NamedTuple):
    """How fast frames were read.

    Attributes:
        frames: Frames a second.
        megabytes: Megabytes a second, of 10^6 bytes.
        processor: What this process used of a processor, in percent of one.
    """

    frames: float
    megabytes: float
    processor: float

    def figures(self) -> list[Figure]:
        """The rate as figures."""
        return [
            Figure("rate", self.frames, "frames/s"),
            Figure("throughput", self.megabytes, "MB/s"),
            Figure("processor", self.processor, "%"),
        ]


def title(size: int) -> str:
    """What the figures of frames of size bytes are called."""
    return f"transfer of {size} bytes a frame"


def measure(scenario: Scenario, first: int, last: int, size: int) -> Rate:
    """Reads, checks and releases frames, and measures how fast.

    The clock starts when the first of several frames is read, which does not count then: when the
    writer began is not the reader's matter.
    """
    if first > last:
        raise ValueError(
            f"frames {first} to {last} are none; the first number must not be above the second"
        )
    process = scenario.state(RingProcess)
    reader = process.reader
    start = _clocks()
    for sequence in range(first, last + 1):
        reader.read(sequence, size, scenario.cancelled)
        reader.release(sequence)
        if sequence == first < last:
            start = _clocks()
    end = _clocks()
    seconds = max(end[0] - start[0], 1) / 1e9
    rate = max(last - first, 1) / seconds
    process.rates.append(rate)
    return Rate(rate, rate * size / 1e6, 100 * (end[1] - start[1]) / 1e9 / seconds)


def memcpy(size: int, volume: int) -> float:
    """Copies size bytes, at least 1, again and again until volume bytes are copied, within bounds.

    Returns:
        Megabytes a second, of 10^6 bytes.
    """
    # Pages come into being when they are written.
    source, target = memoryview(b"\x01" * size), memoryview(bytearray(size))
    target[:] = source
    times = max(1, min(max(volume, _LEAST_COPIED), _MOST_COPIED) // size)
    start = time.monotonic_ns()
    for _ in range(times):
        target[:] = source
    return times * size / (max(time.monotonic_ns() - start, 1) / 1e9) / 1e6


def _clocks() -> tuple[int, int]:
    """The time, and what this process has used of the processors, both in nanoseconds."""
    return time.monotonic_ns(), time.process_time_ns()
