"""What the coordinator's ring pack looks at, for features that are performed in process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from parley import Mismatch, Scenario, step
from parley_ring import SemaphoreState, State, inspect, objects

BUFFER = "buffer '([^']+)'"


class Noted(NamedTuple):
    """A buffer at one moment, without what changes although nothing has happened."""

    state: State
    segment: bytes


def look(scenario: Scenario, name: str) -> State:
    return inspect(scenario.resource(name))


def paths(scenario: Scenario, name: str) -> list[Path]:
    return [Path(path) for path in objects(scenario.resource(name))]


def take(scenario: Scenario, name: str) -> Noted:
    state = look(scenario, name)
    still = replace(state, sem_r=SemaphoreState(), sem_w=replace(state.sem_w, waiters=0))
    return Noted(still, paths(scenario, name)[0].read_bytes())


def expect(what: str, expected: object, actual: object) -> None:
    if expected != actual:
        raise Mismatch(what, expected=expected, actual=actual)


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


@step(rf"{BUFFER} is gone")
def is_gone(scenario: Scenario, name: str) -> None:
    expect("files", [], [path for path in paths(scenario, name) if path.exists()])


@step(rf"{BUFFER} still exists")
def still_exists(scenario: Scenario, name: str) -> None:
    segment, *semaphores = paths(scenario, name)[:3]
    expect("missing files", [], [path for path in (segment, *semaphores) if not path.exists()])


@step(rf"a writer is blocked on {BUFFER}")
def writer_is_blocked(scenario: Scenario, name: str) -> None:
    if not look(scenario, name).sem_r.waiters:
        raise Mismatch("writers that sleep on the space semaphore", expected="one", actual=0)


@step(rf"the state of {BUFFER} is noted")
def note(scenario: Scenario, name: str) -> None:
    scenario.state(dict[str, Noted])[name] = take(scenario, name)


@step(rf"{BUFFER} is as noted")
def is_as_noted(scenario: Scenario, name: str) -> None:
    before, now = scenario.state(dict[str, Noted])[name], take(scenario, name)
    expect(f"state of buffer '{name}'", before.state, now.state)
    assert before.segment == now.segment, f"the segment of buffer '{name}' has changed"
