"""Whatever the other side writes (ring protocol, Hostile and broken memory)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ring_helpers import MakePair, Outside, exchange, expect

from parley_ring import (
    Corrupt,
    ReadTimeout,
    RingError,
    RingReader,
    RingWriter,
    SequenceGap,
    System,
    VersionMismatch,
    inspect,
    objects,
    pattern,
)
from parley_ring.segment import FIELDS, Segment

HUGE = 2**64 - 1
VALUES = [0, 1, 2**63 - 1, HUGE, 2**32 - 1, 1 << 40, 10240 + 64, 10240 + 1]
#: Values that can be true, so that nothing need notice them.
POSSIBLE = {
    "metadata_size": [0],
    "metadata_written_bytes": [0, 1],
    "payload_free_bytes": [0, 1],
    "payload_write_pos": [0, 1],
    "reader_pid": [0],
}


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("field", FIELDS[1:])
def test_damaged_fields(pair: MakePair, name: str, field: str, value: int) -> None:
    """A frame is pending and both sides are connected: all survive, and an error names it."""
    reader, writer = pair(10240, 64, timeout=0.005, spin=0)
    exchange(reader, writer, 1000, 1)
    writer.write(pattern.frame(1000, 2))
    writer.write(pattern.frame(1000, 3))
    held = reader.read()
    Outside(name)[field] = value
    errors: list[RingError] = []

    def survive_connect() -> None:
        RingWriter.connect(name).close()
        assert field == "writer_pid", "a second writer connected"

    def survive_read() -> None:
        with reader.read() as frame:
            assert frame.sequence == 3

    calls: list[Callable[[], object]] = [
        survive_connect,
        lambda: writer.write_metadata(b"x"),
        reader.metadata,
        lambda: writer.write(pattern.frame(1000, 4)),
        survive_read,
        held.release,
    ]
    for call in calls:
        try:
            call()
        except RingError as error:
            assert not isinstance(error, System)
            errors.append(error)
    named = [e for e in errors if isinstance(e, Corrupt) and e.field == field]
    assert all(error.value != error.limit for error in named)
    assert named or value in POSSIBLE.get(field, []), errors


@pytest.mark.parametrize(
    ("size", "sequence", "expected"),
    [
        (0, 2, ("frame_size", 0)),
        (0, 0, ("frame_size", 0)),
        (1024 - 116 - 16 + 1, 2, ("frame_size", 893)),
        (HUGE, 2, ("frame_size", HUGE)),
        (HUGE - 15, 2, ("frame_size", HUGE - 15)),
        (100, 7, (2, 7)),
        (100, 0, (2, 0)),
        (100, HUGE, (2, HUGE)),
    ],
)
def test_damaged_headers(
    pair: MakePair, name: str, size: int, sequence: int, expected: tuple[object, int]
) -> None:
    reader, writer = pair(1024)
    exchange(reader, writer, 100, 1)
    writer.write(pattern.frame(100, 2))
    outside = Outside(name)
    outside.set_header(116, size, sequence)
    before = outside.raw()
    for _ in range(2):
        with pytest.raises((Corrupt, SequenceGap)) as caught:
            reader.read()
        details = caught.value.details
        assert tuple(details.values())[:2] == expected
    assert outside.raw() == before
    outside.set_header(116, 100, 2)
    reader.read().release()


@pytest.mark.parametrize("value", [1025, HUGE])
def test_positions_and_free_space_are_bounded_at_each_use(
    pair: MakePair, name: str, value: int
) -> None:
    reader, writer = pair(1024)
    outside = Outside(name)
    exchange(reader, writer, 100, 1)
    writer.write(pattern.frame(100, 2))
    uses: list[tuple[str, Callable[[], object]]] = [
        ("payload_read_pos", reader.read),
        ("payload_write_pos", lambda: writer.write(b"x")),
        ("payload_free_bytes", lambda: writer.write(b"x")),
    ]
    for field, use in uses:
        before, outside[field] = outside[field], value
        with pytest.raises(Corrupt) as caught:
            use()
        assert caught.value.details == {"field": field, "value": value, "limit": 1024}
        outside[field] = before
    expect(reader, 2, 100)
    exchange(reader, writer, 100, 3)


def test_each_side_notices_that_its_processes_were_changed(pair: MakePair, name: str) -> None:
    reader, writer = pair(1024)
    outside = Outside(name)
    writer.write(pattern.frame(100, 1))
    uses: list[tuple[str, Callable[[], object]]] = [
        ("reader_pid", reader.read),
        ("reader_pid", lambda: writer.write(b"x")),
        ("writer_pid", lambda: writer.write(b"x")),
    ]
    for field, use in uses:
        before, outside[field] = outside[field], 1
        with pytest.raises(Corrupt) as caught:
            use()
        assert caught.value.details == {"field": field, "value": 1, "limit": before}
        outside[field] = before
    expect(reader, 1, 100)


@pytest.mark.parametrize(
    ("length", "field", "value"),
    [
        (0, "metadata_written_bytes", 18),
        (11, "metadata_written_bytes", 18),
        (57, "metadata_length", 57),
        (64, "metadata_length", 64),
        (HUGE, "metadata_length", HUGE),
    ],
)
def test_a_damaged_length_of_metadata(
    pair: MakePair, name: str, length: int, field: str, value: int
) -> None:
    reader, writer = pair(64, 64)
    writer.write_metadata(pattern.metadata(10))
    Outside(name).put(128, length.to_bytes(8, "little"))
    with pytest.raises(Corrupt) as caught:
        reader.metadata()
    assert (caught.value.field, caught.value.value) == (field, value)


@pytest.mark.parametrize("value", [0, 1000, HUGE])
def test_a_count_that_no_ring_holds(pair: MakePair, name: str, value: int) -> None:
    reader, writer = pair(1024)
    outside = Outside(name)
    exchange(reader, writer, 100, 1)
    writer.write(pattern.frame(100, 2))
    outside["payload_written_count"] = value
    for _ in range(2):
        with pytest.raises(Corrupt) as caught:
            reader.read()
        assert (caught.value.field, caught.value.value) == ("payload_written_count", value)
    outside["payload_written_count"] = 2
    expect(reader, 2, 100)


def test_a_header_that_changes_after_the_look_at_it(
    pair: MakePair, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frame is as long as its header was when it was checked."""
    reader, writer = pair(1024)
    outside = Outside(name)
    look = Segment.header

    def and_then_another(segment: Segment, position: int) -> tuple[int, int]:
        seen = look(segment, position)
        outside.set_header(position, 1008, 9)
        return seen

    writer.write(pattern.frame(100, 1))
    with monkeypatch.context() as patch:
        patch.setattr(Segment, "header", and_then_another)
        expect(reader, 1, 100)
    assert outside["payload_free_bytes"] == 1024
    exchange(reader, writer, 100, 2)


