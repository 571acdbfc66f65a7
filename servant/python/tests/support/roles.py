"""Roles that a test has perform steps, one at a time; a plugin with the fixtures that give them."""

from __future__ import annotations

import os
import re
import threading
from typing import TYPE_CHECKING

import pytest

from parley import Mismatch
from parley.params import Fields, Initialize
from parley.recorder import Recorder
from parley.registry import Registry
from parley.scenario import Scenario, ScenarioState
from parley_ring import inspect, objects
from parley_steps.ring_process import RingProcess

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator, Sequence

    from parley.blocks import Table

CREATED = "'reader' creates buffer 'b' with '1024' bytes of metadata and '10240' bytes of payload"


class Role:
    """One process of a role, with the state that its steps have."""

    def __init__(self, role: str, prefix: str, definitions: Registry) -> None:
        params = {"Role": role, "Scenario": "Test 0.0 - Of steps", "ResourcePrefix": prefix}
        self.cancelled = threading.Event()
        self.state = ScenarioState(Initialize(Fields("initialize", params)), role)
        self._definitions = definitions

    @property
    def process(self) -> RingProcess:
        return self.state.resources.state(RingProcess)

    def scenario(self, recorder: Recorder | None = None) -> Scenario:
        """The scenario as the next step sees it."""
        return Scenario(self.state, recorder or Recorder("", None), {}, self.cancelled)

    def perform(self, text: str, table: Table | None = None) -> Recorder:
        """Performs a step that one definition matches, and gives what it said."""
        [(definition, captures)] = self._definitions.matches("Then", text)
        recorder = Recorder("", None)
        arguments = definition.signature.bind(captures, table, None)
        definition.function(self.scenario(recorder), *arguments)
        return recorder

    def end(self) -> list[str]:
        """Ends the scenario. Returns what could not be released."""

        def refuse(awaitable: Awaitable[object]) -> object:
            raise AssertionError(f"{awaitable} needs an event loop; no step here is async")

        return self.state.resources.end(refuse)


class Roles:
    """A reader with buffer 'b' of 1024 and 10240 bytes, and a writer that is connected to it.

    Both wait 20 ms at most for the other side.
    """

    def __init__(self, definitions: Registry) -> None:
        self.prefix = f"pytest-{os.getpid()}-{os.urandom(4).hex()}-"
        self.reader = Role("reader", self.prefix, definitions)
        self.writer = Role("writer", self.prefix, definitions)
        for step in (
            "'reader' waits at most '20' milliseconds for the other side",
            "'writer' waits at most '20' milliseconds for the other side",
            CREATED,
            "'writer' connects to buffer 'b'",
        ):
            self.perform(step)

    def perform(self, text: str, table: Table | None = None) -> Recorder:
        """Has the role that a step names perform it."""
        role = {"reader": self.reader, "writer": self.writer}[text.split("'")[1]]
        return role.perform(text, table)

    def find_mismatch(
        self,
        steps: Sequence[str],
        expected: str,
        actual: str,
        what: str,
        table: Table | None = None,
    ) -> None:
        """Has the last step fail a check; expected, actual and what begin its words."""
        failed = self.fail(steps, Mismatch, what, table)
        assert isinstance(failed, Mismatch)
        assert str(failed).startswith(what)
        assert failed.expected == expected
        assert failed.actual.startswith(actual)

    def fail(
        self,
        steps: Sequence[str],
        error: type[Exception],
        message: str,
        table: Table | None = None,
    ) -> Exception:
        """Has the last step, which takes the table, end with exactly this class of exception."""
        for step in steps[:-1]:
            self.perform(step)
        with pytest.raises(error, match=re.escape(message)) as caught:
            self.perform(steps[-1], table)
        assert caught.type is error
        return caught.value

    def end(self) -> None:
        assert self.writer.end() + self.reader.end() == []

    def poke(self, buffer: str, position: int, content: bytes) -> None:
        """Writes into a payload from outside, as a peer that goes wrong would."""
        self._write(buffer, inspect(self.prefix + buffer).metadata_size + position, content)

    def poke_metadata(self, buffer: str, position: int, content: bytes) -> None:
        """As `poke`, into the metadata."""
        self._write(buffer, position, content)

    def _write(self, buffer: str, position: int, content: bytes) -> None:
        name = self.prefix + buffer
        fd = os.open(objects(name).segment, os.O_RDWR)
        try:
            os.pwrite(fd, content, inspect(name).oieb_size + position)
        finally:
            os.close(fd)


@pytest.fixture(scope="session")
def ring_steps() -> Registry:
    return Registry.of_modules(["parley_steps"])


@pytest.fixture
def roles(ring_steps: Registry) -> Iterator[Roles]:
    """A reader and a writer with a ring between them, of which nothing may be left."""
    roles = Roles(ring_steps)
    try:
        yield roles
    finally:
        roles.end()
    assert left_by(roles.prefix) == []


def left_by(prefix: str) -> list[str]:
    """The files of buffers whose names begin so."""
    folders = {os.path.dirname(path) for path in objects("x")}
    return [
        f"{folder}/{name}"
        for folder in sorted(folders)
        if os.path.isdir(folder)
        for name in os.listdir(folder)
        if name.removeprefix("sem.sem-w-").removeprefix("sem.sem-r-").startswith(prefix)
    ]
