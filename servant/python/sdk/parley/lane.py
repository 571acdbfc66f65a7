"""One thread on which all that may block happens in order: steps and changes of scenarios."""

from __future__ import annotations

import sys
import threading
import traceback
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Task = Callable[[], None]


class Lane:
    """Performs tasks one after the other; one that hangs can be left behind with its thread."""

    def __init__(self) -> None:
        """Starts the thread, so that their number is the same before and after a scenario."""
        self._tasks: SimpleQueue[Task] = SimpleQueue()
        self._lock = threading.Lock()
        self._current: Task | None = None
        self._thread = self._start()

    def submit(self, task: Task) -> None:
        """Has a task performed after those submitted before."""
        self._tasks.put(task)

    def leave(self, task: Task | None) -> bool:
        """Goes on with the next task on another thread, if this one is being performed."""
        with self._lock:
            if task is None or self._current is not task:
                return False
            self._current = None
            self._thread = self._start()
            return True

    def _start(self) -> threading.Thread:
        # A daemon: a step that hangs must not keep the process from its end.
        thread = threading.Thread(target=self._work, name="parley lane", daemon=True)
        thread.start()
        return thread

    def _work(self) -> None:
        me = threading.current_thread()
        while True:
            task = self._tasks.get()
            with self._lock:
                self._current = task
            try:
                task()
            except BaseException:  # noqa: BLE001 - a fault of the SDK must not end the servant
                sys.stderr.write(f"servant: fault in the SDK\n{traceback.format_exc()}")
            with self._lock:
                if self._thread is not me:
                    return
                self._current = None
