"""The event loop on which ``async`` steps run."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Coroutine
    from contextvars import Context

# How long tasks that a scenario left may take to end once they are cancelled, in seconds.
_TASK_GRACE = 0.5


class Loops:
    """One event loop on a thread of its own, started when needed: asyncio takes 30 ms to import."""

    def __init__(self) -> None:
        """Starts nothing yet."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(
        self,
        coroutine: Coroutine[object, object, object],
        context: Context,
        done: Callable[[BaseException | None], None],
    ) -> Callable[[], object]:
        """Runs a coroutine as a task.

        Args:
            coroutine: What to run.
            context: The context variables of the task.
            done: Called on the loop's thread at the task's end, with what it raised.

        Returns:
            What cancels the task; callable from any thread.
        """
        loop = self._running()
        tasks: list[asyncio.Task[object]] = []

        def create() -> None:
            task = loop.create_task(coroutine)
            tasks.append(task)
            task.add_done_callback(finish)

        def finish(task: asyncio.Task[object]) -> None:
            import asyncio

            done(asyncio.CancelledError() if task.cancelled() else task.exception())

        def cancel() -> None:
            for task in tasks:
                task.cancel()

        loop.call_soon_threadsafe(create, context=context)
        # The loop keeps their order: the task is there when this is called.
        return partial(loop.call_soon_threadsafe, cancel)

    def wait_for(self, awaitable: Awaitable[object], limit: float | None = None) -> object:
        """Completes something on the loop, from another thread.

        Raises:
            TimeoutError: It took longer than the limit, in seconds.
        """
        import asyncio

        async def complete() -> object:
            return await awaitable

        return asyncio.run_coroutine_threadsafe(complete(), self._running()).result(limit)

    def settle(self) -> None:
        """Cancels the tasks that are left on the loop, and waits a moment for their end.

        A loop that does not answer is given up.
        """
        if self._loop is None:
            return
        try:
            self.wait_for(_cancel_others(), 2 * _TASK_GRACE)
        except Exception:  # noqa: BLE001 - before Python 3.11 TimeoutError is not asyncio's
            self.forget()

    def close(self) -> None:
        """Ends the loop with its tasks; it must not be used after that."""
        self.settle()
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = None

    def forget(self) -> None:
        """Gives up a loop that a step holds: the next step gets another one."""
        self._loop = None

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            import asyncio

            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=self._loop.run_forever, name="parley loop", daemon=True
            )
            self._thread.start()
        return self._loop


async def _cancel_others() -> None:
    import asyncio

    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=_TASK_GRACE)
