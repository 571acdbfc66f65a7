"""Writers that die while they publish (ring protocol, Writing a frame), and peers' counts."""

from __future__ import annotations

import os
import struct
import subprocess
import sys

import pytest
from ring_helpers import LIMIT, Call, Outside, exchange, expect

from parley_ring import RingError, RingReader, RingWriter, WriterDead, WriterGone, pattern
from parley_ring.presence import WriterPresence
from parley_ring.semaphore import Semaphore
from parley_ring.words import Words

PAYLOAD = 1024
SIZE = 100


class Peer:
    """A writer that writes as a peer does, and stops after any of its stores."""

    def __init__(self, outside: Outside, pid: int) -> None:
        self.outside = outside
        outside["writer_pid"] = pid

    def stores(self, size: int, sequence: int, count: int) -> None:
        """Write a frame and perform `count` of the four stores that publish it."""
        outside = self.outside
        position = outside["payload_write_pos"]
        outside.set_header(position, size, sequence)
        outside.ring()[position + 16 : position + 16 + size] = pattern.frame(size, sequence)
        if count >= 1:
            outside["payload_write_pos"] = position + 16 + size
        if count >= 2:
            outside["payload_free_bytes"] -= 16 + size
        if count >= 3:
            outside["payload_written_count"] += 1
        if count >= 4:
            outside.set_token("w", outside.token("w") + 1)

    def write(self, size: int, sequence: int) -> None:
        """Write a frame; a wrap is counted, and marked only where a marker fits."""
        outside = self.outside
        position = outside["payload_write_pos"]
        tail = outside.payload - position
        if tail < 16 + size:
            if tail >= 16:
                outside.set_header(position, 0, 0)
            outside["payload_free_bytes"] -= tail
            outside["payload_write_pos"] = 0
            outside["payload_written_count"] += 1
        self.stores(size, sequence, 4)


@pytest.fixture(scope="module")
def dead_pid() -> int:
    """The id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


@pytest.mark.parametrize("noticed", [True, False])
@pytest.mark.parametrize("stores", [0, 1, 2, 3])
def test_a_writer_killed_while_publishing(
    name: str, stores: int, noticed: bool, dead_pid: int
) -> None:
    """The next one finds all of the ring, and the reader nothing but whole frames."""
    with RingReader.create(name, payload_size=PAYLOAD, timeout=LIMIT) as reader:
        outside = Outside(name)
        with RingWriter.connect(name) as writer:
            exchange(reader, writer, 200, 1)
            exchange(reader, writer, 200, 2)
        outside.set_token("w", 0)
        Peer(outside, dead_pid).stores(SIZE, 3, stores)
        expected = [1, 2, 3]
        if stores == 3 and noticed:
            expect(reader, 3)
        elif stores == 3:
            expected = [3, *expected]
        if noticed:
            with pytest.raises(WriterDead):
                reader.read()
        with RingWriter.connect(name, timeout=LIMIT) as heir:
            for sequence in range(1, 4):
                heir.write(pattern.frame(50, sequence))
            for sequence in expected:
                expect(reader, sequence)
            writing = Call(lambda: heir.write(pattern.frame(PAYLOAD - 16, 4)))
            expect(reader, 4)
            writing.result()
        assert outside["payload_free_bytes"] == PAYLOAD


@pytest.mark.parametrize("noticed", [True, False])
def test_what_a_dead_writer_took_returns_before_the_next_ones_first_frame(
    name: str, noticed: bool, dead_pid: int
) -> None:
    """That frame may need all of the ring, so its space cannot wait until it came."""
    with RingReader.create(name, payload_size=PAYLOAD, timeout=LIMIT) as reader:
        outside = Outside(name)
        with RingWriter.connect(name) as writer:
            exchange(reader, writer, 200, 1)
        with pytest.raises(WriterGone):
            reader.read()
        Peer(outside, dead_pid).stores(SIZE, 2, 2)
        if noticed:
            with pytest.raises(WriterDead):
                reader.read()
        with RingWriter.connect(name, timeout=LIMIT) as heir:
            reading = Call(reader.read)
            heir.write(pattern.frame(PAYLOAD - 16, 1))
            with reading.result() as frame:
                assert (frame.sequence, frame.size) == (1, PAYLOAD - 16)
        assert outside["payload_free_bytes"] == PAYLOAD


@pytest.mark.parametrize("counted", [False, True])
def test_a_publication_that_a_signal_interrupts_is_undone_or_finished(
    name: str, counted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handler's exception comes before or after the frame is counted, and the writer closes."""
    with RingReader.create(name, payload_size=PAYLOAD, timeout=LIMIT) as reader:
        outside = Outside(name)
        with RingWriter.connect(name) as writer:
            exchange(reader, writer, 200, 1)

            def interrupt(*_: object) -> int:
                raise KeyboardInterrupt

            with monkeypatch.context() as patch:
                if counted:
                    patch.setattr(Semaphore, "post", interrupt)
                else:
                    patch.setattr(Words, "add", interrupt)
                with pytest.raises(KeyboardInterrupt):
                    writer.write(pattern.frame(SIZE, 2))
        with RingWriter.connect(name) as heir:
            heir.write(pattern.frame(50, 1))
            if counted:
                expect(reader, 2, SIZE)
            expect(reader, 1, 50)
        assert outside["payload_free_bytes"] == PAYLOAD


