"""Each check of a duplex channel notices what it is there for: the reader serves, the writer asks.

The last step of each case fails, those before it pass.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from parley import Mismatch
from parley_ring import FrameTooLarge, InUse, NotFound, ReadTimeout
from parley_steps import channels
from parley_steps.server_end import check_request, flipped

if TYPE_CHECKING:
    from roles import Roles

    from parley_ring import Frame

OPENED = ["'reader' opens channel 'c' with '4096' bytes for requests"]
JOINED = [*OPENED, "'writer' connects to channel 'c' with '4096' bytes for responses"]
ASKED = [*JOINED, "'writer' sends '1' requests of '5' bytes"]
ECHO = "'reader' echoes '1' requests"
ANSWERED = [*ASKED, ECHO]
EXCHANGE = "'writer' sends a request of '5' bytes and gets it back"
MEASURE = "'writer' measures '1' of '1' round trips of '5' bytes"

LATER = (
    "'writer' sends '2' requests of '5' bytes and has all of them back "
    "after '3600000' milliseconds at the earliest"
)


def response(size: int) -> str:
    return f"'writer' gets '1' responses of '{size}' bytes back, in order"


@pytest.mark.parametrize(
    ("steps", "expected", "actual", "what"),
    [
        (
            [*ANSWERED, "'reader' has answered '2' requests"],
            "2",
            "1",
            "requests answered since the channel was opened",
        ),
        ([*ANSWERED, response(6)], "6", "5", "bytes of response 1"),
        (
            [*ANSWERED, "'writer' fails to get a response: 'WriterGone'"],
            "WriterGone",
            "success",
            "get a response",
        ),
        (
            [
                *ASKED,
                "'reader' accepts the client",
                "'reader' fails to get a request: 'WriterDead'",
            ],
            "WriterDead",
            "success",
            "get a request",
        ),
        (
            [
                *JOINED,
                "'reader' accepts the client",
                "'writer' closes its channel",
                "'reader' fails to get a request: 'WriterDead'",
            ],
            "WriterDead",
            "WriterGone (",
            "get a request",
        ),
        (
            [*JOINED, "'writer' fails to send a request of '5' bytes: 'NoReader'"],
            "NoReader",
            "success",
            "send request 1 of 5 bytes",
        ),
        (
            [*JOINED, "'writer' closes its buffer", "'writer' has nothing open"],
            "nothing",
            "an end of a channel",
            "open in this process",
        ),
    ],
)
def test_what_is_not_as_expected(
    roles: Roles, steps: list[str], expected: str, actual: str, what: str
) -> None:
    roles.find_mismatch(steps, expected, actual, what)


@pytest.mark.parametrize(
    ("steps", "error", "message"),
    [
        ([*OPENED, OPENED[0].replace("reader", "writer")], InUse, "in use"),
        ([JOINED[1]], NotFound, "c_request"),
        ([*OPENED, "'reader' accepts the client"], ReadTimeout, "no writer connected"),
        ([*OPENED, ECHO], ReadTimeout, "no writer connected"),
        ([*JOINED, ECHO], ReadTimeout, "no frame"),
        ([*ASKED, response(5)], ReadTimeout, "no frame"),
        ([*JOINED, MEASURE], ReadTimeout, "no frame"),
        ([*JOINED, "'writer' sends '1' requests of '4081' bytes"], FrameTooLarge, "4081"),
        (
            [*JOINED, "'writer' sends a request of '4081' bytes written in place and gets it back"],
            FrameTooLarge,
            "4081",
        ),
        ([*JOINED, MEASURE.replace("'1' of", "'2' of")], ValueError, "2 of 1 round trips"),
        ([*JOINED, MEASURE.replace("'1' of", "'0' of")], ValueError, "0 of 1 round trips"),
        ([*ASKED, EXCHANGE], AssertionError, "1 requests have no response yet"),
        (
            [*ASKED, EXCHANGE.replace("and gets it", "written in place and gets it")],
            AssertionError,
            "have no response yet",
        ),
        (
            [*ASKED, EXCHANGE.replace("it back", "every bit flipped")],
            AssertionError,
            "have no response yet",
        ),
        ([*ASKED, MEASURE], AssertionError, "have no response yet"),
        (
            [*JOINED, "'reader' sends '1' requests of '5' bytes"],
            AssertionError,
            "connected to no channel",
        ),
        ([*JOINED, ECHO.replace("reader", "writer")], AssertionError, "has opened no channel"),
        (["'writer' closes its channel"], AssertionError, "has no channel open"),
    ],
)
def test_steps_that_end_with_an_error(
    roles: Roles, steps: list[str], error: type[Exception], message: str
) -> None:
    roles.fail(steps, error, message)


def test_a_request_that_is_no_pattern(roles: Roles) -> None:
    for step in ASKED:
        roles.perform(step)
    roles.poke("c_request", 16 + 2, b"\x04")
    roles.find_mismatch([ECHO], "0x03", "0x04", "byte 2 of request 1")


def test_a_request_that_is_not_left_as_it_was(roles: Roles) -> None:
    for step in ASKED:
        roles.perform(step)

    def respond(request: Frame) -> None:
        roles.poke("c_request", 16, flipped(bytes(request.data)))
        check_request(request)

    server = channels.serving(roles.reader.scenario())
    with pytest.raises(Mismatch, match=r"^byte 0 of request 1: expected 0x01, got 0xfe$"):
        server.answer(1, respond, roles.reader.cancelled)


def test_another_response(roles: Roles) -> None:
    for step in ANSWERED:
        roles.perform(step)
    roles.poke("c_response", 16 + 4, b"\x06")
    roles.find_mismatch([response(5)], "0x05", "0x06", "byte 4 of response 1")


def test_a_response_that_is_not_flipped(roles: Roles) -> None:
    for step in ANSWERED:
        roles.perform(step)
    client = channels.asking(roles.writer.scenario())
    with pytest.raises(Mismatch, match=r"^byte 0 of response 1: expected 0xfe, got 0x01$"):
        client.receive(5, roles.writer.cancelled, flip=True)


def test_responses_that_come_too_early(roles: Roles) -> None:
    for step in JOINED:
        roles.perform(step)
    for role in "reader", "writer":
        roles.perform(f"'{role}' waits at most '20000' milliseconds for the other side")
    serving = threading.Thread(target=roles.perform, args=["'reader' echoes '2' requests"])
    serving.start()
    try:
        roles.find_mismatch(
            [LATER], "at least 3600000 ms", "", "time until all responses were there"
        )
    finally:
        serving.join()
    roles.perform("'reader' has answered '2' requests")


def test_opening_and_connecting_again_close_the_channel_of_before(roles: Roles) -> None:
    for step in ANSWERED:
        roles.perform(step)
    # The same names again: nothing of the earlier channel is left.
    for step in ASKED:
        roles.perform(step)
    roles.perform("'reader' has answered '0' requests")
    roles.perform(ECHO)
    roles.perform(response(5))


def test_an_open_channel_becomes_as_patient(roles: Roles) -> None:
    for step in [*JOINED, "'reader' accepts the client"]:
        roles.perform(step)
    for role in "reader", "writer":
        roles.perform(f"'{role}' waits at most '30' milliseconds for the other side")
    roles.perform("'writer' fails to get a response: 'ReadTimeout naming within 0.03 s'")
    roles.perform("'reader' fails to get a request: 'ReadTimeout naming within 0.03 s'")
