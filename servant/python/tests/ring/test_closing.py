"""Closing and reconnecting (ring protocol, Creating, connecting, closing, P5 and P7)."""

from __future__ import annotations

import os
import threading

import pytest
from ring_helpers import LIMIT, Call, MakePair, Outside, exchange, expect, leftovers

from parley_ring import (
    Closed,
    Corrupt,
    NoReader,
    ReadTimeout,
    RingReader,
    RingWriter,
    WriterGone,
    inspect,
    pattern,
)


def test_close_while_busy(name: str) -> None:
    """Each call ends with Closed, and no memory is unmapped under it."""
    for _ in range(40):
        reader = RingReader.create(name, metadata_size=64, payload_size=4096, timeout=LIMIT)
        writer = RingWriter.connect(name, timeout=LIMIT)

        def read(reader: RingReader = reader) -> None:
            while True:
                with reader.read() as frame:
                    assert pattern.wrong_byte_of_frame(frame.data, frame.sequence) is None
                reader.metadata()

        def write(writer: RingWriter = writer) -> None:
            for sequence in range(1, 1_000_000):
                writer.write(pattern.frame(700, sequence))

        calls = [Call(read), Call(write)]
        closing = [Call(reader.close), Call(writer.close)]
        for close in closing:
            close.result()
        with pytest.raises((Closed, WriterGone)):
            calls[0].result()
        with pytest.raises((Closed, NoReader)):
            calls[1].result()


def test_many_closes_are_one(name: str) -> None:
    for _ in range(20):
        reader = RingReader.create(name, payload_size=64)
        writer = RingWriter.connect(name)
        closing = [Call(side.close) for side in (reader, writer) * 4]
        for close in closing:
            close.result()


def test_close_ends_sleeping_calls(name: str) -> None:
    with RingReader.create(name, payload_size=64, timeout=LIMIT) as reader:
        outside = Outside(name)
        with RingWriter.connect(name, timeout=LIMIT) as writer:
            writer.write(bytes(48))
            writing = Call(lambda: writer.write(bytes(48)))
            outside.asleep("r")
        with pytest.raises(Closed):
            writing.result()
        reader.read().release()
        with pytest.raises(WriterGone):
            reader.read()
        with RingWriter.connect(name) as writer:
            reading = Call(reader.read)
            outside.asleep("w")
            outside.set_token("r", 0)
            reader.close()
            with pytest.raises(Closed):
                reading.result()
            assert outside.token("r") == 1, "the reader closed without a post for its writer"
            with pytest.raises(NoReader):
                writer.write(b"x")
    reader.close()


def test_what_is_held_outlives_close(pair: MakePair) -> None:
    reader, writer = pair(1024)
    writer.write(pattern.frame(100, 1))
    frame = reader.read()
    slot = writer.acquire(100)
    reader.close()
    writer.close()
    assert pattern.wrong_byte_of_frame(frame.data, 1) is None
    pattern.fill_frame(slot.data, 2)
    frame.release()
    with pytest.raises(Closed):
        slot.commit()


def test_the_next_writer_begins_at_sequence_1(name: str) -> None:
    """P5, on an empty and on a full ring."""
    with RingReader.create(name, payload_size=4096) as reader:
        with RingWriter.connect(name) as writer:
            exchange(reader, writer, 100, 1)
            exchange(reader, writer, 100, 2)
        with RingWriter.connect(name) as writer:
            assert Outside(name).token("w") == 0
            exchange(reader, writer, 100, 1)
            writer.write(pattern.frame(100, 2))
        with RingWriter.connect(name) as writer:
            writer.write(pattern.frame(100, 1))
        expect(reader, 2)
        expect(reader, 1)
        for _ in range(2):
            with pytest.raises(WriterGone):
                reader.read()


