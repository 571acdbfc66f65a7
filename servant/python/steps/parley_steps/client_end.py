"""A duplex channel that this process is connected to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from parley import Mismatch
from parley_ring import DuplexClient, Frame, pattern
from parley_steps.reader_end import compare
from parley_steps.server_end import flipped

if TYPE_CHECKING:
    import threading


class ClientEnd:
    """The client's end of a channel, for steps. Request n, from 1, carries that frame's pattern.

    Attributes:
        client: The client.
        sent: The requests since the client connected.
        answered: The responses since then.
    """

    def __init__(self, client: DuplexClient) -> None:
        """Takes a client over."""
        self.client = client
        self.sent = 0
        self.answered = 0

    def set_timeout(self, seconds: float) -> None:
        """Sets how long calls wait for the server."""
        self.client.requests.timeout = seconds
        self.client.responses.timeout = seconds

    def next(self, size: int) -> str:
        """Describes the request that `send` would send."""
        return f"send request {self.sent + 1} of {size} bytes"

    def send(self, size: int, cancelled: threading.Event) -> None:
        """Sends the next request."""
        self.client.send(pattern.frame(size, self.sent + 1), cancel=cancelled)
        self.sent += 1

    def send_in_place(self, size: int, cancelled: threading.Event) -> None:
        """Sends the next request, written into shared memory itself."""
        with self.client.requests.acquire(size, cancel=cancelled) as slot:
            pattern.fill_frame(slot.data, self.sent + 1)
            slot.commit()
        self.sent += 1

    def receive(self, size: int, cancelled: threading.Event, *, flip: bool = False) -> None:
        """Gets the response to the oldest request that has none yet, and checks every byte.

        Args:
            size: What its size must be, in bytes.
            cancelled: Ends the wait.
            flip: Whether every bit of the request must have been flipped.

        Raises:
            RingError: There is none.
            Mismatch: It is another one.
        """
        with self.client.receive(cancel=cancelled) as response:
            self.answered += 1
            self._check(response, size, flip=flip)

    def round_trip(self, size: int, cancelled: threading.Event) -> int:
        """Sends a request and gets it back.

        Returns:
            How long it took from before the request was sent to when its response was there, in
            nanoseconds; filling the one and checking the other are not part of it.
        """
        content = pattern.frame(size, self.sent + 1)
        start = time.monotonic_ns()
        response = self.client.call(content, cancel=cancelled)
        took = time.monotonic_ns() - start
        self.sent += 1
        with response:
            self.answered += 1
            self._check(response, size)
        return took

    def _check(self, response: Frame, size: int, *, flip: bool = False) -> None:
        if response.size != size:
            raise Mismatch(
                f"bytes of response {self.answered}", expected=size, actual=response.size
            )
        expected = pattern.frame(size, self.answered)
        compare(f"response {self.answered}", flipped(expected) if flip else expected, response.data)

    def close(self) -> None:
        """Closes the channel."""
        self.client.close()
