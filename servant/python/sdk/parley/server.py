"""Serves the contract's methods (servant contract, Requests and Life of a servant).

The main thread reads, answers health, discover and cancellation at once, and watches the limits of
steps: none of that waits for user code. Steps and the changes of scenarios happen on the lane.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from parley import messages
from parley.frames import FrameParser, FrameTooLargeError
from parley.lane import Lane
from parley.messages import Request, RequestError
from parley.params import DEFAULT_LIMIT_MS, ExecuteStep, Fields, Initialize
from parley.run import StepRun
from parley.session import Session
from parley.watch import StepWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from parley.channel import Channel
    from parley.registry import Registry

CONTRACT = "1.1"
SDK = "parley-python 0.1"
CAPABILITIES = ["table", "docString", "cancel", "logs", "reset"]

# On the descriptor that wakes the main thread, where other bytes are numbers of signals.
SHUTDOWN = 0

# What the clean-up may take at the end, in seconds.
_EXIT_GRACE = 5.0


class Server:
    """A servant at one connection.

    Attributes:
        wake_fd: A byte written here ends `run`: `SHUTDOWN`, or the number of SIGINT or SIGTERM;
            others are ignored.
    """

    def __init__(
        self,
        registry: Registry,
        session: Session,
        channel: Channel,
        *,
        platform: str,
        bare_health: bool,
    ) -> None:
        """Prepares a servant.

        Args:
            registry: The step definitions.
            session: Where steps are performed.
            channel: Where requests come from.
            platform: What health says of the platform.
            bare_health: Whether health answers `true`, as contract 1.0 does.
        """
        self._registry = registry
        self._session = session
        self._channel = channel
        self._platform = platform
        self._bare_health = bare_health
        self._frames = FrameParser(_report_stray)
        self._lane = Lane()
        self._wake, self.wake_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._status: int | None = None
        self._extended = False
        self._limit_ms = DEFAULT_LIMIT_MS
        self._watch = StepWatch(self._lane, session, channel)

    def run(self) -> int:
        """Serves until shutdown, the end of the input or a signal, and cleans up.

        Returns:
            The exit status: 0 in order, 128 and the signal's number, or 1 when something failed.
        """
        poll = select.poll()
        poll.register(self._channel.input_fd, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        while self._status is None:
            for descriptor, _ in poll.poll(self._watch.pause_ms()):
                if descriptor == self._wake:
                    self._wake_up(os.read(self._wake, 1)[0])
                else:
                    self._receive(self._channel.read())
            self._watch.look()
        return max(self._status, self._clean_up())

    def close(self) -> None:
        """Closes the descriptors that wake `run`, after its end."""
        os.close(self._wake)
        os.close(self.wake_fd)

    def _wake_up(self, number: int) -> None:
        if number == SHUTDOWN:
            self._status = 0
        elif number in (signal.SIGINT, signal.SIGTERM):
            self._status = 128 + number

    def _receive(self, data: bytes) -> None:
        if not data:
            self._status = 0
            return
        try:
            for body in self._frames.feed(data):
                self._handle(body)
        except FrameTooLargeError as error:
            self._channel.send(messages.refusal(RequestError(messages.INVALID_REQUEST, str(error))))
            _complain(str(error))
            self._status = 1

    def _handle(self, body: bytes) -> None:
        request: Request | None = None
        try:
            request = messages.decode(body)
            if request is not None:
                self._dispatch(request)
        except RequestError as error:
            self._refuse(request, error)
        except Exception as error:  # noqa: BLE001 - a fault of the SDK must not end the servant
            self._refuse(request, _broken(error))

    def _dispatch(self, request: Request) -> None:
        match request.method:
            case "health":
                self._answer(request, self._health())
            case "discover":
                self._answer(request, self._registry.discovery())
            case "initialize":
                params = Initialize(Fields.of_params("initialize", request.params))
                self._extended = self._extended or params.extended
                self._limit_ms = params.limit_ms
                answer = {"ok": True} if self._extended else True
                self._change(request, partial(self._session.begin, params), answer)
            case "executeStep":
                self._execute(request)
            case "cleanup":
                self._change(request, self._session.end, None)
            case "shutdown":
                self._change(
                    request,
                    self._session.end,
                    None,
                    lambda: os.write(self.wake_fd, bytes([SHUTDOWN])),
                )
            case "$/cancelRequest":
                self._cancel(request)
            case _ if request.id_json is not None:
                known = "health, discover, initialize, executeStep, cleanup and shutdown"
                raise RequestError(
                    messages.UNKNOWN_METHOD, f"no method {request.method!r}; a servant has {known}"
                )

    def _health(self) -> object:
        if self._bare_health:
            return True
        return {
            "ok": True,
            "contract": CONTRACT,
            "platform": self._platform,
            "sdk": SDK,
            "pid": os.getpid(),
            "capabilities": CAPABILITIES,
        }

    def _execute(self, request: Request) -> None:
        params = ExecuteStep(Fields.of_params("executeStep", request.params))
        self._extended = self._extended or params.extended
        limit = (params.limit_ms or self._limit_ms) / 1000
        run = StepRun(params, request.id_json, limit, self._notify if self._extended else None)
        run.task = task = partial(self._perform, request, run)
        self._watch.add(run)
        self._lane.submit(task)

    def _perform(self, request: Request, run: StepRun) -> None:
        if run.is_answered:
            return
        try:
            outcome = self._session.perform(run)
            if run.claim():
                self._answer(request, run.result(outcome))
        except Exception as error:  # noqa: BLE001 - a fault of the SDK, too, must be answered
            if run.claim():
                refusal = error if isinstance(error, RequestError) else _broken(error)
                self._refuse(request, refusal)

    def _change(
        self,
        request: Request,
        change: Callable[[], None],
        result: object,
        afterwards: Callable[[], object] | None = None,
    ) -> None:
        """Ends what runs, and changes the scenario after it."""
        self._watch.stop_all()

        def perform() -> None:
            try:
                change()
                self._answer(request, result)
            except RequestError as error:
                self._refuse(request, error)
            if afterwards is not None:
                afterwards()

        self._lane.submit(perform)

    def _cancel(self, request: Request) -> None:
        # The object itself, as in the language server protocol, or an array with it.
        bare = request.params if isinstance(request.params, dict) else None
        params = bare or (
            request.params[0] if isinstance(request.params, list) and request.params else None
        )
        if not isinstance(params, dict):
            raise RequestError(
                messages.INVALID_PARAMS, "params of $/cancelRequest: they hold no id"
            )
        wanted = messages.id_to_json(
            {key.lower(): value for key, value in params.items()}.get("id")
        )
        self._watch.cancel(wanted)

    def _clean_up(self) -> int:
        """Ends what runs and the scenario. Returns 1 when that failed."""
        self._watch.stop_all()
        failed: list[str] = []
        done = threading.Event()

        def end() -> None:
            try:
                self._session.end()
            except RequestError as error:
                failed.append(str(error))
            done.set()

        self._lane.submit(end)
        deadline = time.monotonic() + _EXIT_GRACE
        while not done.is_set() and time.monotonic() < deadline:
            pause = self._watch.pause_ms()
            left = deadline - time.monotonic()
            done.wait(left if pause is None else min(left, pause / 1000))
            self._watch.look()
        if not done.is_set():
            failed.append(
                f"the clean-up took longer than {_EXIT_GRACE:g} s; exiting without its end"
            )
        for message in failed:
            _complain(message)
        return 1 if failed else 0

    def _notify(self, method: str, params: dict[str, object]) -> None:
        self._channel.send(messages.notification(method, params))

    def _answer(self, request: Request, result: object) -> None:
        if request.id_json is not None:
            self._channel.send(messages.answer(request.id_json, result))

    def _refuse(self, request: Request | None, error: RequestError) -> None:
        if request is None:
            self._channel.send(messages.refusal(error))
        elif request.id_json is None:
            _complain(f"{request.method}: {error}")
        else:
            error.id_json = request.id_json
            self._channel.send(messages.refusal(error))


def _broken(error: Exception) -> RequestError:
    message = f"the servant itself is broken: {type(error).__name__}: {error}"
    _complain(f"{message}\n{''.join(traceback.format_exception(error))}")
    return RequestError(messages.INTERNAL_ERROR, message)


def _complain(message: str) -> None:
    # Whoever read standard error may be gone; that must not keep the servant from its clean-up.
    with suppress(OSError):
        sys.stderr.write(f"servant: {message}\n")
        sys.stderr.flush()


def _report_stray(data: bytes) -> None:
    _complain(f"ignored bytes outside of any frame: {data[:120]!r}")
