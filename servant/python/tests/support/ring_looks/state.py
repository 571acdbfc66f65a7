"""The state of a buffer: counters, positions, who waits, and what was noted."""

from __future__ import annotations

from typing import NamedTuple

from parley import Mismatch, Scenario, step
from parley_ring import SemaphoreState, State
from ring_looks.views import BUFFER, expect, look, segment


class Noted(NamedTuple):
    """A buffer at one moment, without what changes although nothing has happened."""

    state: State
    segment: bytes


def take(scenario: Scenario, name: str) -> Noted:
    state = look(scenario, name)
    still = state._replace(sem_r=SemaphoreState(), sem_w=state.sem_w._replace(waiters=0))
    return Noted(still, segment(scenario, name))


@step(rf"{BUFFER} has '(\d+)' bytes free")
def bytes_free(scenario: Scenario, name: str, free: int) -> None:
    expect("bytes free", free, look(scenario, name).payload_free_bytes)


@step(rf"{BUFFER} has '(\d+)' frames waiting")
def frames_waiting(scenario: Scenario, name: str, frames: int) -> None:
    expect("frames waiting", frames, look(scenario, name).sem_w.value)


@step(rf"{BUFFER} has write position '(\d+)'")
def write_position(scenario: Scenario, name: str, position: int) -> None:
    expect("write position", position, look(scenario, name).payload_write_pos)


@step(rf"{BUFFER} has read position '(\d+)' and write position '(\d+)'")
def positions(scenario: Scenario, name: str, read: int, write: int) -> None:
    state = look(scenario, name)
    expect("positions", (read, write), (state.payload_read_pos, state.payload_write_pos))


@step(rf"{BUFFER} is empty")
def is_empty(scenario: Scenario, name: str) -> None:
    state = look(scenario, name)
    expect("bytes free", state.payload_size, state.payload_free_bytes)
    expect("frames waiting", 0, state.sem_w.value)


@step(rf"a reader is waiting on {BUFFER}")
def reader_is_waiting(scenario: Scenario, name: str) -> None:
    expect_sleepers("readers that sleep on the data semaphore", look(scenario, name).sem_w)


@step(rf"a writer is blocked on {BUFFER}")
def writer_is_blocked(scenario: Scenario, name: str) -> None:
    expect_sleepers("writers that sleep on the space semaphore", look(scenario, name).sem_r)


def expect_sleepers(who: str, semaphore: SemaphoreState) -> None:
    if not semaphore.waiters:
        raise Mismatch(who, expected="at least 1", actual=0)


@step(rf"the time until {BUFFER} is '(\d+)' percent full is reported")
def wait_until_full(scenario: Scenario, name: str, percent: int) -> None:
    """Waits; only the coordinator reports."""
    while True:
        state = look(scenario, name)
        used = state.payload_size - state.payload_free_bytes
        if used == 0 if percent == 0 else 100 * used >= percent * state.payload_size:
            return
        scenario.sleep(0.001)


@step(rf"the state of {BUFFER} is noted")
def note(scenario: Scenario, name: str) -> None:
    scenario.state(dict[str, Noted])[name] = take(scenario, name)


@step(rf"{BUFFER} is as noted")
def is_as_noted(scenario: Scenario, name: str) -> None:
    before, now = scenario.state(dict[str, Noted])[name], take(scenario, name)
    expect(f"state of buffer '{name}'", before.state, now.state)
    assert before.segment == now.segment, f"the segment of buffer '{name}' has changed"
