"""Each check of features 5 to 8 notices what it is there for.

The last step of each case fails, those before it pass.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from roles import left_by

from parley import Table
from parley_ring import BufferFull, InUse, InvalidName
from parley_steps.records import field

if TYPE_CHECKING:
    from roles import Roles

WRITTEN = "'writer' writes a frame of '5' bytes"
FULL = "'writer' writes a frame of '10224' bytes"


def created(name: str) -> str:
    return f"'reader' creates buffer '{name}' with '0' bytes of metadata and '64' bytes of payload"


def names(*cells: str) -> Table:
    return Table.of_cells([["name in JSON"], *([cell] for cell in cells)])


@pytest.mark.parametrize(
    ("steps", "expected", "actual", "what"),
    [
        (
            [
                "'writer' acquires a frame of '9' bytes",
                "'writer' fails to commit the acquired frame: 'ReaderDead'",
            ],
            "ReaderDead",
            "success",
            "commit the acquired frame: error",
        ),
        (
            ["'reader' fails to read the metadata: 'Corrupt'"],
            "Corrupt",
            "success",
            "read the metadata",
        ),
        (
            [WRITTEN, "'reader' fails to read and release a frame: 'Corrupt'"],
            "Corrupt",
            "success",
            "read and release a frame",
        ),
        (
            ["'writer' fails to write a frame of '5' bytes at once: 'BufferFull'"],
            "BufferFull",
            "success",
            "write frame 1 of 5 bytes",
        ),
        (
            [FULL, "'writer' fails to write a frame of '5' bytes at once: 'BufferFull timeout=20'"],
            "BufferFull timeout=20",
            "BufferFull timeout=0 (",
            "write frame 2 of 5 bytes",
        ),
        (
            [
                "'writer' writes frames of '4, 6' bytes",
                "'reader' reads frames of '4, 5' bytes from frame '1' on",
            ],
            "5",
            "6",
            "bytes of frame 2",
        ),
        (
            [created("c").replace("creates", "fails to create") + ": 'System errno=ENOSPC'"],
            "System errno=ENOSPC",
            "success",
            "create buffer 'c'",
        ),
        (
            [created("b").replace("creates", "fails to create") + ": 'System'"],
            "System",
            "InUse (",
            "create buffer 'b'",
        ),
        (
            [
                "'writer' writes '1' records of '3' fields in place",
                "'reader' reads '1' records of '4' fields in place",
            ],
            "32",
            "24",
            "bytes of frame 1",
        ),
        (
            ["'reader' fails to create a buffer with a name of '245' bytes: 'InvalidName'"],
            "InvalidName",
            "success",
            "create a buffer with a name of 245 bytes",
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
        (
            ["'writer' fails to commit the acquired frame: 'ReaderDead'"],
            AssertionError,
            "acquired no frame",
        ),
        (["'writer' writes '2' frames of '6000' bytes without waiting"], BufferFull, "within 0 s"),
        (["'writer' writes frames of '4, x' bytes"], ValueError, "'x' in '4, x' is no size"),
        (
            ["'reader' creates and closes a buffer with a name of '246' bytes"],
            InvalidName,
            "246 bytes",
        ),
        (
            ["'reader' creates and closes a buffer with a name of '3' bytes"],
            ValueError,
            "is shorter than this cell's shortest",
        ),
        (["'reader' creates and closes buffer 'b'"], InUse, "in use"),
        (["'reader' creates and destroys buffer 'b' '2' times"], InUse, "in use"),
    ],
)
def test_steps_that_end_with_an_error(
    roles: Roles, steps: list[str], error: type[Exception], message: str
) -> None:
    roles.fail(steps, error, message)


def test_a_torn_record(roles: Roles) -> None:
    roles.perform("'writer' writes '1' records of '3' fields in place")
    roles.poke("b", 16 + 16, (field(1, 2) + (1 << 56)).to_bytes(8, "little"))
    roles.find_mismatch(
        ["'reader' reads '1' records of '3' fields in place"],
        "0x000000023c6ef362",
        "0x010000023c6ef362",
        "field 2 of record 1",
    )


def test_names_that_are_allowed(roles: Roles) -> None:
    free = json.dumps(roles.prefix + "free")
    creating = "'reader' fails to create a buffer under each of these names: 'InvalidName'"
    connecting = "'reader' fails to connect to a buffer under each of these names: 'InvalidName'"
    allowed = names('"a/b"', free)
    roles.find_mismatch(
        [creating], "InvalidName", "success", "create a buffer named 'pytest-", allowed
    )
    assert left_by(roles.prefix + "free") == []
    roles.find_mismatch(
        [connecting], "InvalidName", "NotFound (", "connect to a buffer named 'pytest-", allowed
    )
    for step in creating, connecting:
        roles.perform(step, names('""', '"a/b"', '"a\\u0000b"', '"a\\nb"'))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (names("a"), "a is no string in JSON"),
        (names("7"), "7 is no string in JSON"),
        (names(), "at least one name"),
        (Table.of_cells([["name"], ['"a"']]), "the one column 'name in JSON'"),
    ],
)
def test_tables_without_names(roles: Roles, table: Table, message: str) -> None:
    step = "'reader' fails to create a buffer under each of these names: 'InvalidName'"
    roles.fail([step], ValueError, message, table)
