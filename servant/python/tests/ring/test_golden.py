"""The shared data that every language's tests read."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ring_helpers import Outside, golden

from parley_ring import (
    ErrorKind,
    Frame,
    InvalidName,
    RingError,
    RingReader,
    RingWriter,
    check_name,
    inspect,
    objects,
    pattern,
)
from parley_ring import errors as all_errors

NAMES = golden("names.json")
PATTERN = golden("pattern.json")


@pytest.mark.parametrize("valid", NAMES["valid"])
def test_valid_names(valid: str) -> None:
    check_name(valid)


@pytest.mark.parametrize("invalid", [case["name"] for case in NAMES["invalid"]])
def test_invalid_names(invalid: str) -> None:
    with pytest.raises(InvalidName):
        RingReader.create(invalid, payload_size=64)
    with pytest.raises(InvalidName):
        RingWriter.connect(invalid)
    with pytest.raises(InvalidName):
        inspect(invalid)


def test_the_longest_name_works(name: str) -> None:
    longest = name.ljust(245, "x")
    with RingReader.create(longest, payload_size=64), RingWriter.connect(longest) as writer:
        writer.write(b"x")


SAMPLES: tuple[RingError, ...] = (
    all_errors.Corrupt("n", "field", 2, 1),
    all_errors.FrameTooLarge("n", 2, 1),
    all_errors.BufferFull("n", 1.5),
    all_errors.SequenceGap("n", 1, 2),
    all_errors.System("n", "open", 2, "path"),
)


def test_errors_have_the_shared_names_and_details() -> None:
    known = {case["name"]: case["details"] for case in golden("errors.json")}
    assert [kind.value for kind in ErrorKind] == list(known)
    classes = {c.kind: c for c in vars(all_errors).values() if hasattr(c, "kind")}
    assert set(classes) == set(ErrorKind)
    for kind, error in classes.items():
        assert error.__name__ == str(kind)
    carry = {str(sample.kind): list(sample.details) for sample in SAMPLES}
    assert {error: carry.get(error, []) for error in known} == known
    assert SAMPLES[2].details["timeout"] == 1500


@pytest.mark.parametrize("case", PATTERN["frames"])
def test_frame_pattern(case: dict[str, Any]) -> None:
    found = pattern.frame(case["length"], int(case["sequence"]))
    assert found.hex() == case["hex"]
    assert pattern.wrong_byte_of_frame(found, int(case["sequence"])) is None


@pytest.mark.parametrize("case", PATTERN["metadata"])
def test_metadata_pattern(case: dict[str, Any]) -> None:
    found = pattern.metadata(case["length"])
    assert found.hex() == case["hex"]
    assert pattern.wrong_byte_of_metadata(found) is None


def test_seeded_numbers_and_sizes() -> None:
    generators: list[tuple[Any, list[int]]] = [
        (pattern.splitmix64(int(case["seed"])), [int(x) for x in case["outputs"]])
        for case in next(v for k, v in PATTERN.items() if k.lower() == "splitmix64")
    ]
    for case in PATTERN["sizes"]:
        sizes = pattern.frame_sizes(int(case["seed"]), case["min"], case["max"])
        generators.append((sizes, case["sizes"]))
    assert len(generators) > 1
    for generator, expected in generators:
        assert list(itertools.islice(generator, len(expected))) == expected


@pytest.mark.parametrize("length", [1, 255, 256, 257, 1000])
def test_the_first_wrong_byte_is_named(length: int) -> None:
    for at in {0, length // 2, length - 1}:
        frame, metadata = bytearray(pattern.frame(length, 77)), bytearray(pattern.metadata(length))
        for i in range(at, length):
            frame[i] ^= 0x40
            metadata[i] ^= 0x40
        assert f"byte {at} is" in (pattern.wrong_byte_of_frame(frame, 77) or "")
        assert f"byte {at} is" in (pattern.wrong_byte_of_metadata(metadata) or "")


class Replay:
    """Both sides of a vector."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.reader: RingReader | None = None
        self.writer: RingWriter | None = None
        self.held: list[Frame] = []
        self.written = 0

    def perform(self, step: dict[str, Any]) -> str:
        """Perform a step and give its answer in the vectors' words."""
        operations: dict[str, Callable[[int], str]] = {
            "connect": self._connect,
            "meta": self._meta,
            "write": self._write,
            "wbuf": self._write_in_place,
            "read": self._read,
            "release": self._release,
        }
        if step["op"] == "create":
            self.reader = RingReader.create(
                self.name,
                metadata_size=step["metadata_size"],
                payload_size=step["payload_size"],
            )
            return "ok"
        return operations[step["op"]](step.get("arg", 0))

    def _connect(self, _: int) -> str:
        self.writer = RingWriter.connect(self.name)
        return "ok"

    def _meta(self, size: int) -> str:
        assert self.writer is not None
        self.writer.write_metadata(pattern.metadata(size))
        return "ok"

    def _write(self, size: int) -> str:
        assert self.writer is not None
        self.written += 1
        self.writer.write(pattern.frame(size, self.written))
        return "ok 1"

    def _write_in_place(self, size: int) -> str:
        assert self.writer is not None
        self.written += 1
        with self.writer.acquire(size) as slot:
            pattern.fill_frame(slot.data, self.written)
            slot.commit()
        return f"ok seq {self.written}"

    def _read(self, _: int) -> str:
        assert self.reader is not None
        frame = self.reader.read()
        self.held.append(frame)
        wrong = pattern.wrong_byte_of_frame(frame.data, frame.sequence)
        return f"ok seq {frame.sequence} size {frame.size} {wrong or 'good'}"

    def _release(self, _: int) -> str:
        self.held.pop(0).release()
        return "ok"

    def close(self) -> None:
        for side in (self.writer, self.reader):
            if side is not None:
                side.close()


@pytest.mark.parametrize("vector", golden("ring-vectors.json"), ids=lambda v: v["name"])
def test_vectors(vector: dict[str, Any], name: str) -> None:
    """Every operation leaves shared memory byte by byte as ZeroBuffer's C++ library does.

    One difference is ours: P6, a release posts sem-r only while its value is 0.
    """
    replay = Replay(name)
    try:
        for number, step in enumerate(vector["steps"]):
            where = f"step {number}, {step['op']} {step.get('arg', '')}"
            assert replay.perform(step) == step["answer"], where
            _compare(name, step["state"], where)
    finally:
        replay.close()


def _compare(name: str, expected: dict[str, Any], where: str) -> None:
    outside, state = Outside(name), inspect(name)
    assert state.segment_size == expected["segment_size"], where
    raw = bytearray(Path(objects(name).segment).read_bytes())
    raw[0x50:0x60] = bytes(16)
    ring = 128 + outside["metadata_size"]
    assert raw[:128].hex() == expected["oieb_hex_pids_zeroed"], where
    assert raw[128:ring].hex() == expected["metadata_hex"], where
    assert raw[ring:].hex() == expected["payload_hex"], where
    version = ("v_major", "v_minor", "v_patch", "v_reserved")
    for field, value in expected["oieb"].items():
        found = {**state._asdict(), **dict(zip(version, state.version, strict=True))}[field]
        assert found == (os.getpid() if value == "set" else value), f"{where}: {field}"
    for ours, theirs, value in (
        (state.sem_w, expected["sem_w"], expected["sem_w"]["value"]),
        (state.sem_r, expected["sem_r"], min(expected["sem_r"]["value"], 1)),
    ):
        assert (ours.size, ours.value, ours.waiters) == (theirs["size"], value, 0), where
        assert ours.private == 128, where
    assert state.lock.held, where