def test_a_frame_in_the_making_keeps_its_space(
    name: str, dead_pid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer connects and takes the whole ring just after the reader saw none."""
    with RingReader.create(name, payload_size=PAYLOAD, timeout=0.02) as reader:
        outside = Outside(name)
        with RingWriter.connect(name) as writer:
            exchange(reader, writer, 200, 1)
        Peer(outside, dead_pid).write(200, 1)
        expect(reader, 1)
        look = WriterPresence.absence

        def and_then_a_writer(presence: WriterPresence) -> RingError | None:
            seen = look(presence)
            outside["writer_pid"] = os.getpid()
            outside["payload_free_bytes"] = 0
            return seen

        monkeypatch.setattr(WriterPresence, "absence", and_then_a_writer)
        with pytest.raises(WriterDead):
            reader.read()
        assert outside["payload_free_bytes"] == 0


@pytest.mark.parametrize("tail", [0, 1, 8, 15, 16, 17])
def test_peers_count_wraps_without_a_marker(name: str, tail: int, dead_pid: int) -> None:
    """However many there were, frames keep coming, and the next writer's close is seen."""
    with RingReader.create(name, payload_size=PAYLOAD, timeout=LIMIT) as reader:
        outside = Outside(name)
        peer = Peer(outside, dead_pid)
        size = (PAYLOAD - tail) // 2 - 16
        for sequence in range(1, 301):
            peer.write(size, sequence)
            expect(reader, sequence)
        outside["writer_pid"] = 0
        with RingWriter.connect(name, timeout=LIMIT) as heir:
            exchange(reader, heir, 10, 1)
        with pytest.raises(WriterGone):
            reader.read()
        assert outside["payload_read_count"] == outside["payload_written_count"]


def test_a_lost_token_does_not_stop_the_stream(name: str) -> None:
    """A counted frame is read without its token, and its late token is dropped."""
    with (
        RingReader.create(name, payload_size=PAYLOAD, timeout=LIMIT) as reader,
        RingWriter.connect(name) as writer,
    ):
        outside = Outside(name)
        writer.write(pattern.frame(10, 1))
        outside.set_token("w", 0)
        expect(reader, 1)
        outside.set_token("w", 1)
        exchange(reader, writer, 10, 2)
        exchange(reader, writer, 10, 3)


def test_a_resume_keeps_what_does_not_look_like_frames(name: str, dead_pid: int) -> None:
    with RingReader.create(name, payload_size=PAYLOAD) as reader:
        outside = Outside(name)
        peer = Peer(outside, dead_pid)
        peer.stores(SIZE, 1, 4)
        struct.pack_into("=Q", outside.ring(), 0, 5000)
        with RingWriter.connect(name):
            assert outside["payload_write_pos"] == 16 + SIZE
        assert reader.sizes.payload == PAYLOAD
