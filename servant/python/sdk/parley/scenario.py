"""A step's view of its scenario."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, TypeVar

from parley.resources import Resources
from parley.verdicts import StepCancelledError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from contextlib import AbstractAsyncContextManager, AbstractContextManager
    from pathlib import Path

    from parley.params import Initialize
    from parley.recorder import Recorder

T = TypeVar("T")


class ScenarioState:
    """What lives from initialize to cleanup.

    Attributes:
        params: What initialize brought.
        instance: Tells this servant from others of the same role.
        resources: What the steps have made.
    """

    def __init__(self, params: Initialize, instance: str) -> None:
        """Begins the scenario."""
        self.params = params
        self.instance = instance
        self.resources = Resources()


class SharedMap(MutableMapping[str, str]):
    """The string map that all roles of a scenario share, as it was when the step was sent.

    What a step sets is sent back with its result; nothing can be taken out.
    """

    def __init__(self, context: dict[str, str]) -> None:
        """Takes the map as it came."""
        self._values = dict(context)
        self._changes: dict[str, str] = {}

    @property
    def changes(self) -> dict[str, str]:
        """What this step has set."""
        return dict(self._changes)

    def __getitem__(self, key: str) -> str:
        return self._values[key]

    def __setitem__(self, key: str, value: str) -> None:
        given: tuple[object, object] = (key, value)
        if not all(isinstance(each, str) for each in given):
            raise TypeError(f"the shared map holds strings, not {key!r}: {value!r}; use str()")
        self._values[key] = self._changes[key] = value

    def __delitem__(self, key: str) -> None:
        raise TypeError(f"{key!r} cannot be taken out of the shared map; set it to an empty string")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class Scenario:
    """The scenario as one step sees it; threads of that step may use it too.

    Attributes:
        shared: The string map that all roles share.
        cancelled: Set when the step must end: at its limit, when it is cancelled, or when the
            scenario ends. An ``async`` step gets `asyncio.CancelledError` instead.
    """

    def __init__(
        self,
        state: ScenarioState,
        recorder: Recorder,
        context: dict[str, str],
        cancelled: threading.Event,
    ) -> None:
        """Looks at a scenario for one step."""
        self._state = state
        self._recorder = recorder
        self.shared = SharedMap(context)
        self.cancelled = cancelled

    @property
    def role(self) -> str:
        """The role that this servant plays, as the feature writes it."""
        return self._state.params.role

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self._state.params.scenario

    @property
    def instance(self) -> str:
        """Tells this servant from others of the same role: its process id."""
        return self._state.instance

    @property
    def work_dir(self) -> Path | None:
        """A folder of the run for files, or None if the coordinator gave none."""
        from pathlib import Path

        return Path(self._state.params.work_dir) if self._state.params.work_dir else None

    def resource(self, plain: str) -> str:
        """Makes a plain name of the feature unique to the running cell.

        Every role of the cell gets the same name, no other cell does (servant contract,
        initialize: ``ResourcePrefix``).
        """
        params = self._state.params
        if params.resource_prefix:
            return params.resource_prefix + plain
        return f"{plain}_{params.host_pid}_{params.feature_id}"

    def state(self, factory: Callable[[], T]) -> T:
        """The scenario's own object of a class: the first call in a scenario makes it.

        The scenario's end closes it if it has ``aclose()`` or ``close()``; a context manager
        without them is entered here and exited there. What came last goes first.

        Args:
            factory: A class, or any function without arguments.

        Raises:
            RuntimeError: The scenario has ended: the step has outlived it.
        """
        return self._state.resources.state(factory)

    def track(self, resource: T) -> T:
        """Has a resource closed at the scenario's end, by its ``aclose()`` or ``close()``.

        Raises:
            TypeError: It has neither.
            RuntimeError: The scenario has ended; the resource has been closed.
        """
        return self._state.resources.track(resource)

    def enter(self, manager: AbstractContextManager[T]) -> T:
        """Enters a context manager, which the scenario's end exits.

        Raises:
            RuntimeError: The scenario has ended; the manager has been exited.
        """
        return self._state.resources.enter(manager)

    async def enter_async(self, manager: AbstractAsyncContextManager[T]) -> T:
        """Enters an asynchronous context manager, which the scenario's end exits."""
        return await self._state.resources.enter_async(manager)

    def sleep(self, seconds: float) -> None:
        """Lets time pass, as the scenario asks for; an ``async`` step uses `asyncio.sleep`.

        Raises:
            StepCancelledError: The step must end.
        """
        if self.cancelled.wait(seconds):
            raise StepCancelledError(f"a pause of {seconds} s ended: the step is over")

    def progress(self, done: float, total: float, unit: str) -> None:
        """Tells how far a long step has come: done of total units, such as frames."""
        self._recorder.progress(done, total, unit)

    def attach(
        self, name: str, body: bytes | str, media_type: str = "application/octet-stream"
    ) -> None:
        """Hands data to the reports.

        Raises:
            ValueError: All attachments of the step together are above 32 MiB.
        """
        self._recorder.attach(
            name, media_type, body.encode() if isinstance(body, str) else bytes(body)
        )