@pytest.mark.parametrize("read_before", [True, False])
@pytest.mark.parametrize("size", [1000, 1008])
def test_the_next_writer_may_rewind_unseen(name: str, size: int, read_before: bool) -> None:
    """P5: the reader sees nothing of the change but a first frame at 0."""
    with RingReader.create(name, payload_size=1024, timeout=LIMIT) as reader:
        with RingWriter.connect(name, timeout=LIMIT) as writer:
            writer.write(pattern.frame(size - 8, 1))
            if read_before:
                expect(reader, 1, size - 8)
        with RingWriter.connect(name, timeout=LIMIT) as writer:
            if not read_before:
                expect(reader, 1, size - 8)
            for sequence in range(1, 4):
                exchange(reader, writer, size, sequence)
        with pytest.raises(WriterGone):
            reader.read()


def test_the_next_writer_may_rewind_in_the_midst_of_a_burst(name: str) -> None:
    with RingReader.create(name, payload_size=1024, timeout=LIMIT) as reader:
        for _ in range(50):
            with RingWriter.connect(name, timeout=LIMIT) as writer:

                def burst(writer: RingWriter = writer) -> None:
                    for sequence, size in enumerate((700, 100, 100, 50, 300), start=1):
                        writer.write(pattern.frame(size, sequence))

                writing = Call(burst)
                for sequence in range(1, 6):
                    expect(reader, sequence)
                writing.result()


@pytest.mark.parametrize("old", [1, 2])
def test_a_position_at_an_old_frame_is_no_rewind(pair: MakePair, name: str, old: int) -> None:
    reader, writer = pair(1024)
    outside = Outside(name)
    for sequence in range(1, old + 1):
        exchange(reader, writer, 100, sequence)
    writer.write(pattern.frame(100, old + 1))
    right, outside["payload_read_pos"] = outside["payload_read_pos"], 0
    for _ in range(2):
        with pytest.raises(Corrupt, match="payload_read_pos"):
            reader.read()
    outside["payload_read_pos"] = right
    expect(reader, old + 1)


def test_a_writer_that_never_wrote_is_gone_after_its_close(name: str) -> None:
    with RingReader.create(name, payload_size=64, timeout=LIMIT) as reader:
        RingWriter.connect(name).close()
        with pytest.raises(WriterGone):
            reader.read()


def test_wait_writer(name: str) -> None:
    with RingReader.create(name, payload_size=64, timeout=LIMIT) as reader:
        with pytest.raises(ReadTimeout, match="no writer connected"):
            reader.wait_writer(timeout=0)
        waiting = Call(reader.wait_writer)
        with RingWriter.connect(name):
            waiting.result()


def test_connect_wait(name: str) -> None:
    connecting = Call(lambda: RingWriter.connect_wait(name, wait=LIMIT))
    with RingReader.create(name, payload_size=64), connecting.result() as writer:
        assert writer.reader_pid == os.getpid()


def test_an_unclosed_side_warns_and_closes(name: str) -> None:
    reader = RingReader.create(name, payload_size=64)
    writer = RingWriter.connect(name)
    with pytest.warns(ResourceWarning, match="writer not closed"):
        del writer
    assert inspect(name).writer_pid == 0
    with pytest.warns(ResourceWarning, match="reader not closed"):
        del reader
    assert not leftovers(name)


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_forked_copy_changes_nothing(pair: MakePair, name: str) -> None:
    """What a child process inherits is not its own: it can neither use nor remove it."""
    reader, writer = pair(1024)
    writer.write(pattern.frame(100, 1))
    frame = reader.read()
    before = Outside(name).raw()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with pytest.raises(Closed):
                reader.read(timeout=0)
            with pytest.raises(Closed):
                writer.write(b"x")
            frame.release()
            writer.close()
            reader.close()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert status == 0
    assert Outside(name).raw() == before
    frame.release()
    exchange(reader, writer, 100, 2)


def test_a_release_may_come_from_another_thread(pair: MakePair, name: str) -> None:
    reader, writer = pair(1024)
    frames = []
    for sequence in range(1, 9):
        writer.write(pattern.frame(100, sequence))
        frames.append(reader.read())
    threads = [threading.Thread(target=frame.release) for frame in frames]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Outside(name)["payload_free_bytes"] == 1024
