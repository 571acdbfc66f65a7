"""Each check of features 9, 11 and 14 notices what it is there for.

The last step of each case fails, those before it pass.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

import pytest
from roles import left_by

from parley import Mismatch
from parley_ring import NotFound, ReadTimeout, objects

if TYPE_CHECKING:
    from roles import Roles

WRITTEN = "'writer' writes a frame of '5' bytes"
SERIES = "'reader' creates buffers 'm1', 'm2' and so on until it is refused: 'InUse'"
UNTIL_REST = "'reader' reads frames of '1' to '8' bytes, seed '7', until the writer rests"
OTHER_SEED = (
    "'reader' reads '3' frames of '1' to '900' bytes, seed '8', "
    "holding up to '1' and pausing up to '0' microseconds"
)


def told(errors: str) -> str:
    return (
        "'writer' connects to buffer 'b' and closes it '1' times, "
        f"told nothing but '{errors}' in between"
    )


def created(name: str) -> str:
    return f"'reader' creates buffer '{name}' with '0' bytes of metadata and '64' bytes of payload"


@pytest.mark.parametrize(
    ("steps", "expected", "actual", "what"),
    [
        (
            [told("NotFound, NoReader")],
            "NotFound, NoReader",
            "WriterExists (",
            "connect to buffer 'b', having done so 0 of 1 times",
        ),
        (
            ["'reader' has nothing open"],
            "nothing",
            "a buffer that it created",
            "open in this process",
        ),
        (
            ["'writer' has nothing open"],
            "nothing",
            "a buffer that it is connected to",
            "open in this process",
        ),
        (
            [
                created("m3"),
                SERIES,
                "'reader' closes its buffer",
                "'reader' closes its buffer",
                "'reader' has nothing open",
            ],
            "nothing",
            "further buffers",
            "open in this process",
        ),
        (
            ["'writer' writes '3' frames of '1' to '900' bytes, seed '7'", OTHER_SEED],
            "23",
            "688",
            "bytes of frame 1",
        ),
        (
            ["'writer' writes a frame of '9' bytes", UNTIL_REST],
            "at least 1",
            "0",
            "frames before the closing one",
        ),
        (
            [
                WRITTEN,
                "'reader' reads and releases the next frame of '5' bytes",
                WRITTEN,
                "'reader' reads and releases the next frame of '6' bytes",
            ],
            "6",
            "5",
            "bytes of frame 2",
        ),
        (
            [created("m3"), SERIES.replace("InUse", "System")],
            "System",
            "InUse (",
            "create buffer 'm3'",
        ),
        (
            [
                created("m8"),
                SERIES,
                "'reader' has created at least '8' of them, and each carries a frame",
            ],
            "at least 8",
            "7",
            "buffers created",
        ),
        (
            [
                "'writer' writes '2' frames of '5' bytes",
                "'reader' reads frames '1' to '2' of '6' bytes and reports the rate",
            ],
            "6",
            "5",
            "bytes of frame 1",
        ),
        (
            [
                "'writer' writes a frame of '15' bytes",
                "'reader' reads '1' time stamps and reports how long each was on its way",
            ],
            "16",
            "15",
            "bytes of time stamp 1",
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
        ([told("NotFound, None")], ValueError, "no error named 'None'"),
        (
            ["'writer' writes '3' frames of '9' to '8' bytes, seed '7'"],
            ValueError,
            "frames of 9 to 8 bytes cannot be drawn",
        ),
        (
            ["'writer' writes '3' frames of '0' to '8' bytes, seed '7'"],
            ValueError,
            "frames of 0 to 8 bytes cannot be drawn",
        ),
        (
            ["'writer' writes '3' frames of '1' to '8' bytes, seed '7'", UNTIL_REST],
            ReadTimeout,
            "no frame",
        ),
        ([SERIES.replace("m2", "n2")], ValueError, "not the first two of one series"),
        (
            ["'reader' reads frames '2' to '1' of '6' bytes and reports the rate"],
            ValueError,
            "frames 2 to 1 are none",
        ),
        (
            [
                WRITTEN,
                "'reader' reads frames '1' to '1' of '5' bytes and reports the rate against memcpy",
                "'reader' reports the ratio of its last two rates",
            ],
            ValueError,
            "has reported 1 rates",
        ),
        (
            ["'reader' measures '0' atomic additions against '1' plain ones"],
            ValueError,
            "0 atomic and 1 plain",
        ),
        (["'writer' writes '1' time stamps, '0' a second"], ValueError, "0 time stamps a second"),
        (
            ["'reader' reads '0' time stamps and reports how long each was on its way"],
            ValueError,
            "0 time stamps",
        ),
    ],
)
def test_steps_that_end_with_an_error(
    roles: Roles, steps: list[str], error: type[Exception], message: str
) -> None:
    roles.fail(steps, error, message)


def test_a_frame_that_changes_while_it_is_held(roles: Roles) -> None:
    reader = roles.reader.process.reader
    roles.perform(WRITTEN)
    roles.perform("'reader' reads frame '1' of '5' bytes")
    roles.poke("b", 16 + 2, b"\0")
    with pytest.raises(Mismatch, match=r"^byte 2 of frame 1: expected 0x03, got 0x00$"):
        reader.release_unchanged([1])


def test_a_buffer_of_a_series_that_carries_nothing(roles: Roles) -> None:
    roles.perform(created("m8"))
    roles.perform(SERIES)
    second = roles.reader.process.many[1].reader.name
    os.unlink(objects(second).segment)
    step = "'reader' has created at least '7' of them, and each carries a frame"
    roles.fail([step], NotFound, second)


def test_a_series_is_closed_alone(roles: Roles) -> None:
    roles.perform(created("m8"))
    roles.perform(SERIES)
    roles.perform("'reader' has created at least '7' of them, and each carries a frame")
    assert len(roles.reader.process.many) == 3
    roles.perform("'reader' closes all of them")
    assert left_by(roles.prefix + "m8")
    assert [left_by(f"{roles.prefix}m{number}") for number in range(1, 8)] == [[]] * 7


@pytest.mark.parametrize(
    ("stamp", "expected", "actual", "what"),
    [
        ((1, 2), "1", "2", "number of the time stamp"),
        ((1 << 62, 1), "before it was read", "", "time stamp 1 was written"),
    ],
)
def test_wrong_stamps(
    roles: Roles, stamp: tuple[int, int], expected: str, actual: str, what: str
) -> None:
    roles.perform("'writer' writes '1' time stamps, '1000' a second")
    roles.poke("b", 16, struct.pack("<QQ", *stamp))
    roles.find_mismatch(
        ["'reader' reads '1' time stamps and reports how long each was on its way"],
        expected,
        actual,
        what,
    )
