"""The commands `pong` and `ping`: the two ends of a duplex channel."""

from __future__ import annotations

import threading
import time
from typing import TextIO

from parley_ring import DuplexClient, DuplexServer, Frame, WriterGone, pattern

from .results import NOT_SET_UP, CheckFailed, Result, latency, told, transfer
from .words import Command


def pong(command: Command, cancel: threading.Event, stdout: TextIO) -> Result:
    """Answer each request with its own bytes until the client closes.

    Raises:
        Failure: The channel cannot be made, or the client does not come, or dies.
    """
    with told(status=NOT_SET_UP):
        server = DuplexServer.create(
            command.name,
            metadata_size=command.metadata,
            payload_size=command.payload,
            timeout=command.timeout,
        )
    with server:
        stdout.write("ready\n")
        stdout.flush()
        with told():
            server.accept(cancel=cancel)
        frames = size = 0
        start = time.perf_counter()
        with told(lambda: f"after {frames} requests: "):
            while True:
                try:
                    request = server.receive(cancel=cancel)
                except WriterGone:
                    return transfer(frames, size, time.perf_counter() - start)
                with request:
                    frames += 1
                    size += request.size
                    server.respond(request.data, cancel=cancel)


def ping(command: Command, cancel: threading.Event) -> Result:
    """Measure round trips, from the commit of a request to its response.

    The request is filled before the clock starts, the response checked after it stopped.

    Raises:
        Failure: There is no server, or a response does not come or is not right.
    """
    with told(status=NOT_SET_UP):
        client = DuplexClient.connect(
            command.name,
            metadata_size=command.metadata,
            payload_size=command.payload,
            timeout=command.timeout,
            wait=command.connect_timeout,
            cancel=cancel,
        )
    samples: list[int] = []
    done = 0
    with client, told(lambda: f"after {done} round trips: "):
        for number in range(1, command.warmup + command.count + 1):
            with client.requests.acquire(command.size, cancel=cancel) as request:
                pattern.fill_frame(request.data, number)
                start = time.perf_counter_ns()
                request.commit()
                response = client.receive(cancel=cancel)
                took = time.perf_counter_ns() - start
            with response:
                _check(response, command.size, number)
            done = number
            if number > command.warmup:
                samples.append(took)
    return latency(command.size, samples)


def _check(response: Frame, size: int, number: int) -> None:
    if response.size != size:
        message = f"response {number} has {response.size} bytes, expected {size}"
        raise CheckFailed("SizeMismatch", message)
    wrong = pattern.wrong_byte_of_frame(response.data, number)
    if wrong is not None:
        raise CheckFailed("DataMismatch", wrong)
