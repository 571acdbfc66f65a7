"""A duplex channel that this process has opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley_ring import DuplexServer, Frame, NoReader, pattern
from parley_steps.reader_end import compare

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

_FLIPPED = bytes(byte ^ 0xFF for byte in range(256))


class ServerEnd:
    """The server's end of a channel, for steps.

    Attributes:
        server: The server.
        answered: The requests answered since the channel was opened.
    """

    def __init__(self, server: DuplexServer) -> None:
        """Takes a server over."""
        self.server = server
        self.answered = 0

    def set_timeout(self, seconds: float) -> None:
        """Sets how long calls wait for the client."""
        self.server.requests.timeout = seconds
        if self.has_client():
            self.server.responses.timeout = seconds

    def has_client(self) -> bool:
        """Whether a client is accepted."""
        try:
            return self.server.responses is not None
        except NoReader:
            return False

    def answer(
        self, count: int, respond: Callable[[Frame], None], cancelled: threading.Event
    ) -> None:
        """Answers requests, accepting the client first if there is none; each is checked before.

        Raises:
            RingError: The client has gone, or did nothing in time.
            Mismatch: A request has a wrong byte.
        """
        if not self.has_client():
            self.server.accept(cancel=cancelled)
        for _ in range(count):
            with self.server.receive(cancel=cancelled) as request:
                check_request(request)
                respond(request)
            self.answered += 1

    def echo(self, request: Frame, cancelled: threading.Event) -> None:
        """Answers with the request's own bytes."""
        self.server.respond(request.data, cancel=cancelled)

    def flip(self, request: Frame, cancelled: threading.Event) -> None:
        """Answers with every bit flipped, made in place; the request must stay as it was."""
        with self.server.responses.acquire(request.size, cancel=cancelled) as slot:
            slot.data[:] = flipped(bytes(request.data))
            slot.commit()
        check_request(request)

    def close(self) -> None:
        """Closes the channel."""
        self.server.close()


def check_request(request: Frame) -> None:
    """Checks every byte of a request.

    Raises:
        Mismatch: One is wrong.
    """
    expected = pattern.frame(request.size, request.sequence)
    compare(f"request {request.sequence}", expected, request.data)


def flipped(data: bytes) -> bytes:
    """Every bit the other way round."""
    return data.translate(_FLIPPED)
