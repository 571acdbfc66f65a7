"""Processes that die, pause, or leave their objects (ring protocol, Death)."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ring_helpers import LIMIT, Call, Child, Outside, eventually, exchange, expect

from parley_ring import (
    BufferFull,
    Frame,
    InUse,
    NoReader,
    ReaderDead,
    RingReader,
    RingWriter,
    WriterDead,
    WriterExists,
    inspect,
    objects,
    pattern,
)
from parley_ring.process import ProcessWatch, process_dead, started_after

MakeChild = Callable[[], Child]


def test_the_reader_is_killed_while_the_ring_is_full(abandoned: str, child: MakeChild) -> None:
    reader = child()
    reader.do("create", abandoned, 0, 1024)
    with RingWriter.connect(abandoned, timeout=LIMIT) as writer:
        writer.write(pattern.frame(1008, 1))
        writing = Call(lambda: writer.write(pattern.frame(10, 2)))
        Outside(abandoned).asleep("r")
        reader.kill()
        with pytest.raises(ReaderDead) as caught:
            writing.result()
        assert caught.value.pid == reader.pid


def test_a_zombie_is_dead(abandoned: str, child: MakeChild) -> None:
    reader = child()
    reader.do("create", abandoned, 0, 1024)
    with RingWriter.connect(abandoned, timeout=LIMIT) as writer:
        writer.write(pattern.frame(1008, 1))
        reader.signal(signal.SIGKILL)
        eventually("the reader is a zombie", lambda: reader.state() == "Z")
        with pytest.raises(ReaderDead):
            writer.write(pattern.frame(10, 2))
        with pytest.raises(NoReader):
            RingWriter.connect(abandoned)


def test_the_writer_is_killed_while_the_reader_sleeps(name: str, child: MakeChild) -> None:
    with RingReader.create(name, payload_size=1024, timeout=LIMIT) as reader:
        writer = child()
        writer.do("connect", name)
        reading = Call(reader.read)
        Outside(name).asleep("w")
        writer.kill()
        with pytest.raises(WriterDead) as caught:
            reading.result()
        assert caught.value.pid == writer.pid


def test_the_writer_is_killed_in_the_middle_of_a_slot(name: str, child: MakeChild) -> None:
    """Complete frames are delivered, the other is not, and the next writer begins at 1."""
    with RingReader.create(name, payload_size=16384, timeout=LIMIT) as reader:
        writer = child()
        writer.do("connect", name)
        writer.do("write", 500, 1)
        writer.do("write", 600, 2)
        writer.do("acquire", 8192)
        writer.kill()
        expect(reader, 1, 500)
        expect(reader, 2, 600)
        for _ in range(2):
            with pytest.raises(WriterDead):
                reader.read()
        with RingWriter.connect(name) as heir:
            for sequence in range(1, 11):
                exchange(reader, heir, 8192, sequence)
        assert Outside(name)["payload_free_bytes"] == 16384


@pytest.mark.parametrize("stores", range(6))
@pytest.mark.parametrize("size", [300, 500, 700], ids=["in place", "wrap", "rewind"])
def test_the_writer_is_killed_between_two_stores(
    name: str, child: MakeChild, size: int, stores: int
) -> None:
    """What it counted is delivered, the rest is undone, and all of the ring is the next one's."""
    publication = 5 if size == 700 else 4  # a rewind stores read_pos as well
    with RingReader.create(name, payload_size=1024, timeout=LIMIT) as reader:
        writer = child()
        writer.do("connect", name)
        writer.do("write", 600, 1)
        expect(reader, 1, 600)
        writer.do("mortal", stores)
        if stores < publication:
            writer.send("write", size, 2)
            eventually("the writer is a zombie", lambda: writer.state() == "Z")
        else:
            writer.do("write", size, 2)
            writer.kill()
        if stores >= publication - 1:
            expect(reader, 2, size)
        with pytest.raises(WriterDead):
            reader.read()
        with RingWriter.connect(name, timeout=LIMIT) as heir:
            reading = Call(reader.read)
            heir.write(pattern.frame(1008, 1))
            reading.result().release()
            for sequence in range(2, 6):
                exchange(reader, heir, 400, sequence)
        state = inspect(name)
        assert state.payload_free_bytes == 1024
        assert state.payload_read_count == state.payload_written_count


def test_writers_killed_anywhere_in_their_streams(name: str, child: MakeChild) -> None:
    """What arrives is each time the beginning of the stream, and no space is lost."""
    moments = random.Random(5)
    with RingReader.create(name, payload_size=16384, timeout=LIMIT) as reader:
        for seed in range(8):
            writer = child()
            writer.do("connect", name)
            writer.send("stream", seed)
            with pytest.raises(WriterDead):
                _read_stream(reader, seed, writer, moments)
        with RingWriter.connect(name) as heir:
            exchange(reader, heir, 16384 - 16, 1)
        assert Outside(name)["payload_free_bytes"] == 16384


def _read_stream(reader: RingReader, seed: int, writer: Child, moments: random.Random) -> None:
    """Read and check frames, three held at a time, and kill the writer on the way."""
    last = moments.randint(1, 400)
    held: list[Frame] = []
    try:
        for sequence, size in enumerate(pattern.frame_sizes(seed, 1, 1500), start=1):
            frame = reader.read()
            held.append(frame)
            assert (frame.sequence, frame.size) == (sequence, size)
            assert pattern.wrong_byte_of_frame(frame.data, sequence) is None
            if sequence == last:
                writer.kill()
            if len(held) == 3:
                moments.shuffle(held)
                reader.release_batch(held)
                held.clear()
    finally:
        reader.release_batch(held)


