"""Steps of features/13-duplex-channel.feature."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from parley import Mismatch, Scenario, step, then
from parley_ring import DuplexClient, DuplexServer
from parley_steps import channels
from parley_steps.client_end import ClientEnd
from parley_steps.pieces import NUMBER, ROLE, TEXT
from parley_steps.ring_errors import refused
from parley_steps.ring_process import RingProcess
from parley_steps.server_end import ServerEnd

if TYPE_CHECKING:
    from parley_ring import Frame


@step(f"{ROLE}opens channel {TEXT} with {NUMBER} bytes for requests")
def open_channel(scenario: Scenario, role: str, name: str, payload: int) -> None:
    channels.close(scenario)
    server = DuplexServer.create(
        scenario.resource(name),
        payload_size=payload,
        timeout=scenario.state(RingProcess).patience,
    )
    channels.replace(scenario, ServerEnd(server))


@step(f"{ROLE}connects to channel {TEXT} with {NUMBER} bytes for responses")
def connect_to_channel(scenario: Scenario, role: str, name: str, payload: int) -> None:
    channels.close(scenario)
    patience = scenario.state(RingProcess).patience
    client = DuplexClient.connect(
        scenario.resource(name),
        payload_size=payload,
        timeout=patience,
        wait=patience,
        cancel=scenario.cancelled,
    )
    channels.replace(scenario, ClientEnd(client))


@step(f"{ROLE}accepts the client")
def accept_client(scenario: Scenario, role: str) -> None:
    channels.serving(scenario).server.accept(cancel=scenario.cancelled)


@step(f"{ROLE}echoes {NUMBER} requests")
def echo(scenario: Scenario, role: str, count: int) -> None:
    _echo(scenario, count)


@step(f"{ROLE}echoes {NUMBER} requests, taking {NUMBER} milliseconds over each")
def echo_slowly(scenario: Scenario, role: str, count: int, milliseconds: int) -> None:
    _echo(scenario, count, milliseconds / 1000)


def _echo(scenario: Scenario, count: int, seconds: float = 0) -> None:
    server = channels.serving(scenario)

    def respond(request: Frame) -> None:
        if seconds:
            scenario.sleep(seconds)
        server.echo(request, scenario.cancelled)

    server.answer(count, respond, scenario.cancelled)


@step(f"{ROLE}answers {NUMBER} requests with every bit flipped, the request unchanged")
def answer_flipped(scenario: Scenario, role: str, count: int) -> None:
    server = channels.serving(scenario)
    server.answer(
        count, lambda request: server.flip(request, scenario.cancelled), scenario.cancelled
    )


@then(f"{ROLE}has answered {NUMBER} requests")
def has_answered(scenario: Scenario, role: str, count: int) -> None:
    answered = channels.serving(scenario).answered
    if answered != count:
        raise Mismatch(
            "requests answered since the channel was opened", expected=count, actual=answered
        )


@step(f"{ROLE}sends {NUMBER} requests of {NUMBER} bytes")
def send_requests(scenario: Scenario, role: str, count: int, size: int) -> None:
    client = channels.asking(scenario)
    for _ in range(count):
        client.send(size, scenario.cancelled)


@step(f"{ROLE}sends a request of {NUMBER} bytes and gets it back")
def exchange(scenario: Scenario, role: str, size: int) -> None:
    _exchange(scenario, 1, size)


@step(f"{ROLE}sends {NUMBER} requests of {NUMBER} bytes and gets each back before the next")
def exchange_one_by_one(scenario: Scenario, role: str, count: int, size: int) -> None:
    _exchange(scenario, count, size)


def _exchange(scenario: Scenario, count: int, size: int) -> None:
    client = channels.calling(scenario)
    for _ in range(count):
        client.send(size, scenario.cancelled)
        client.receive(size, scenario.cancelled)


@step(f"{ROLE}sends a request of {NUMBER} bytes written in place and gets it back")
def exchange_in_place(scenario: Scenario, role: str, size: int) -> None:
    client = channels.calling(scenario)
    client.send_in_place(size, scenario.cancelled)
    client.receive(size, scenario.cancelled)


@step(f"{ROLE}sends a request of {NUMBER} bytes and gets every bit flipped")
def exchange_flipped(scenario: Scenario, role: str, size: int) -> None:
    client = channels.calling(scenario)
    client.send(size, scenario.cancelled)
    client.receive(size, scenario.cancelled, flip=True)


@step(
    f"{ROLE}sends {NUMBER} requests of {NUMBER} bytes and has all of them back "
    f"after {NUMBER} milliseconds at the earliest"
)
def exchange_not_before(
    scenario: Scenario, role: str, count: int, size: int, milliseconds: int
) -> None:
    # Earlier responses mean that the requests were not answered one after the other.
    client = channels.calling(scenario)
    start = time.monotonic()
    for _ in range(count):
        client.send(size, scenario.cancelled)
    for _ in range(count):
        client.receive(size, scenario.cancelled)
    took = 1000 * (time.monotonic() - start)
    if took < milliseconds:
        raise Mismatch(
            "time until all responses were there",
            expected=f"at least {milliseconds} ms",
            actual=f"{took:.3f} ms",
        )


@step(f"{ROLE}gets {NUMBER} responses of {NUMBER} bytes back, in order")
def get_responses(scenario: Scenario, role: str, count: int, size: int) -> None:
    client = channels.asking(scenario)
    for _ in range(count):
        client.receive(size, scenario.cancelled)


@step(f"{ROLE}fails to get a response: {TEXT}")
def fail_to_get_response(scenario: Scenario, role: str, expected: str) -> None:
    client = channels.asking(scenario).client
    with refused(expected, "get a response"):
        client.receive(cancel=scenario.cancelled).release()


@step(f"{ROLE}fails to send a request of {NUMBER} bytes: {TEXT}")
def fail_to_send(scenario: Scenario, role: str, size: int, expected: str) -> None:
    client = channels.asking(scenario)
    with refused(expected, client.next(size)):
        client.send(size, scenario.cancelled)


@step(f"{ROLE}fails to get a request: {TEXT}")
def fail_to_get_request(scenario: Scenario, role: str, expected: str) -> None:
    server = channels.serving(scenario).server
    with refused(expected, "get a request"):
        server.receive(cancel=scenario.cancelled).release()


@step(f"{ROLE}closes its channel")
def close_channel(scenario: Scenario, role: str) -> None:
    if not channels.close(scenario):
        raise AssertionError(
            "this process has no channel open; a step that opens or connects to one must come first"
        )
