"""Whatever the memory holds, every call ends (ring protocol, Hostile and broken memory)."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from ring_helpers import LIMIT, MakePair, Outside

from parley_ring import (
    Corrupt,
    NotFound,
    RingError,
    RingReader,
    RingWriter,
    System,
    inspect,
    pattern,
)
from parley_ring.segment import FIELDS, new_oieb

HUGE = 2**64 - 1


def test_any_block(name: str) -> None:
    """Both sides, and one that connects, meet random values in the OIEB."""
    numbers = random.Random(1)
    for _ in range(150):
        with (
            RingReader.create(
                name, metadata_size=64, payload_size=192, timeout=0, spin=0
            ) as reader,
            RingWriter.connect(name, timeout=0, spin=0) as writer,
        ):
            _use(reader, writer)
            outside = Outside(name)
            block = new_oieb(64, 192, outside["reader_pid"])
            outside.put(0, block)
            for _ in range(numbers.randint(1, 3)):
                field = numbers.choice(FIELDS[1:])
                limit = numbers.choice([2, 192, 300, HUGE])
                outside[field] = numbers.randint(0, limit)
            with suppress(RingError), RingWriter.connect(name, timeout=0, spin=0) as other:
                _use(reader, other)
            _use(reader, writer)
            inspect(name)


def test_any_ring(name: str) -> None:
    """A reader meets any content of the ring, any positions and any number of tokens."""
    numbers = random.Random(2)
    for _ in range(150):
        with (
            RingReader.create(
                name, metadata_size=64, payload_size=192, timeout=0, spin=0
            ) as reader,
            RingWriter.connect(name, timeout=0, spin=0) as writer,
        ):
            outside = Outside(name)
            outside.ring()[:] = numbers.randbytes(192)
            outside.set_header(0, numbers.randint(0, 200), numbers.randint(0, 2))
            for field in ("payload_write_pos", "payload_read_pos", "payload_free_bytes"):
                outside[field] = numbers.choice([0, 36, 180, 192, numbers.randint(0, HUGE)])
            outside["payload_written_count"] = numbers.choice([0, 1, 2, 9, HUGE])
            outside.set_token("w", numbers.choice([0, 1, 2, 0x7FFFFFFF, 0xFFFFFFFF]))
            _use(reader, writer)


def _use(reader: RingReader, writer: RingWriter) -> None:
    """Exercise every call of both sides, and touch every byte of what comes."""

    def fill() -> None:
        with writer.acquire(100) as slot:
            slot.data[:] = bytes(100)
            slot.commit()

    def read() -> None:
        frames = reader.read_batch(3)
        for frame in frames:
            assert len(bytes(frame.data)) == frame.size
        reader.release_batch(frames)

    for call in (
        lambda: writer.write_metadata(b"abc"),
        lambda: reader.metadata(),
        lambda: writer.write(pattern.frame(30, 1)),
        fill,
        *[read] * 4,
    ):
        try:
            call()
        except RingError as error:
            assert not isinstance(error, (System, NotFound))


def test_waits_end_whatever_the_positions_say(pair: MakePair, name: str) -> None:
    reader, writer = pair(1024, timeout=LIMIT)
    writer.write(pattern.frame(100, 1))
    outside = Outside(name)
    outside["payload_write_pos"] = HUGE
    outside["payload_written_count"] = 0
    with pytest.raises(Corrupt) as caught:
        reader.read()
    assert caught.value.field == "payload_write_pos"
