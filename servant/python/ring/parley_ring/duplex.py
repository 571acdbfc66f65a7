"""Requests and responses over two buffers (ring protocol, Duplex channel)."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from .errors import BufferFull, Closed, NoReader, RingError, WriterDead, WriterGone
from .frame import Frame
from .inspection import inspect
from .process import MAX_PID, process_dead
from .reader import RingReader
from .waiting import DEFAULT_TIMEOUT, PAUSE, check_cancelled, now
from .writer import RingWriter

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_REQUEST: Final = "_request"
_RESPONSE: Final = "_response"


class DuplexServer:
    """The serving end: it reads requests and writes responses, which correspond in order.

    It serves one client after the other; a context manager that closes it.

    Attributes:
        name: The channel's name.
        requests: The request buffer.
    """

    def __init__(self, name: str, requests: RingReader) -> None:
        self.name = name
        self.requests = requests
        # Held while the client is exchanged.
        self._exchanging = threading.Lock()
        self._responses: RingWriter | None = None
        self._closed = False

    @classmethod
    def create(
        cls,
        name: str,
        *,
        metadata_size: int = 0,
        payload_size: int,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> DuplexServer:
        """Make the request buffer NAME_request.

        Args:
            name: The channel's name.
            metadata_size: The size of the request buffer's metadata block in bytes.
            payload_size: The size of its payload block in bytes.
            timeout: How long each wait lasts, in seconds.

        Raises:
            RingError: As `RingReader.create`.
        """
        requests = RingReader.create(
            name + _REQUEST,
            metadata_size=metadata_size,
            payload_size=payload_size,
            timeout=timeout,
        )
        return cls(name, requests)

    def accept(
        self, *, timeout: float | None = None, cancel: threading.Event | None = None
    ) -> None:
        """Wait for a client and its response buffer; the client before is given up.

        Args:
            timeout: How long to wait for each in seconds; None is the server's timeout.
            cancel: An event that another thread may set to end the wait, within 100 ms.

        Raises:
            ReadTimeout: There is no client.
            RingError: As `RingWriter.connect`, without its response buffer.
            Cancelled: `cancel` is set.
        """
        self._dismiss()
        limit = self.requests.timeout if timeout is None else timeout
        self.requests.wait_writer(timeout=limit, cancel=cancel)
        responses = RingWriter.connect_wait(
            self.name + _RESPONSE, wait=limit, timeout=self.requests.timeout, cancel=cancel
        )
        with self._exchanging:
            if not self._closed:
                self._responses = responses
                return
        responses.close()
        raise Closed(self.requests.name)

    def receive(
        self, *, timeout: float | None = None, cancel: threading.Event | None = None
    ) -> Frame:
        """Give the next request, in place.

        Once the client has gone or died, and its requests are read, it is dismissed: `accept`
        takes the next.

        Args:
            timeout: How long to wait in seconds; None is the server's timeout.
            cancel: An event that another thread may set to end the wait, within 100 ms.

        Raises:
            RingError: As `RingReader.read`.
            Cancelled: `cancel` is set.
        """
        try:
            return self.requests.read(timeout=timeout, cancel=cancel)
        except (WriterGone, WriterDead):
            self._dismiss()
            raise

    def respond(
        self,
        data: ReadableBuffer,
        *,
        timeout: float | None = None,
        cancel: threading.Event | None = None,
    ) -> None:
        """Answer the oldest request that is not answered yet.

        Args:
            data: The response.
            timeout: How long to wait for space in seconds; None is the server's timeout.
            cancel: An event that another thread may set to end the wait, within 100 ms.

        Raises:
            NoReader: No client was accepted.
            RingError: As `RingWriter.write`.
            Cancelled: `cancel` is set.
        """
        self.responses.write(data, timeout=timeout, cancel=cancel)

    @property
    def responses(self) -> RingWriter:
        """The client's response buffer, for writing in place.

        Raises:
            NoReader: No client was accepted.
        """
        responses = self._responses
        if responses is None:
            raise NoReader(self.name + _RESPONSE, "no client was accepted: call accept first")
        return responses

    def _dismiss(self) -> None:
        with self._exchanging:
            responses, self._responses = self._responses, None
        if responses is not None:
            responses.close()

    def close(self) -> None:
        """End the server and remove the request buffer; the client learns of it."""
        with self._exchanging:
            self._closed = True
        self.requests.close()
        self._dismiss()

    def __enter__(self) -> DuplexServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class DuplexClient:
    """The asking end; a context manager that closes it.

    Attributes:
        name: The channel's name.
        requests: The request buffer, for batches and for writing in place.
        responses: The response buffer.
    """

    def __init__(self, name: str, requests: RingWriter, responses: RingReader) -> None:
        self.name = name
        self.requests = requests
        self.responses = responses

    @classmethod
    def connect(
        cls,
        name: str,
        *,
        metadata_size: int = 0,
        payload_size: int,
        timeout: float = DEFAULT_TIMEOUT,
        wait: float = 0.0,
        cancel: threading.Event | None = None,
    ) -> DuplexClient:
        """Connect to the request buffer NAME_request and make the response buffer NAME_response.

        It first waits, at most `timeout`, until the server has read what an earlier client left:
        it could not tell those requests from ours, and we would get their responses.

        Args:
            name: The channel's name.
            metadata_size: The size of the response buffer's metadata block in bytes.
            payload_size: The size of its payload block in bytes.
            timeout: How long each wait lasts, in seconds.
            wait: How long to wait for a server, in seconds.
            cancel: An event that another thread may set to end the wait, within 100 ms.

        Raises:
            BufferFull: An earlier client's requests stay unread.
            RingError: As `RingWriter.connect` and `RingReader.create`.
            Cancelled: `cancel` is set.
        """
        _await_earlier(name + _REQUEST, timeout, cancel)
        with ExitStack() as undo:
            requests = RingWriter.connect_wait(
                name + _REQUEST, wait=wait, timeout=timeout, cancel=cancel
            )
            undo.callback(requests.close)
            responses = RingReader.create(
                name + _RESPONSE,
                metadata_size=metadata_size,
                payload_size=payload_size,
                timeout=timeout,
            )
            undo.pop_all()
        return cls(name, requests, responses)

    def call(
        self,
        request: ReadableBuffer,
        *,
        timeout: float | None = None,
        cancel: threading.Event | None = None,
    ) -> Frame:
        """Send a request and wait for its response, which the caller releases.

        Calls must not overlap; for several requests on the way use `send` and `receive`.

        Args:
            request: The request.
            timeout: How long to wait for each in seconds; None is the client's timeout.
            cancel: An event that another thread may set to end the wait, within 100 ms.

        Raises:
            RingError: As `RingWriter.write` and `RingReader.read`.
            Cancelled: `cancel` is set.
        """
        self.send(request, timeout=timeout, cancel=cancel)
        return self.receive(timeout=timeout, cancel=cancel)

    def send(
        self,
        request: ReadableBuffer,
        *,
        timeout: float | None = None,
        cancel: threading.Event | None = None,
    ) -> None:
        """Send a request; as `RingWriter.write`."""
        self.requests.write(request, timeout=timeout, cancel=cancel)

    def receive(
        self, *, timeout: float | None = None, cancel: threading.Event | None = None
    ) -> Frame:
        """Give the response to the oldest request that has none yet; as `RingReader.read`."""
        return self.responses.read(timeout=timeout, cancel=cancel)

    def close(self) -> None:
        """End the client and remove the response buffer; the server learns of it."""
        self.requests.close()
        self.responses.close()

    def __enter__(self) -> DuplexClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _await_earlier(name: str, timeout: float, cancel: threading.Event | None) -> None:
    """Wait until no requests of a client that is gone are unread.

    What else is wrong with the buffer, connecting will say.
    """
    start = now()
    while True:
        try:
            state = inspect(name)
        except RingError:
            return
        unread = state.payload_free_bytes < state.payload_size
        if not unread or not _alive(state.reader_pid) or _alive(state.writer_pid):
            return
        check_cancelled(cancel, name, "connect")
        if now() - start >= timeout:
            raise BufferFull(name, timeout, "an earlier client's requests were not read")
        time.sleep(PAUSE)


def _alive(pid: int) -> bool:
    return 0 < pid <= MAX_PID and not process_dead(pid)
