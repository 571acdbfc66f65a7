"""The segment of a buffer: fields, frames and blocks, and all of it."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from parley import Scenario, Table, step
from parley_ring.segment import HEADER_SIZE
from parley_steps.reader_end import compare
from ring_looks.views import (
    BUFFER,
    PIDS,
    PLACES,
    change,
    expect,
    field,
    header,
    look,
    payload_at,
    segment,
)

VECTORS = Path(__file__).parents[4] / "golden" / "ring-vectors.json"


@step(rf"field '([^']*)' of {BUFFER} is set to '(\d+)'")
def set_field(scenario: Scenario, what: str, name: str, value: int) -> None:
    at, form = PLACES[what]
    change(scenario, name, at, struct.pack(form, value))


@step(rf"the fields of {BUFFER} are:")
def fields_are(scenario: Scenario, name: str, table: Table) -> None:
    block = segment(scenario, name)
    [row] = table
    expect("fields", {k: int(v) for k, v in row.items()}, {k: field(block, k) for k in row})


@step(rf"the frame at '(\d+)' of {BUFFER} is given the size '(\d+)' and the sequence '(\d+)'")
def give_header(scenario: Scenario, at: int, name: str, size: int, sequence: int) -> None:
    start = payload_at(segment(scenario, name))
    change(scenario, name, start + at, struct.pack("<QQ", size, sequence))


@step(rf"the frame at '(\d+)' of {BUFFER} has the size '(\d+)' and the sequence '(\d+)'")
def has_header(scenario: Scenario, at: int, name: str, size: int, sequence: int) -> None:
    block = segment(scenario, name)
    expect(f"frame at {at}", (size, sequence), header(block, payload_at(block) + at))


@step(rf"{BUFFER} holds a wrap marker at '(\d+)'")
def holds_wrap_marker(scenario: Scenario, name: str, at: int) -> None:
    has_header(scenario, at, name, 0, 0)


@step(rf"the blocks of {BUFFER} begin at '(\d+)', '(\d+)' and '(\d+)' of '(\d+)' bytes")
def blocks_begin(
    scenario: Scenario, name: str, oieb: int, metadata: int, payload: int, end: int
) -> None:
    block = segment(scenario, name)
    actual = (0, field(block, "oieb_size"), payload_at(block), len(block))
    expect("blocks", (oieb, metadata, payload, end), actual)
    expect("end of the payload", end, payload_at(block) + field(block, "payload_size"))
    expect("blocks at multiples of 64", [0, 0, 0], [at % 64 for at in actual[1:]])


@step(rf"the counters of {BUFFER} agree with its frames")
def counters_agree(scenario: Scenario, name: str) -> None:
    """Walks a ring at rest, in which nothing is held."""
    state, block = look(scenario, name), segment(scenario, name)
    payload = block[payload_at(block) :]
    at, used, frames = state.payload_read_pos % len(payload), 0, []
    for _ in range(state.payload_written_count - state.payload_read_count):
        tail = len(payload) - at
        if tail < HEADER_SIZE:  # a peer's wrap without a marker
            at, used, tail = 0, used + tail, len(payload)
        size, sequence = header(payload, at)
        length = HEADER_SIZE + size if size else tail
        if size:
            frames.append(sequence)
        else:
            expect(f"sequence of the wrap marker at {at}", 0, sequence)
        assert length <= tail, f"the frame at {at} has {size} bytes, more than there are behind it"
        at, used = (at + length) % len(payload), used + length
    expect("sequences", list(range(frames[0], frames[0] + len(frames))) if frames else [], frames)
    expect("frames waiting", len(frames), state.sem_w.value)
    expect("write position", at, state.payload_write_pos % len(payload))
    expect("bytes free", len(payload) - used, state.payload_free_bytes)


@step(r"buffers '([^']+)' and '([^']+)' are equal but for their processes")
def equal_buffers(scenario: Scenario, one: str, other: str) -> None:
    compare_segments(segment(scenario, one), segment(scenario, other))
    expected, actual = look(scenario, one), look(scenario, other)
    expect("semaphores", (expected.sem_w, expected.sem_r), (actual.sem_w, actual.sem_r))


@step(rf"{BUFFER} is as vector '([^']+)' after step '(\d+)'")
def is_as_vector(scenario: Scenario, name: str, vector: str, number: int) -> None:
    expected = vector_states(vector)[number - 1]
    state = look(scenario, name)
    blocks = ("oieb_hex_pids_zeroed", "metadata_hex", "payload_hex")
    whole = bytes.fromhex("".join(expected[key] for key in blocks))
    compare_segments(whole, segment(scenario, name))
    for pid in "writer_pid", "reader_pid":
        expect(f"{pid} is set", expected["oieb"][pid] == "set", getattr(state, pid) != 0)
    expect("frames waiting", expected["sem_w"]["value"], state.sem_w.value)
    # A release posts only while there is none (ring protocol, P6); the vectors' readers always do.
    most = expected["sem_r"]["value"]
    assert min(most, 1) <= state.sem_r.value <= most, f"{state.sem_r.value} tokens of {most}"


def vector_states(vector: str) -> list[dict[str, Any]]:
    [steps] = [v["steps"] for v in json.loads(VECTORS.read_text("utf-8")) if v["name"] == vector]
    return [each["state"] for each in steps]


def compare_segments(expected: bytes, actual: bytes) -> None:
    """Compares all but the processes; a write position at the payload's end is its beginning."""
    expect("bytes of the segment", len(expected), len(actual))
    compare("the segment", comparable(expected), comparable(actual))


def comparable(whole: bytes) -> bytes:
    block = bytearray(whole)
    block[PIDS] = bytes(PIDS.stop - PIDS.start)
    if field(whole, "payload_write_pos") == field(whole, "payload_size"):
        at, form = PLACES["payload_write_pos"]
        struct.pack_into(form, block, at, 0)
    return bytes(block)