@pytest.mark.parametrize("value", [0, 64, HUGE])
@pytest.mark.parametrize("field", ["metadata_size", "payload_size"])
def test_sizes_are_read_once(pair: MakePair, name: str, field: str, value: int) -> None:
    reader, writer = pair(1024, 128)
    outside = Outside(name)
    outside[field] = value
    writer.write_metadata(pattern.metadata(120))
    assert reader.metadata() == pattern.metadata(120)
    for sequence in range(1, 30):
        exchange(reader, writer, 200, sequence)
    assert outside["payload_free_bytes"] == 1024


def test_space_is_returned_once_the_memory_is_whole_again(pair: MakePair, name: str) -> None:
    reader, writer = pair(1024)
    outside = Outside(name)
    writer.write(pattern.frame(100, 1))
    frame = reader.read()
    free = outside["payload_free_bytes"]
    outside["payload_free_bytes"] = HUGE
    with pytest.raises(Corrupt):
        frame.release()
    outside["payload_free_bytes"] = free
    exchange(reader, writer, 100, 2)
    assert outside["payload_free_bytes"] == 1024


def test_space_is_returned_with_a_wrap_once_the_memory_is_whole_again(
    pair: MakePair, name: str
) -> None:
    """However often the read before failed, the tail is returned once."""
    reader, writer = pair(1024)
    outside = Outside(name)
    exchange(reader, writer, 500, 1)
    writer.write(pattern.frame(300, 2))
    frame = reader.read()
    writer.write(pattern.frame(400, 3))
    free = outside["payload_free_bytes"]
    outside["payload_free_bytes"] = HUGE
    with pytest.raises(Corrupt):
        frame.release()
    for _ in range(2):
        with pytest.raises(Corrupt, match="payload_free_bytes"):
            reader.read()
    outside["payload_free_bytes"] = free
    expect(reader, 3, 400)
    assert outside["payload_free_bytes"] == 1024


