"""A buffer as it is seen from outside."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING

from parley import Mismatch
from parley_ring import State, inspect, objects
from parley_ring.segment import FIELDS

if TYPE_CHECKING:
    from parley import Scenario

BUFFER = "buffer '([^']+)'"

#: The names of a buffer's objects, in the order of their paths.
OBJECTS = ("segment", "data semaphore", "space semaphore", "lock")
OBJECT = "(lock|data semaphore|space semaphore|segment)"

#: Where each field of the OIEB is, in bytes, and its format.
PLACES = {name: (8 * word, "<Q") for word, name in enumerate(FIELDS)} | {
    "oieb_size": (0, "<I"),
    "version_major": (4, "<B"),
}
PIDS = slice(PLACES["writer_pid"][0], PLACES["reader_pid"][0] + 8)


def look(scenario: Scenario, name: str) -> State:
    return inspect(scenario.resource(name))


def paths(scenario: Scenario, name: str) -> dict[str, Path]:
    """The paths of a buffer's objects by their names."""
    found = objects(scenario.resource(name))
    return {what: Path(path) for what, path in zip(OBJECTS, found, strict=True)}


def segment(scenario: Scenario, name: str) -> bytes:
    return paths(scenario, name)["segment"].read_bytes()


def change(scenario: Scenario, name: str, at: int, content: bytes) -> None:
    """Writes into a segment, as a peer that goes wrong would."""
    with paths(scenario, name)["segment"].open("r+b") as file:
        file.seek(at)
        file.write(content)


def field(block: bytes, name: str) -> int:
    """A field of the OIEB at the beginning of a segment."""
    at, form = PLACES[name]
    value: int = struct.unpack_from(form, block, at)[0]
    return value


def payload_at(block: bytes) -> int:
    """Where the payload begins in a segment."""
    return field(block, "oieb_size") + field(block, "metadata_size")


def header(payload: bytes, at: int) -> tuple[int, int]:
    """Size and sequence of the frame at a position of the payload; both are 0 in a wrap marker."""
    size, sequence = struct.unpack_from("<QQ", payload, at)
    return size, sequence


def expect(what: str, expected: object, actual: object) -> None:
    if expected != actual:
        raise Mismatch(what, expected=expected, actual=actual)
