"""Each check of features 1 to 4 notices what it is there for.

The last step of each case fails, those before it pass. A failure says what was expected and what
came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parley import Mismatch
from parley_ring import BufferFull, FrameTooLarge, InUse, ReadTimeout, RingError

if TYPE_CHECKING:
    from roles import Roles

WRITTEN = "'writer' writes a frame of '5' bytes"
ADDED = "'writer' writes '10' bytes of metadata"


@pytest.mark.parametrize(
    ("steps", "expected", "actual", "what"),
    [
        ([WRITTEN, "'reader' reads frame '1' of '6' bytes"], "6", "5", "bytes of frame 1"),
        ([WRITTEN, "'reader' reads frame '2' of '5' bytes"], "2", "1", "sequence number"),
        (
            [WRITTEN, "'reader' finds no frame waiting"],
            "ReadTimeout",
            "frame 1 of 5 bytes",
            "look for a frame: error",
        ),
        (
            ["'writer' closes its buffer", "'reader' finds no frame waiting"],
            "ReadTimeout",
            "WriterGone (",
            "look for a frame: error",
        ),
        ([WRITTEN, "'writer' has written '2' frames"], "2", "1", "frames written"),
        (
            ["'writer' fails to write a frame of '5' bytes: 'BufferFull'"],
            "BufferFull",
            "success",
            "write frame 1 of 5 bytes: error",
        ),
        (
            ["'writer' fails to write a frame of '0' bytes: 'BufferFull'"],
            "BufferFull",
            "EmptyFrame (",
            "write frame 1 of 0 bytes: error",
        ),
        (
            [
                "'writer' closes its buffer",
                "'writer' fails to connect to buffer 'b': 'WriterExists'",
            ],
            "WriterExists",
            "success",
            "connect to buffer 'b'",
        ),
        (
            [WRITTEN, "'reader' fails to read a frame: 'WriterDead'"],
            "WriterDead",
            "frame 1 of 5 bytes",
            "read a frame",
        ),
        ([ADDED, "'reader' finds '11' bytes of metadata"], "11", "10", "bytes of metadata"),
        (["'reader' finds '11' bytes of metadata"], "11", "none written", "bytes of metadata"),
        ([ADDED, "'reader' finds no metadata"], "none", "10 bytes", "metadata"),
        (
            ["'writer' fails to write '1' bytes of metadata: 'MetadataTooLarge'"],
            "MetadataTooLarge",
            "success",
            "write 1 bytes of metadata",
        ),
        (
            ["'reader' sees exactly one winner in each of '1' races, the other told 'InUse'"],
            "1",
            "0",
            "races that were reported",
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
        (["'reader' reads frame '1' of '3' bytes"], ReadTimeout, "no frame"),
        ([WRITTEN, "'reader' reads frames '1' to '2' of '5' bytes"], ReadTimeout, "no frame"),
        (["'writer' writes a frame of '10225' bytes"], FrameTooLarge, "10225"),
        (
            ["'writer' writes frames of '90000' bytes until the buffer is full"],
            FrameTooLarge,
            "90000",
        ),
        (
            [
                "'writer' writes a frame of '10224' bytes",
                "'writer' writes a frame of '1' bytes without waiting",
            ],
            BufferFull,
            "within 0 s",
        ),
        (
            ["'reader' creates buffer 'b' with '0' bytes of metadata and '64' bytes of payload"],
            InUse,
            "in use",
        ),
    ],
)
def test_errors_of_the_ring_stay_what_they_are(
    roles: Roles, steps: list[str], error: type[RingError], message: str
) -> None:
    roles.fail(steps, error, message)


@pytest.mark.parametrize(
    ("steps", "error", "message"),
    [
        (["'reader' reads frames '3' to '1' of '9' bytes"], ValueError, "frames 3 to 1 are none"),
        (["'reader' releases frame '1'"], AssertionError, "does not hold frame 1"),
        (["'writer' commits the acquired frame"], AssertionError, "has acquired no frame"),
        (["'writer' fills the acquired frame in place"], AssertionError, "has acquired no frame"),
        (["'reader' writes a frame of '1' bytes"], AssertionError, "connected to no buffer"),
        (["'writer' reads frame '1' of '1' bytes"], AssertionError, "has created no buffer"),
        (["'writer' closes its buffer"] * 2, AssertionError, "has no buffer open"),
        (["'reader' race to create buffers 'r-2' to 'r-1'"], ValueError, "is no range"),
    ],
)
def test_steps_that_cannot_be_performed(
    roles: Roles, steps: list[str], error: type[Exception], message: str
) -> None:
    roles.fail(steps, error, message)


@pytest.mark.parametrize("at", [0, 2, 4])
def test_a_wrong_byte(roles: Roles, at: int) -> None:
    roles.perform(WRITTEN)
    roles.poke("b", 16 + at, b"\xaa")
    with pytest.raises(Mismatch, match=f"^byte {at} of frame 1: expected 0x0{1 + at}, got 0xaa$"):
        roles.perform("'reader' reads and releases frame '1' of '5' bytes")


def test_a_frame_that_changes_while_it_is_held(roles: Roles) -> None:
    roles.perform(WRITTEN)
    roles.perform("'reader' reads frame '1' of '5' bytes")
    roles.perform("'reader' still holds frame '1' unchanged")
    roles.poke("b", 16 + 4, b"\x00")
    with pytest.raises(Mismatch, match=r"^byte 4 of frame 1: expected 0x05, got 0x00$"):
        roles.perform("'reader' still holds frame '1' unchanged")


def test_a_wrong_byte_of_metadata(roles: Roles) -> None:
    roles.perform(ADDED)
    # In front of metadata stands its size.
    roles.poke_metadata("b", 8 + 1, b"\xaa")
    with pytest.raises(Mismatch, match=r"^byte 1 of the metadata: expected 0x0a, got 0xaa$"):
        roles.perform("'reader' finds '10' bytes of metadata")


def test_connecting_again_closes_the_writer_of_before(roles: Roles) -> None:
    for _ in range(2):
        roles.perform("'writer' connects to buffer 'b'")
        roles.perform("'writer' has written '0' frames")
        # Sequence numbers begin again with the connection.
        roles.perform(WRITTEN)
        roles.perform("'reader' reads and releases frame '1' of '5' bytes")
        roles.perform("'writer' has written '1' frames")


def test_what_is_opened_later_is_as_patient(roles: Roles) -> None:
    roles.perform("'writer' connects to buffer 'b'")
    roles.perform("'writer' writes a frame of '10224' bytes")
    roles.perform("'writer' fails to write a frame of '1' bytes: 'BufferFull timeout=20'")


def test_the_end_releases_what_is_held(roles: Roles) -> None:
    roles.perform(WRITTEN)
    roles.perform("'reader' reads frame '1' of '5' bytes")
    roles.perform("'writer' acquires a frame of '5' bytes")
