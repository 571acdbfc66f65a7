"""Requests and responses (ring protocol, Duplex channel)."""

from __future__ import annotations

import threading

import pytest
from ring_helpers import LIMIT, Call, Outside, leftovers

from parley_ring import (
    BufferFull,
    Cancelled,
    Closed,
    DuplexClient,
    DuplexServer,
    InUse,
    NoReader,
    NotFound,
    ReadTimeout,
    RingReader,
    RingWriter,
    WriterGone,
    inspect,
    pattern,
)

PAYLOAD = 65536


def serve(server: DuplexServer) -> int:
    """Answer with the request's bytes reversed until the client goes; give how many there were."""
    server.accept()
    answered = 0
    while True:
        try:
            request = server.receive()
        except WriterGone:
            return answered
        with request:
            server.respond(bytes(request.data)[::-1])
            answered += 1


def test_one_client_after_the_other(name: str) -> None:
    with DuplexServer.create(name, payload_size=PAYLOAD, timeout=LIMIT) as server:
        for clients in range(1, 4):
            serving = Call(lambda: serve(server))
            with DuplexClient.connect(name, payload_size=PAYLOAD, timeout=LIMIT) as client:
                for size in (1, 100, 5000):
                    content = pattern.frame(size, clients)
                    with client.call(content) as response:
                        assert bytes(response.data) == content[::-1]
            assert serving.result() == 3
    assert not leftovers(name)


def test_responses_come_in_the_order_of_the_requests(name: str) -> None:
    with DuplexServer.create(name, payload_size=PAYLOAD, timeout=LIMIT) as server:
        serving = Call(lambda: serve(server))
        with DuplexClient.connect(name, payload_size=PAYLOAD, timeout=LIMIT) as client:
            for number in range(20):
                client.send(f"request {number}".encode())
            for number in range(20):
                with client.receive() as response:
                    assert bytes(response.data)[::-1] == f"request {number}".encode()
        assert serving.result() == 20


def test_a_client_waits_for_its_server(name: str) -> None:
    with pytest.raises(NotFound):
        DuplexClient.connect(name, payload_size=64)
    connecting = Call(lambda: DuplexClient.connect(name, payload_size=64, wait=LIMIT))
    with DuplexServer.create(name, payload_size=64), connecting.result() as client:
        assert inspect(f"{name}_request").writer_pid == inspect(f"{name}_response").reader_pid
        client.send(b"x")


def test_a_server_without_a_client(name: str) -> None:
    with DuplexServer.create(name, payload_size=64, timeout=0) as server:
        with pytest.raises(ReadTimeout):
            server.accept()
        with pytest.raises(NoReader, match="no client was accepted"):
            server.respond(b"x")
        cancel = threading.Event()
        accepting = Call(lambda: server.accept(timeout=LIMIT, cancel=cancel))
        cancel.set()
        with pytest.raises(Cancelled):
            accepting.result()
        with RingWriter.connect(f"{name}_request"), pytest.raises(NotFound):
            server.accept()


def test_a_server_that_closes_ends_its_calls(name: str) -> None:
    server = DuplexServer.create(name, payload_size=PAYLOAD, timeout=LIMIT)
    accepting = Call(server.accept)
    with DuplexClient.connect(name, payload_size=PAYLOAD, timeout=LIMIT) as client:
        accepting.result()
        receiving = Call(server.receive)
        Outside(f"{name}_request").asleep("w")
        server.close()
        with pytest.raises(Closed):
            receiving.result()
        with pytest.raises(NoReader):
            client.send(b"x")
        with pytest.raises(WriterGone):
            client.receive()


def test_a_client_does_not_get_an_earlier_ones_responses(name: str) -> None:
    with DuplexServer.create(name, payload_size=PAYLOAD, timeout=LIMIT) as server:
        with DuplexClient.connect(name, payload_size=PAYLOAD) as first:
            first.send(b"unanswered")
        with pytest.raises(BufferFull, match="earlier client"):
            DuplexClient.connect(name, payload_size=PAYLOAD, timeout=0.02)
        connecting = Call(lambda: DuplexClient.connect(name, payload_size=PAYLOAD, timeout=LIMIT))
        server.requests.read().release()
        connecting.result().close()


def test_a_client_that_fails_leaves_nothing(name: str) -> None:
    with (
        DuplexServer.create(name, payload_size=64),
        RingReader.create(f"{name}_response", payload_size=64),
    ):
        with pytest.raises(InUse):
            DuplexClient.connect(name, payload_size=64)
        assert inspect(f"{name}_request").writer_pid == 0
