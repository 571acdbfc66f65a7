"""One process of a role, played by this process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

from parley.params import Fields, Initialize
from parley.recorder import Recorder
from parley.scenario import Scenario, ScenarioState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from parley.blocks import DocString, Table
    from parley.loops import Loops
    from parley.registry import Definition

# How long a step that was told to end may take, in seconds.
_END_GRACE = 10.0


class Call:
    """A step with the definition that performs it."""

    def __init__(
        self,
        definition: Definition,
        captures: Sequence[str],
        table: Table | None = None,
        doc_string: DocString | None = None,
    ) -> None:
        """Converts the arguments.

        Raises:
            ValueError: They do not fit the definition.
        """
        self._definition = definition
        self._arguments = definition.signature.bind(captures, table, doc_string)

    def perform(self, scenario: Scenario, loops: Loops) -> None:
        """Calls the step function."""
        returned = self._definition.function(scenario, *self._arguments)
        if self._definition.signature.is_async:
            loops.wait_for(cast("Coroutine[object, object, object]", returned))


class Player:
    """A process of a role: its state, and the step that overlaps others."""

    def __init__(
        self, role: str, name: str, prefix: str, instance: str, loops: Loops, shared: dict[str, str]
    ) -> None:
        """Begins the scenario.

        Args:
            role: The role to play.
            name: The scenario's name.
            prefix: Makes names of resources unique to the cell.
            instance: Tells the processes of a cell apart.
            loops: Where async steps run.
            shared: The string map that all roles share; steps add to it.
        """
        params = {"Role": role, "Scenario": name, "ResourcePrefix": prefix}
        self._state = ScenarioState(Initialize(Fields("initialize", params)), instance)
        self._loops = loops
        self._shared = shared
        self._cancelled = threading.Event()
        self._overlapping: tuple[str, threading.Thread] | None = None
        self._raised: list[BaseException] = []

    def perform(self, call: Call) -> None:
        """Performs a step, after the one that overlaps others."""
        self.settle()
        self._perform(call)

    def overlap(self, text: str, call: Call) -> None:
        """Begins to perform a step, whose failure `settle` raises."""
        self.settle()

        def perform() -> None:
            try:
                self._perform(call)
            except BaseException as error:  # noqa: BLE001 - raised by settle
                self._raised.append(error)

        thread = threading.Thread(target=perform, name=text, daemon=True)
        self._overlapping = text, thread
        thread.start()

    def settle(self) -> None:
        """Waits for the step that overlaps others.

        Raises:
            AssertionError: It failed.
        """
        if self._overlapping is None:
            return
        text, thread = self._overlapping
        thread.join(_END_GRACE if self._cancelled.is_set() else None)
        self._overlapping = None
        if thread.is_alive():
            raise AssertionError(f"meanwhile {text}: it still runs after its cancellation")
        if self._raised:
            error = self._raised.pop()
            raise AssertionError(f"meanwhile {text}: {error}") from error

    def cancel(self) -> None:
        """Tells the step that overlaps others to end."""
        self._cancelled.set()

    def end(self, wait_for: Callable[[Awaitable[object]], object]) -> list[str]:
        """Ends the scenario. Returns what could not be released."""
        return self._state.resources.end(wait_for)

    def _perform(self, call: Call) -> None:
        recorder = Recorder("", None)
        scenario = Scenario(self._state, recorder, dict(self._shared), self._cancelled)
        call.perform(scenario, self._loops)
        self._shared.update(scenario.shared.changes)
