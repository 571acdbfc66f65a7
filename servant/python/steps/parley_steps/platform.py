"""Steps of features/08-platform.feature."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from parley import Scenario, Table, step
from parley_ring import RingReader, RingWriter
from parley_steps.pieces import NUMBER, ROLE, TEXT
from parley_steps.ring_errors import refused

if TYPE_CHECKING:
    from collections.abc import Iterator

# Each cell is a string in JSON, so that a feature can hold names that a table cannot.
NAME_COLUMN = "name in JSON"

# Sizes of the buffers that are made for their names, in bytes.
NAMED_METADATA = 64
NAMED_PAYLOAD = 1024


@step(f"{ROLE}fails to create a buffer under each of these names: {TEXT}")
def fail_to_create_under(scenario: Scenario, role: str, expected: str, table: Table) -> None:
    for name in _names(table):
        with refused(expected, f"create a buffer named {name!r}"):
            _create_and_close(name)


@step(f"{ROLE}fails to connect to a buffer under each of these names: {TEXT}")
def fail_to_connect_under(scenario: Scenario, role: str, expected: str, table: Table) -> None:
    for name in _names(table):
        with refused(expected, f"connect to a buffer named {name!r}"):
            RingWriter.connect(name).close()


@step(f"{ROLE}fails to create a buffer with a name of {NUMBER} bytes: {TEXT}")
def fail_to_create_name_of(scenario: Scenario, role: str, size: int, expected: str) -> None:
    name = _name_of(scenario, size)
    with refused(expected, f"create a buffer with a name of {size} bytes"):
        _create_and_close(name)


@step(f"{ROLE}creates and closes a buffer with a name of {NUMBER} bytes")
def create_and_close_name_of(scenario: Scenario, role: str, size: int) -> None:
    _create_and_close(_name_of(scenario, size))


@step(f"{ROLE}creates and closes buffer {TEXT}")
def create_and_close(scenario: Scenario, role: str, name: str) -> None:
    _create_and_close(scenario.resource(name))


def _create_and_close(name: str) -> None:
    RingReader.create(name, metadata_size=NAMED_METADATA, payload_size=NAMED_PAYLOAD).close()


def _names(table: Table) -> Iterator[str]:
    """The names of a table as they are there: without the prefix that keeps cells apart."""
    if table.headers != (NAME_COLUMN,) or not len(table):
        raise ValueError(
            f"the step needs a table with the one column '{NAME_COLUMN}' and at least one name"
        )
    for row in table:
        try:
            name = _string(row[NAME_COLUMN])
        except ValueError as error:
            raise ValueError(f"{row[NAME_COLUMN]} is no string in JSON") from error
        yield name


def _string(text: str) -> str:
    value = json.loads(text)
    if isinstance(value, str):
        return value
    raise ValueError(text)


def _name_of(scenario: Scenario, size: int) -> str:
    """A name of size bytes that belongs to the running cell."""
    name = scenario.resource("x")
    if len(name) > size:
        raise ValueError(
            f"a name of {size} bytes is shorter than this cell's shortest, "
            f"{name} of {len(name)} bytes"
        )
    return name.ljust(size, "x")