@pytest.mark.parametrize(("count", "limit"), [(4, 0), (1, 176)])
def test_a_frame_over_held_ones(pair: MakePair, name: str, count: int, limit: int) -> None:
    """It is an error, and no sum of what is held passes the ring."""
    reader, writer = pair(256)
    outside = Outside(name)
    held = []
    for sequence in range(1, count + 1):
        writer.write(pattern.frame(48, sequence))
        held.append(reader.read())
    outside.set_header(0, limit + 1, count + 1)
    outside["payload_read_pos"] = 0
    outside["payload_write_pos"] = 16 + limit + 1
    outside["payload_written_count"] = count + 1
    outside.set_token("w", 1)
    for _ in range(2):
        with pytest.raises(Corrupt) as caught:
            reader.read()
        assert (caught.value.field, caught.value.value) == ("frame_size", limit + 1)
        assert caught.value.limit == limit
    for frame in held:
        frame.release()
    assert outside["payload_free_bytes"] == 256


def test_a_counter_that_denies_a_frame(pair: MakePair, name: str) -> None:
    reader, writer = pair(1024)
    writer.write(pattern.frame(100, 1))
    Outside(name)["payload_written_count"] = 0
    with pytest.raises(Corrupt) as caught:
        reader.read()
    assert (caught.value.field, caught.value.value) == ("payload_written_count", 0)


@pytest.mark.parametrize("tokens", [1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_tokens_without_frames(pair: MakePair, name: str, tokens: int) -> None:
    reader, writer = pair(1024, timeout=0.02)
    Outside(name).set_token("w", tokens)
    with pytest.raises(ReadTimeout):
        reader.read()
    exchange(reader, writer, 100, 1)


def test_a_full_semaphore(pair: MakePair, name: str) -> None:
    reader, writer = pair(1024)
    outside = Outside(name)
    writer.write(pattern.frame(100, 1))
    outside.set_token("r", 0x7FFFFFFF)
    reader.read().release()
    assert outside.token("r") == 0x7FFFFFFF
    outside.set_token("w", 0x7FFFFFFF)
    with pytest.raises(Corrupt) as caught:
        writer.write(pattern.frame(100, 2))
    assert caught.value.field == "sem_w_value"


def test_versions(name: str) -> None:
    with RingReader.create(name, payload_size=64):
        outside = Outside(name)
        outside.put(4, bytes([2]))
        with pytest.raises(VersionMismatch) as caught:
            RingWriter.connect(name)
        assert caught.value.found == 2
        outside.put(4, bytes([1, 7, 9, 3]))
        RingWriter.connect(name).close()


@pytest.mark.parametrize("field", ["metadata_size", "payload_size"])
def test_sizes_are_multiples_of_64(name: str, field: str) -> None:
    with RingReader.create(name, metadata_size=128, payload_size=128):
        Outside(name)[field] = 100
        with pytest.raises(Corrupt) as caught:
            RingWriter.connect(name)
        assert (caught.value.field, caught.value.value) == (field, 100)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 191, 255])
def test_a_truncated_segment(name: str, size: int) -> None:
    path = Path(objects(name).segment)
    with RingReader.create(name, metadata_size=64, payload_size=64):
        content = path.read_bytes()
    path.write_bytes(content[:size])
    with pytest.raises(Corrupt):
        RingWriter.connect(name)
    assert inspect(name).segment_size == size
    path.unlink()


def test_a_semaphore_of_another_library_is_refused(name: str) -> None:
    with RingReader.create(name, payload_size=64):
        with open(objects(name).sem_r, "r+b") as file:
            file.seek(8)
            file.write(bytes(4))
        with pytest.raises(Corrupt, match="glibc") as caught:
            RingWriter.connect(name)
        assert caught.value.field == "sem_r_private"
        assert inspect(name).writer_pid == 0
