"""Python's logging as the log of steps (servant contract, Result of executeStep: ``logs``)."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from parley import recorder
from parley.run import CURRENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from parley.run import StepRun

_FORMATTER = logging.Formatter("%(message)s")


class StepLogHandler(logging.Handler):
    """Gives each record to the step that it belongs to, and to standard error if there is none."""

    def __init__(self, running: Callable[[], StepRun | None]) -> None:
        """Begins to listen.

        Args:
            running: Gives the step that runs, for threads that a step has started.
        """
        super().__init__()
        self._running = running

    def createLock(self) -> None:  # noqa: N802 - logging's name
        """Does without a lock: a thread that waits to send would hold up the event loop's."""
        self.lock = None

    def handle(self, record: logging.LogRecord) -> bool:
        """Filters and emits a record, without the lock that the base class would take."""
        passed: object = self.filter(record)
        if passed:
            self.emit(passed if isinstance(passed, logging.LogRecord) else record)
        return bool(passed)

    def emit(self, record: logging.LogRecord) -> None:
        """Adds a record to its step's log."""
        run = CURRENT.get() or self._running()
        text = _FORMATTER.format(record)
        if run is not None and not run.is_answered:
            run.recorder.log(_level(record.levelno), text)
        else:
            sys.stderr.write(f"{record.levelname} {record.name}: {text}\n")


def listen(running: Callable[[], StepRun | None]) -> None:
    """Has the records of every logger go to the steps, from level INFO on.

    A module of steps may set another level on the root logger.
    """
    root = logging.getLogger()
    root.addHandler(StepLogHandler(running))
    if root.level == logging.WARNING:
        root.setLevel(logging.INFO)


def _level(number: int) -> int:
    """The contract's level of one of Python's."""
    for bound, level in (
        (logging.DEBUG, recorder.TRACE),
        (logging.INFO, recorder.DEBUG),
        (logging.WARNING, recorder.INFORMATION),
        (logging.ERROR, recorder.WARNING),
        (logging.CRITICAL, recorder.ERROR),
    ):
        if number < bound:
            return level
    return recorder.CRITICAL
