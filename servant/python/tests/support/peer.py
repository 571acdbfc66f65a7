"""The coordinator's end of a connection to a servant, for tests."""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
from typing import IO, TYPE_CHECKING, Any

from parley.channel import Channel
from parley.definitions import Registration
from parley.frames import FrameParser, frame
from parley.logs import StepLogHandler
from parley.registry import Registry
from parley.server import SHUTDOWN, Server
from parley.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from parley.failures import FailureNames

# How long a test waits for what must come, in seconds.
PATIENCE = 20.0

Message = dict[str, Any]


class Peer:
    """Sends requests and takes messages. Whatever is not a frame fails the test."""

    def __init__(self, to_servant: IO[bytes], from_servant: IO[bytes]) -> None:
        self._to = to_servant
        self._from = from_servant
        self._messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self.notified: list[Message] = []
        self.stray: list[bytes] = []
        self._next_id = 1000
        self._ended = False
        self._receiver = threading.Thread(target=self._receive, daemon=True)
        self._receiver.start()

    def send_bytes(self, data: bytes) -> None:
        self._to.write(data)
        self._to.flush()

    def send(self, body: str) -> None:
        self.send_bytes(frame(body.encode()))

    def close(self) -> None:
        self._to.close()

    def next(self) -> Message | None:
        """The next message; None at the end."""
        if not self._ended:
            message = self._messages.get(timeout=PATIENCE)
            self._ended = message is None
            return message
        return None

    def await_answer(self, request_id: object) -> Message:
        while (message := self.next()) is not None:
            if "method" in message:
                self.notified.append(message)
            elif message["id"] == request_id:
                return message
        raise AssertionError(f"the servant ended before it answered {request_id!r}")

    def request(self, method: str, params: object = None) -> int:
        """Sends a request, and gives its id."""
        self._next_id += 1
        body = {"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": params or []}
        self.send(json.dumps(body))
        return self._next_id

    def call(self, method: str, params: object = None) -> Any:  # noqa: ANN401 - JSON
        answer = self.await_answer(self.request(method, params))
        assert "error" not in answer, answer
        return answer["result"]

    def initialize(self, **params: object) -> None:
        self.call(
            "initialize",
            [
                {
                    "Role": "reader",
                    "Scenario": "Test 0.0 - Of the SDK",
                    "HostPid": 4711,
                    "FeatureId": 7,
                }
                | {"ScenarioId": "s1", "ResourcePrefix": "cell-"}
                | params
            ],
        )

    def start_step(self, text: str, **params: object) -> int:
        step = {"Process": "reader", "StepType": "When", "Step": text, "StepId": "p1"}
        return self.request("executeStep", [step | params])

    def step(self, text: str, **params: object) -> Message:
        answer = self.await_answer(self.start_step(text, **params))
        assert "error" not in answer, answer
        result: Message = answer["result"]
        return result

    def await_end(self) -> None:
        while (message := self.next()) is not None:
            self.notified.append(message)
        self._receiver.join(PATIENCE)

    def _receive(self) -> None:
        frames = FrameParser(self.stray.append)
        while data := self._from.read1():  # type: ignore[attr-defined] # of a pipe
            for body in frames.feed(data):
                self._messages.put(json.loads(body))
        self._messages.put(None)
        self._from.close()


class ServantInProcess(Peer):
    """A servant on threads of this process."""

    def __init__(
        self,
        definitions: Sequence[tuple[str, str, Callable[..., object]]] = (),
        *,
        bare_health: bool = False,
        failure_names: FailureNames | None = None,
    ) -> None:
        registry = Registry(
            Registration(kind, pattern, function, __file__, line)
            for line, (kind, pattern, function) in enumerate(definitions, 1)
        )
        self.status: int | None = None
        servant_in, peer_out = os.pipe()
        peer_in, servant_out = os.pipe()
        self._channel = Channel(servant_in, servant_out)
        session = Session(registry, "me", failure_names or {})
        self.server = Server(
            registry, session, self._channel, platform="test", bare_health=bare_health
        )
        self._log_handler = StepLogHandler(lambda: session.running)
        logging.getLogger().addHandler(self._log_handler)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        super().__init__(os.fdopen(peer_out, "wb"), os.fdopen(peer_in, "rb"))

    def end(self) -> int:
        """Ends the servant if it has not ended, and gives its status."""
        if self.status is None:
            os.write(self.server.wake_fd, bytes([SHUTDOWN]))
        return self.await_status()

    def await_status(self) -> int:
        self._thread.join(PATIENCE)
        logging.getLogger().removeHandler(self._log_handler)
        assert self.status is not None, "the servant did not end"
        self.await_end()
        if not self._to.closed:
            self._to.close()
        return self.status

    def _serve(self) -> None:
        status = self.server.run()
        self._channel.close()
        self.server.close()
        self.status = status
