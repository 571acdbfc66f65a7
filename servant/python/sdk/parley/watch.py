"""Limits and cancellation of steps (servant contract, Timeouts); for the main thread."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from parley import failures, messages
from parley.messages import RequestError

if TYPE_CHECKING:
    from parley.channel import Channel
    from parley.lane import Lane
    from parley.run import StepRun
    from parley.session import Session

# How long a step that was told to end may take before it is answered without its end, in seconds;
# below the second after which the coordinator kills the process.
_STOP_GRACE = 0.25

# Steps that wait for their turn; the coordinator sends one at a time.
_MAX_STEPS = 64


class StepWatch:
    """Ends steps that are above their limit, and answers for those that do not end."""

    def __init__(self, lane: Lane, session: Session, channel: Channel) -> None:
        """Watches nothing yet.

        Args:
            lane: Where the steps are performed.
            session: Told of steps that are left behind.
            channel: Where answers go.
        """
        self._lane = lane
        self._session = session
        self._channel = channel
        self._runs: list[StepRun] = []

    def add(self, run: StepRun) -> None:
        """Watches a step, from its arrival on.

        Raises:
            RequestError: Too many steps wait.
        """
        self._runs = [each for each in self._runs if not each.is_answered]
        if len(self._runs) >= _MAX_STEPS:
            message = f"{_MAX_STEPS} steps wait already; wait for an answer"
            raise RequestError(messages.INTERNAL_ERROR, message)
        self._runs.append(run)

    def cancel(self, id_json: str | None) -> None:
        """Tells the step of a request to end; none if it was answered already."""
        for run in self._runs:
            if run.id_json is not None and run.id_json == id_json:
                self._stop(run, failures.CANCELLED)

    def stop_all(self) -> None:
        """Tells every step to end."""
        for run in self._runs:
            self._stop(run, failures.CANCELLED)

    def look(self) -> None:
        """Does what is due."""
        now = time.monotonic()
        for run in self._runs:
            if run.due > now or run.is_answered:
                continue
            if run.stop_status is not None:
                self._abandon(run)
            elif run.overdue < 0:
                # It began later than it came.
                run.due = now - run.overdue
            else:
                self._stop(run, failures.TIMEOUT)

    def pause_ms(self) -> int | None:
        """Until something is due, in milliseconds, rounded up; None for ever."""
        due = min((run.due for run in self._runs if not run.is_answered), default=None)
        return None if due is None else max(0, math.ceil((due - time.monotonic()) * 1000))

    def _stop(self, run: StepRun, status: str) -> None:
        if run.stop_status is None:
            run.due = time.monotonic() + _STOP_GRACE
            run.stop(status)

    def _abandon(self, run: StepRun) -> None:
        if run.claim():
            outcome = run.abandoned()
            if self._lane.leave(run.task):
                self._session.leave(run)
            if run.id_json is not None:
                self._channel.send(messages.answer(run.id_json, run.result(outcome)))
