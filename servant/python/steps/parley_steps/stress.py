"""Steps of features/11-stress.feature."""

from __future__ import annotations

import itertools
import logging
import time
from typing import TYPE_CHECKING

from parley import Mismatch, Scenario, StepCancelledError, step, then
from parley_ring import RingError, pattern
from parley_steps.holds import Holds
from parley_steps.pieces import NUMBER, ROLE, TEXT
from parley_steps.ring_errors import ExpectedError, describe
from parley_steps.ring_process import RingProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

# Sizes of the buffers that come and go, in bytes.
PASSING_METADATA = 0
PASSING_PAYLOAD = 1024

# How long a process that keeps trying leaves the processor to others, in seconds.
BETWEEN_TRIES = 0.0001

SEEDED = f"frames of {NUMBER} to {NUMBER} bytes, seed {NUMBER}"


@step(f"{ROLE}creates and destroys buffer {TEXT} {NUMBER} times")
def create_and_destroy(scenario: Scenario, role: str, name: str, times: int) -> None:
    _create_and_destroy(scenario, name, times)


@step(
    f"{ROLE}creates and destroys buffer {TEXT} {NUMBER} times, keeping it for {NUMBER} milliseconds"
)
def create_keep_and_destroy(
    scenario: Scenario, role: str, name: str, times: int, milliseconds: int
) -> None:
    _create_and_destroy(scenario, name, times, milliseconds / 1000)


def _create_and_destroy(scenario: Scenario, name: str, times: int, seconds: float = 0) -> None:
    process = scenario.state(RingProcess)
    for _ in range(times):
        with process.passing(scenario, name, PASSING_METADATA, PASSING_PAYLOAD):
            scenario.sleep(seconds)


@step(
    f"{ROLE}connects to buffer {TEXT} and closes it {NUMBER} times, "
    f"told nothing but {TEXT} in between"
)
def connect_and_close_again(
    scenario: Scenario, role: str, name: str, times: int, told: str
) -> None:
    process = scenario.state(RingProcess)
    allowed = [ExpectedError(each.strip()) for each in told.split(",")]
    connected = 0
    while connected < times:
        try:
            process.try_connecting(scenario, name)
            connected += 1
        except RingError as error:
            if not any(each.is_met_by(error) for each in allowed):
                doing = f"connect to buffer '{name}', having done so {connected} of {times} times"
                raise Mismatch(f"{doing}: error", expected=told, actual=describe(error)) from error
        try:
            scenario.sleep(BETWEEN_TRIES)
        except StepCancelledError as error:
            raise StepCancelledError(
                f"buffer '{name}' was connected to {connected} of {times} times"
            ) from error


@then(f"{ROLE}has nothing open")
def has_nothing_open(scenario: Scenario, role: str) -> None:
    still_open = scenario.state(RingProcess).describe_open()
    if still_open:
        raise Mismatch("open in this process", expected="nothing", actual=", ".join(still_open))


@step(f"{ROLE}writes {NUMBER} {SEEDED}")
def write_seeded(
    scenario: Scenario, role: str, count: int, least: int, most: int, seed: int
) -> None:
    writer = scenario.state(RingProcess).writer
    for size in itertools.islice(_sizes(seed, least, most), count):
        writer.write(size, scenario.cancelled)


@step(
    f"{ROLE}reads {NUMBER} {SEEDED}, holding up to {NUMBER} and pausing up to {NUMBER} microseconds"
)
def read_seeded(
    scenario: Scenario,
    role: str,
    count: int,
    least: int,
    most: int,
    seed: int,
    held: int,
    microseconds: int,
) -> None:
    reader = scenario.state(RingProcess).reader
    holds = Holds(seed + 1, held, microseconds)
    for size in itertools.islice(_sizes(seed, least, most), count):
        reader.read(reader.last + 1, size, scenario.cancelled)
        release, pause = holds.next(reader.last)
        reader.release_unchanged(release)
        if pause:
            scenario.sleep(pause / 1e6)
    reader.release_unchanged(holds.rest())


@step(f"{ROLE}reads and releases the next frame of {NUMBER} bytes")
def read_next_frame(scenario: Scenario, role: str, size: int) -> None:
    reader = scenario.state(RingProcess).reader
    reader.read(reader.last + 1, size, scenario.cancelled)
    reader.release(reader.last)


@step(f"{ROLE}writes {SEEDED}, for {NUMBER} seconds")
def write_seeded_for(
    scenario: Scenario, role: str, least: int, most: int, seed: int, seconds: int
) -> None:
    writer = scenario.state(RingProcess).writer
    before = writer.written
    sizes = _sizes(seed, least, most)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        writer.write(next(sizes), scenario.cancelled)
    count = writer.written - before
    logger.info("%d frames written in %d seconds, and the closing one", count, seconds)
    # One byte larger than any other: by it the reader knows the end.
    writer.write(most + 1, scenario.cancelled)


@step(f"{ROLE}reads {SEEDED}, until the writer rests")
def read_seeded_until_rest(scenario: Scenario, role: str, least: int, most: int, seed: int) -> None:
    reader = scenario.state(RingProcess).reader
    count = 0
    for size in _sizes(seed, least, most):
        sequence = reader.last + 1
        frame = reader.read_any(scenario.cancelled)
        closing = frame.size == most + 1
        reader.judge(frame, sequence, most + 1 if closing else size)
        reader.release_unchanged([sequence])
        if closing:
            break
        count += 1
    if not count:
        raise Mismatch("frames before the closing one", expected="at least 1", actual=0)
    logger.info("%d frames read, and the closing one", count)


def _sizes(seed: int, least: int, most: int) -> Iterator[int]:
    if not 1 <= least <= most:
        raise ValueError(
            f"frames of {least} to {most} bytes cannot be drawn; the first size must be at least 1 "
            "and not above the second"
        )
    return pattern.frame_sizes(seed, least, most)
