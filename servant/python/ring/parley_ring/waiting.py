"""How a wait spins, yields and ends (ring protocol, Waiting, and speed)."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from .atomics import atomics
from .errors import Cancelled
from .futex import yield_processor

if TYPE_CHECKING:
    from .semaphore import Semaphore

#: How long a wait for a frame or for space lasts unless set otherwise, in seconds.
DEFAULT_TIMEOUT: Final = 5.0
#: How long a wait yields before it sleeps unless set otherwise, in seconds.
DEFAULT_SPIN: Final = 150e-6
#: The bound of one sleep in seconds, and so of how late a dead peer or a cancellation is noticed.
SLICE: Final = 0.020
#: The pause of a wait that nobody ends by a wake-up, in seconds.
PAUSE: Final = 0.001
#: How long the counters may contradict each other before they count as corrupt, in seconds: the
#: writer updates them one after the other.
SUSPICION: Final = 0.010

_BUSY: Final = 2e-6
_LONG_WAITS: Final = 3
_PAUSES: Final = 4

now = time.monotonic


def check_cancelled(cancel: threading.Event | None, name: str, doing: str) -> None:
    """End a wait that the caller gave up.

    Raises:
        Cancelled: `cancel` is set.
    """
    if cancel is not None and cancel.is_set():
        raise Cancelled(name, doing)


class Spinner:
    """The part of a wait before it sleeps.

    Args:
        seconds: How long it yields; 0 sleeps at once.
    """

    def __init__(self, seconds: float) -> None:
        self._yield = max(seconds, 0.0)
        self._alone = os.cpu_count() == 1
        self._pause = atomics().pause
        self._missed = 0

    def until(self, start: float, done: Callable[[], bool]) -> bool:
        """Call `done` until it is true, first with pauses, then yielding the processor.

        Args:
            start: When the wait began, by `now`.
            done: What is waited for.

        Returns:
            Whether it became true. When recent waits ended asleep, only the first phase is tried.
        """
        if self._yield == 0:
            return False
        if not self._alone:
            while now() - start < _BUSY:
                self._pause(_PAUSES)
                if done():
                    return True
        if self._missed >= _LONG_WAITS:
            return False
        while now() - start < self._yield:
            yield_processor()
            if done():
                return True
        return False

    def slept(self, start: float) -> None:
        """Learn from a wait that began at `start` and had to sleep."""
        self._missed = self._missed + 1 if now() - start > self._yield else 0

    def woke(self) -> None:
        """Learn from a wait that did not have to sleep."""
        self._missed = 0


@contextlib.contextmanager
def rousing(lock: threading.Lock, semaphore: Semaphore) -> Iterator[None]:
    """Hold a lock, taken from calls that are about to see that their side is closed.

    Whoever sleeps on the semaphore is woken until the lock is free.
    """
    while not lock.acquire(timeout=PAUSE):
        semaphore.rouse()
    try:
        yield
    finally:
        lock.release()
