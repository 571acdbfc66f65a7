"""What a scenario's steps have made, and its end (servant contract, cleanup)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    Release = Callable[[], object]
    Await = Callable[[Awaitable[object]], object]

T = TypeVar("T")


class Resources:
    """The objects of one scenario, released the last one first. Safe for several threads."""

    def __init__(self) -> None:
        """Begins empty."""
        self._lock = threading.RLock()
        self._states: dict[object, object] = {}
        self._releases: list[tuple[str, Release]] = []
        self._ended = False

    def state(self, factory: Callable[[], T]) -> T:
        """Gives what the factory made in this scenario, and calls it first if it has not been.

        Raises:
            RuntimeError: The scenario has ended.
        """
        with self._lock:
            if factory in self._states:
                return cast("T", self._states[factory])
            self._check_open(getattr(factory, "__name__", repr(factory)))
            made = factory()
            self._states[factory] = made
            if _closing(made) is not None:
                self.track(made)
            elif hasattr(made, "__exit__"):
                self.enter(cast("AbstractContextManager[object]", made))
            return made

    def track(self, resource: T) -> T:
        """Has a resource closed at the scenario's end, by its ``aclose()`` or ``close()``.

        Raises:
            TypeError: It has neither.
            RuntimeError: The scenario has ended; the resource has been closed.
        """
        close = _closing(resource)
        if close is None:
            raise TypeError(
                f"a {type(resource).__name__} has no close(); a context manager is for enter()"
            )
        self._keep(type(resource).__name__, close)
        return resource

    def enter(self, manager: AbstractContextManager[T]) -> T:
        """Enters a context manager, which the scenario's end exits.

        Raises:
            RuntimeError: The scenario has ended; the manager has been exited.
        """
        entered = manager.__enter__()
        self._keep(type(manager).__name__, lambda: manager.__exit__(None, None, None))
        return entered

    async def enter_async(self, manager: AbstractAsyncContextManager[T]) -> T:
        """Enters an asynchronous context manager; see `enter`."""
        entered = await manager.__aenter__()
        self._keep(type(manager).__name__, lambda: manager.__aexit__(None, None, None))
        return entered

    def end(self, wait_for: Await) -> list[str]:
        """Releases everything, whatever fails on the way. Safe to call twice.

        Args:
            wait_for: Completes what an asynchronous release returns.

        Returns:
            The failures, each with the class that failed.
        """
        with self._lock:
            self._ended = True
            releases, self._releases = self._releases, []
            self._states.clear()
        failures: list[str] = []
        for name, release in reversed(releases):
            try:
                result = release()
                if hasattr(result, "__await__"):
                    wait_for(cast("Awaitable[object]", result))
            except BaseException as error:  # noqa: BLE001 - one that fails must not keep the others
                failures.append(f"{name}: {type(error).__name__}: {error}")
        return failures

    def _keep(self, name: str, release: Release) -> None:
        with self._lock:
            if not self._ended:
                self._releases.append((name, release))
                return
        release()
        self._check_open(name)

    def _check_open(self, name: str) -> None:
        if self._ended:
            raise RuntimeError(f"the scenario has ended: no {name} for a step that outlived it")


def _closing(resource: object) -> Release | None:
    for name in ("aclose", "close"):
        close = getattr(resource, name, None)
        if callable(close):
            return cast("Release", close)
    return None
