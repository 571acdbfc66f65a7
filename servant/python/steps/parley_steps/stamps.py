"""Time stamps: frames that say when they were written."""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

from parley import Mismatch

if TYPE_CHECKING:
    from parley import Scenario
    from parley_steps.reader_end import ReaderEnd
    from parley_steps.writer_end import WriterEnd

# When it was written, in nanoseconds of CLOCK_MONOTONIC, and its number from 1.
_STAMP = struct.Struct("<QQ")

# How much later than asked a sleeping thread may wake, in nanoseconds.
_SLACK = 200_000


def write(scenario: Scenario, writer: WriterEnd, count: int, rate: int) -> None:
    """Writes the first stamp at once, the others when the rate says; late ones delay no other."""
    if not rate:
        raise ValueError("0 time stamps a second are none; the rate must be at least 1")
    start = time.monotonic_ns()
    for number in range(count):
        at = _wait_until(scenario, start + number * 1_000_000_000 // rate)
        writer.write_content(_STAMP.pack(at, number + 1), scenario.cancelled)


def _wait_until(scenario: Scenario, due: int) -> int:
    """Waits for a time, the last part without sleeping, and gives the time then."""
    while (now := time.monotonic_ns()) < due:
        if due - now > _SLACK:
            scenario.sleep((due - now - _SLACK) / 1e9)
        else:
            time.sleep(0)
    return now


def read(scenario: Scenario, reader: ReaderEnd, count: int) -> list[int]:
    """Reads stamps and checks their numbers.

    Returns:
        How long each was on its way, in nanoseconds.

    Raises:
        Mismatch: One is no stamp, not the next one, or from the future.
    """
    if not count:
        raise ValueError("0 time stamps are none; read at least 1")
    delays = []
    for number in range(1, count + 1):
        frame = reader.read_any(scenario.cancelled)
        now = time.monotonic_ns()
        if frame.size != _STAMP.size:
            raise Mismatch(f"bytes of time stamp {number}", expected=_STAMP.size, actual=frame.size)
        written, actual = _STAMP.unpack(frame.data)
        if actual != number:
            raise Mismatch("number of the time stamp", expected=number, actual=actual)
        if written > now:
            raise Mismatch(
                f"time stamp {number} was written",
                expected="before it was read",
                actual=f"{written - now} ns after",
            )
        delays.append(now - written)
        reader.release(frame.sequence)
    return delays
