"""A scenario whose roles are all played by this process."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from parley.loops import Loops
from parley_pytest.player import Call, Player
from parley_pytest.routing import Route, route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parley.blocks import DocString, Table
    from parley.registry import Definition, Registry

# How often a step with ``within`` is tried, in seconds.
_PAUSE = 0.005

# The player of looks, which belongs to no role.
_COORDINATOR = "coordinator"


class UndefinedStepError(Exception):
    """No definition matches a step, or several do."""


class Cell:
    """Routes steps to players and performs them."""

    def __init__(self, name: str, definitions: Registry, looks: Registry) -> None:
        """Begins a scenario.

        Args:
            name: The scenario's name.
            definitions: The step definitions of the roles.
            looks: Definitions of what the coordinator looks at by itself.
        """
        self._name = name
        self._definitions = definitions
        self._looks = looks
        self._prefix = f"pytest-{os.getpid()}-{os.urandom(4).hex()}-"
        self._loops = Loops()
        self._shared: dict[str, str] = {}
        self._players: dict[tuple[str, int], Player] = {}
        self._started = 0
        self._last: list[Player] = []

    def inherit_nothing(self) -> None:
        """Has the next step name its role: the background is over."""
        self._last = []

    def check(self, kind: str, text: str) -> Route:
        """Finds out who performs a step, and that somebody can.

        Raises:
            UndefinedStepError: No definition matches it, or several do.
        """
        way = route(text)
        if not way.coordinator_only:
            self._find(kind, way.text)
        return way

    def perform(
        self, kind: str, text: str, table: Table | None = None, doc_string: DocString | None = None
    ) -> None:
        """Performs a step."""
        way = self.check(kind, text)
        definition, captures, is_look = self._find(kind, way.text)
        call = Call(definition, captures, table, doc_string)
        players = [self._player(_COORDINATOR, 0)] if is_look else self._route(way)
        if not players:
            raise UndefinedStepError(
                f"no process performs {text!r}: it names no role, nor does a step before it"
            )
        if way.meanwhile:
            for player in players:
                player.overlap(way.text, call)
        elif way.within is not None:
            _try_again(players, call, way.within)
        else:
            _perform(players, call)

    def end(self, *, failed: bool) -> None:
        """Waits for the steps that overlap others, and releases everything.

        Args:
            failed: Whether a step has failed, which ends those that still run.

        Raises:
            AssertionError: One failed, or something could not be released.
        """
        errors: list[str] = []
        players = list(self._players.values())
        for player in players:
            if failed:
                player.cancel()
            try:
                player.settle()
            except AssertionError as error:
                errors.append(str(error))
                failed = True
        for player in reversed(players):
            errors += player.end(self._loops.wait_for)
        self._loops.close()
        if errors:
            raise AssertionError("; ".join(errors))

    def _find(self, kind: str, text: str) -> tuple[Definition, list[str], bool]:
        looks = self._looks.matches(kind, text)
        found = looks or self._definitions.matches(kind, text)
        if len(found) == 1:
            return *found[0], bool(looks)
        several = "; ".join(str(definition) for definition, _ in found)
        raise UndefinedStepError(
            f"{len(found)} definitions match {kind} {text!r}: {several}"
            if found
            else f"no step definition matches {kind} {text!r}"
        )

    def _route(self, way: Route) -> list[Player]:
        if way.role:
            if way.fresh:
                self._players.pop((way.role, 0), None)
            self._last = [self._player(way.role, number) for number in way.instances]
        return self._last or [
            player for (role, _), player in self._players.items() if role != _COORDINATOR
        ]

    def _player(self, role: str, number: int) -> Player:
        player = self._players.get((role, number))
        if player is None:
            self._started += 1
            instance = f"{os.getpid()}.{self._started}"
            player = Player(role, self._name, self._prefix, instance, self._loops, self._shared)
            self._players[role, number] = player
        return player


def _perform(players: Sequence[Player], call: Call) -> None:
    if len(players) == 1:
        # In this thread, where a debugger is.
        players[0].perform(call)
        return
    together = threading.Barrier(len(players))

    def perform(player: Player) -> None:
        together.wait()
        player.perform(call)

    with ThreadPoolExecutor(len(players)) as pool:
        for done in [pool.submit(perform, player) for player in players]:
            done.result()


def _try_again(players: Sequence[Player], call: Call, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            _perform(players, call)
        except AssertionError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return