def test_the_reader_is_killed_while_the_writer_holds_a_slot(
    abandoned: str, child: MakeChild
) -> None:
    reader = child()
    reader.do("create", abandoned, 0, 16384)
    with RingWriter.connect(abandoned) as writer:
        slot = writer.acquire(8192)
        reader.kill()
        with pytest.raises(ReaderDead):
            slot.commit()
        with pytest.raises(ReaderDead):
            writer.write(b"x")


def test_a_stale_buffer_is_replaced(name: str, child: MakeChild) -> None:
    reader, writer = child(), child()
    reader.do("create", name, 64, 1024)
    writer.do("connect", name)
    writer.do("write", 100, 1)
    reader.kill()
    with pytest.raises(InUse) as caught:
        RingReader.create(name, payload_size=4096)
    assert caught.value.pid == writer.pid
    assert writer.ask("write", 100, 2).startswith("ReaderDead")
    writer.do("close")
    with RingReader.create(name, payload_size=4096, timeout=LIMIT) as ours:
        writer.do("connect", name)
        writer.do("write", 100, 1)
        expect(ours, 1, 100)
        writer.do("close")


def test_a_buffer_of_two_dead_processes_is_replaced(name: str, child: MakeChild) -> None:
    reader, writer = child(), child()
    reader.do("create", name, 64, 1024)
    writer.do("connect", name)
    reader.kill()
    writer.kill()
    with RingReader.create(name, payload_size=64):
        state = inspect(name)
        assert (state.reader_pid, state.writer_pid, state.payload_size) == (os.getpid(), 0, 64)


def test_a_dead_writers_place_is_taken(name: str, child: MakeChild) -> None:
    with RingReader.create(name, payload_size=64):
        writer = child()
        writer.do("connect", name)
        with pytest.raises(WriterExists) as caught:
            RingWriter.connect(name)
        assert caught.value.pid == writer.pid
        writer.kill()
        RingWriter.connect(name).close()


def test_a_live_owner_is_not_touched(name: str, child: MakeChild) -> None:
    reader = child()
    reader.do("create", name, 0, 1024)
    before = inspect(name)
    with pytest.raises(InUse) as caught:
        RingReader.create(name, payload_size=64)
    assert caught.value.pid == reader.pid
    assert inspect(name) == before
    with RingWriter.connect(name) as writer:
        writer.write(pattern.frame(100, 1))
        assert reader.do("read") == "ok 1 100"
    reader.do("close")


def test_a_paused_reader_is_not_dead(name: str, child: MakeChild) -> None:
    reader = child()
    reader.do("create", name, 0, 1024)
    with RingWriter.connect(name, timeout=0.15) as writer:
        reader.signal(signal.SIGSTOP)
        eventually("the reader is paused", lambda: reader.state() == "T")
        writer.write(pattern.frame(1008, 1))
        with pytest.raises(BufferFull):
            writer.write(pattern.frame(10, 2))
        reader.signal(signal.SIGCONT)
        reader.do("read")
        reader.do("release")
        writer.write(pattern.frame(10, 2), timeout=LIMIT)
        assert reader.do("read") == "ok 2 10"
    reader.do("close")


def test_wakes_across_processes(name: str, child: MakeChild) -> None:
    with RingReader.create(name, payload_size=1024, timeout=LIMIT, spin=0) as reader:
        writer, outside = child(), Outside(name)
        writer.do("connect", name)
        for sequence in range(1, 40, 2):
            reading = Call(reader.read)
            outside.asleep("w")
            writer.do("write", 900, sequence)
            frame = reading.result()
            writer.send("write", 900, sequence + 1)
            outside.asleep("r")
            frame.release()
            assert writer.answer() == "ok"
            expect(reader, sequence + 1, 900)
        writer.do("close")


def test_a_process_without_pidfd(child: MakeChild, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(pid: int) -> int:
        raise OSError(38, "no such call", str(pid))

    monkeypatch.setattr(os, "pidfd_open", refused)
    process = child()
    watch = ProcessWatch(process.pid)
    assert not watch.dead()
    assert started_after(process.pid, 1.0)
    assert not started_after(process.pid, time.time() + 3600)
    process.signal(signal.SIGKILL)
    eventually("it is a zombie", lambda: process.state() == "Z")
    assert watch.dead()
    assert process_dead(process.pid)
    process.kill()
    with pytest.raises(ProcessLookupError):
        ProcessWatch(process.pid)
    watch.close()


def test_another_process_of_the_same_id_is_not_the_same(
    child: MakeChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(pid: int) -> int:
        raise OSError(38, "no such call", str(pid))

    monkeypatch.setattr(os, "pidfd_open", refused)
    process = child()
    watch = ProcessWatch(process.pid)
    monkeypatch.setattr(watch, "_start", 1)
    assert watch.dead()


def test_a_recycled_pid_does_not_keep_the_name(name: str, child: MakeChild) -> None:
    reader = child()
    reader.do("create", name, 0, 64)
    reader.kill()
    younger = child()
    Outside(name)["reader_pid"] = younger.pid
    with pytest.raises(InUse) as caught:
        RingReader.create(name, payload_size=64)
    assert caught.value.pid == younger.pid
    path = Path(objects(name).segment)
    long_ago = time.time() - 24 * 3600
    os.utime(path, (long_ago, long_ago))
    RingReader.create(name, payload_size=64).close()
