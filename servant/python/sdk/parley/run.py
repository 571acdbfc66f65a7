"""One step from its arrival to its answer (servant contract, executeStep and Timeouts)."""

from __future__ import annotations

import sys
import threading
import time
from contextvars import ContextVar, copy_context
from queue import SimpleQueue
from typing import TYPE_CHECKING, cast

from parley import failures
from parley.failures import Outcome
from parley.recorder import Recorder
from parley.scenario import Scenario
from parley.stacks import stack_at, stack_of_coroutine

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from parley.failures import FailureNames
    from parley.loops import Loops
    from parley.params import ExecuteStep
    from parley.recorder import Notifier
    from parley.registry import Definition
    from parley.scenario import ScenarioState

CURRENT: ContextVar[StepRun | None] = ContextVar("parley_step", default=None)


class StepRun:
    """A step being performed on the lane while the main thread watches its limit.

    Both race for the answer when the limit is reached; `claim` lets exactly one of them give it.

    Attributes:
        params: What executeStep brought.
        id_json: The request's id as JSON; None if nobody waits for an answer.
        limit: The step's limit in seconds.
        due: When the main thread must look at it next, on the monotonic clock.
        recorder: What the step says about itself.
        stop_status: Why it was told to end, as a status; None if it was not.
        returned: Whether its function has returned.
        is_async: Whether its function is ``async``.
        task: What the lane performs.
    """

    def __init__(
        self, params: ExecuteStep, id_json: str | None, limit: float, notify: Notifier | None
    ) -> None:
        """Notes what is to be performed."""
        self.params = params
        self.id_json = id_json
        self.limit = limit
        self.due = time.monotonic() + limit
        self.recorder = Recorder(params.step_id, None if notify is None else self._notify)
        self.stop_status: str | None = None
        self.returned = False
        self.is_async = False
        self.task: Callable[[], None] | None = None
        self._send = notify
        self._cancelled = threading.Event()
        self._claim = threading.Lock()
        self._started_ns = 0
        self._view: Scenario | None = None
        self._thread = 0
        self._coroutine: object = None
        self._cancel_task: Callable[[], object] | None = None
        # What an async step tells the coordinator: the lane's thread sends it, as the loop's
        # must not block.
        self._told: SimpleQueue[tuple[str, dict[str, object]] | None] = SimpleQueue()

    @property
    def is_answered(self) -> bool:
        """Whether somebody answers or has answered."""
        return self._claim.locked()

    @property
    def overdue(self) -> float:
        """How many seconds the step is above its limit; negative below it and before its start."""
        if not self._started_ns:
            return -self.limit
        return (time.monotonic_ns() - self._started_ns) / 1e9 - self.limit

    def claim(self) -> bool:
        """Whether the caller is the one to answer."""
        return self._claim.acquire(blocking=False)

    def stop(self, status: str) -> None:
        """Tells the step to end."""
        if self.stop_status is None:
            self.stop_status = status
            self._cancelled.set()
            if self._cancel_task is not None:
                self._cancel_task()

    def perform(
        self,
        definition: Definition,
        captures: list[str],
        state: ScenarioState,
        loops: Loops,
        names: FailureNames,
    ) -> Outcome:
        """Calls the step function and judges what comes of it."""
        self._started_ns = time.monotonic_ns()
        self._view = Scenario(state, self.recorder, self.params.context, self._cancelled)
        try:
            arguments = definition.signature.bind(
                captures, self.params.table, self.params.doc_string
            )
        except ValueError as error:
            self.returned = True
            return Outcome(failures.FAILED, f"{definition} {error}", failures.INVALID_ARGUMENTS)
        raised: BaseException | None = None
        try:
            if self.stop_status is None:
                self.is_async = definition.signature.is_async
                call = self._call_async if self.is_async else self._call
                raised = call(lambda: definition.function(self._view, *arguments), loops)
        finally:
            self.returned = True
        if self.stop_status is not None:
            return self._stopped(raised)
        return Outcome(failures.PASSED) if raised is None else Outcome.of(raised, names)

    def abandoned(self) -> Outcome:
        """Judges a step that was told to end and has not."""
        return self._stopped(None, "; it still runs", self._stack())

    def result(self, outcome: Outcome) -> dict[str, object]:
        """The answer to executeStep."""
        elapsed = time.monotonic_ns() - self._started_ns if self._started_ns else 0
        return {
            "success": outcome.status == failures.PASSED,
            "error": outcome.message or None,
            "context": self._view.shared.changes if self._view is not None else {},
            "logs": self.recorder.logs(),
            "status": outcome.status,
            "elapsedNs": max(1, elapsed),
            "attachments": self.recorder.attachments(),
            "failure": outcome.failure,
        }

    def _call(self, function: Callable[[], object], _loops: Loops) -> BaseException | None:
        self._thread = threading.get_ident()
        token = CURRENT.set(self)
        try:
            function()
        except BaseException as error:  # noqa: BLE001 - whatever a step raises is its failure
            return error
        finally:
            CURRENT.reset(token)
        return None

    def _call_async(self, function: Callable[[], object], loops: Loops) -> BaseException | None:
        raised: list[BaseException | None] = []

        def done(error: BaseException | None) -> None:
            raised.append(error)
            self._told.put(None)

        context = copy_context()
        context.run(CURRENT.set, self)
        coroutine = cast("Coroutine[object, object, object]", function())
        self._coroutine = coroutine
        self._cancel_task = loops.start(coroutine, context, done)
        if self.stop_status is not None:
            self._cancel_task()
        while (told := self._told.get()) is not None:
            if self._send is not None:
                self._send(*told)
        return raised[0]

    def _notify(self, method: str, params: dict[str, object]) -> None:
        if self.is_async:
            self._told.put((method, params))
        elif self._send is not None:
            self._send(method, params)

    def _stopped(self, raised: BaseException | None, how: str = "", stack: str = "") -> Outcome:
        # Libraries have exceptions of their own that say no more than the status.
        if raised is not None and "Cancel" not in type(raised).__name__:
            how = f"; it ended with {type(raised).__name__}: {raised}"
        if self.stop_status == failures.TIMEOUT:
            took = f"took longer than its limit of {self.limit:g} s{how}"
            message = f'Step execution timeout: "{self.params.text}" {took}'
            return Outcome(failures.TIMEOUT, message, failures.STEP_TIMEOUT, stack)
        return Outcome(failures.CANCELLED, f'step cancelled: "{self.params.text}"{how}')

    def _stack(self) -> str:
        """Where the step is."""
        if self._coroutine is not None:
            return stack_of_coroutine(self._coroutine)
        return stack_at(sys._current_frames().get(self._thread))
