"""Frames from one side to the other (ring protocol, Writing a frame, Reading a frame)."""

from __future__ import annotations

import array
import os
import pickle
import threading
import time

import pytest
from ring_helpers import Call, MakePair, Outside, exchange, expect

from parley_ring import (
    BufferFull,
    Cancelled,
    Closed,
    EmptyFrame,
    FrameTooLarge,
    MetadataAlreadyWritten,
    MetadataTooLarge,
    NoMetadataBlock,
    ReadTimeout,
    RingWriter,
    System,
    WriterExists,
    inspect,
    largest_frame,
    pattern,
)

TAILS = [0, 1, 8, 15, 16, 17]


def test_the_largest_frame(pair: MakePair) -> None:
    reader, writer = pair(64)
    assert [largest_frame(size) for size in (64, 1, 65)] == [48, 48, 112]
    with pytest.raises(FrameTooLarge) as caught:
        writer.write(bytes(49))
    assert (caught.value.size, caught.value.largest) == (49, 48)
    with pytest.raises(EmptyFrame):
        writer.write(b"")
    with pytest.raises(EmptyFrame):
        writer.acquire(0)
    with pytest.raises(FrameTooLarge):
        writer.acquire(-1)
    for sequence, size in enumerate((48, 1, 48, 17, 48), start=1):
        exchange(reader, writer, size, sequence)


def test_any_contiguous_buffer_is_a_frame(pair: MakePair) -> None:
    reader, writer = pair(1024)
    numbers = array.array("I", [1, 2, 3])
    for content in (bytearray(b"abc"), memoryview(b"abc"), numbers):
        writer.write(content)
        with reader.read() as frame:
            assert frame.data == memoryview(content).cast("B")
    with pytest.raises(TypeError):
        writer.write(memoryview(b"abcdef")[::2])
    exchange(reader, writer, 10, 4)


def test_frames_are_read_only_and_end_with_their_release(pair: MakePair) -> None:
    reader, writer = pair(1024)
    writer.write(b"abc")
    frame = reader.read()
    with pytest.raises(TypeError):
        frame.data[0] = 1
    frame.release()
    with pytest.raises(ValueError, match="released"):
        bytes(frame.data)


def test_a_frame_in_use_stays_held(pair: MakePair, name: str) -> None:
    reader, writer = pair(1024)
    writer.write(b"abc")
    frame = reader.read()
    user = pickle.PickleBuffer(frame.data)
    free = Outside(name)["payload_free_bytes"]
    with pytest.raises(BufferError):
        frame.release()
    assert Outside(name)["payload_free_bytes"] == free
    user.release()
    frame.release()
    assert Outside(name)["payload_free_bytes"] == 1024


@pytest.mark.parametrize("tail", TAILS)
def test_frames_stay_whole_whatever_the_tail(pair: MakePair, name: str, tail: int) -> None:
    """P2: ours never leaves a tail of 1 to 15 bytes, except after a frame at 0."""
    reader, writer = pair(1024)
    outside = Outside(name)
    outside.ring()[:] = b"\xa5" * 1024
    sizes = [512 - 16, 512 - 16 - tail, 100, 1008, 1008 - tail, 300, 1008] * 3
    for sequence, size in enumerate(sizes, start=1):
        exchange(reader, writer, size, sequence)
        position = outside["payload_write_pos"]
        # Only a frame at 0 may end there.
        assert not 0 < 1024 - position < 16 or position == 16 + size
    assert outside["payload_free_bytes"] == 1024


@pytest.mark.parametrize("tail", [1, 8, 15])
def test_a_peers_tail_is_a_wrap_without_a_marker(pair: MakePair, name: str, tail: int) -> None:
    reader, writer = pair(1024)
    outside = Outside(name)
    writer.write(pattern.frame(400, 1))
    size = 1024 - 416 - 16 - tail
    outside.set_header(416, size, 2)
    outside.ring()[432 : 432 + size] = pattern.frame(size, 2)
    outside["payload_write_pos"] = 1024 - tail
    outside["payload_free_bytes"] = tail
    outside["payload_written_count"] = 2
    outside.set_token("w", outside.token("w") + 1)
    expect(reader, 1)
    expect(reader, 2)
    outside.set_header(0, 50, 3)
    outside.ring()[16:66] = pattern.frame(50, 3)
    outside["payload_free_bytes"] -= tail + 66
    outside["payload_write_pos"] = 66
    outside["payload_written_count"] = 3
    outside.set_token("w", outside.token("w") + 1)
    expect(reader, 3)
    fields = ("payload_free_bytes", "payload_read_pos", "payload_read_count")
    assert [outside[field] for field in fields] == [1024, 66, 3]


def test_a_rewind_waits_for_the_empty_ring(pair: MakePair, name: str) -> None:
    """P1: tail and frame exceed the ring, so only a rewind makes the frame writable."""
    reader, writer = pair(10240)
    writer.write(pattern.frame(6144, 1))
    frame = reader.read()
    write = Call(lambda: writer.write(pattern.frame(7168, 2)))
    outside = Outside(name)
    outside.asleep("r")
    frame.release()
    write.result()
    fields = ("payload_write_pos", "payload_read_pos", "payload_written_count")
    assert [outside[field] for field in fields] == [7168 + 16, 0, 2]
    expect(reader, 2)


def test_an_empty_large_ring_begins_anew(pair: MakePair, name: str) -> None:
    reader, writer = pair(2 << 20)
    exchange(reader, writer, 5000, 1)
    exchange(reader, writer, 5000, 2)
    assert Outside(name)["payload_write_pos"] == 5016


def test_release_in_any_order(pair: MakePair, name: str) -> None:
    """P4: space grows only over frames whose predecessors are released too."""
    reader, writer = pair(1024)
    for sequence in range(1, 5):
        writer.write(pattern.frame(100, sequence))
    frames = [reader.read() for _ in range(4)]
    free = []
    for index in (2, 1, 1, 0, 3, 3):
        frames[index].release()
        free.append(Outside(name)["payload_free_bytes"])
    assert free == [560, 560, 560, 560 + 3 * 116, 1024, 1024]


def test_a_slot_changes_nothing_before_its_commit(pair: MakePair, name: str) -> None:
    """P3: it takes neither a sequence number nor its wrap before; abandoned, nothing at all."""
    reader, writer = pair(1024)
    before = inspect(name)
    slot = writer.acquire(400)
    pattern.fill_frame(slot.data, 1)
    assert inspect(name) == before
    with pytest.raises(ReadTimeout):
        reader.read(timeout=0)
    with pytest.raises(System) as busy:
        writer.write(b"x")
    assert busy.value.details["errno"] == 16
    with pytest.raises(System):
        writer.acquire(1)
    slot.abandon()
    slot.abandon()
    assert inspect(name) == before
    with pytest.raises(System):
        slot.commit()
    with writer.acquire(400) as slot:
        pattern.fill_frame(slot.data, 1)
        slot.commit()
    expect(reader, 1, 400)
    exchange(reader, writer, 400, 2)
    before = inspect(name)
    with writer.acquire(500) as slot:
        pattern.fill_frame(slot.data, 3)
        assert inspect(name) == before
        slot.commit()
    expect(reader, 3, 500)
    with writer.acquire(10):
        pass
    exchange(reader, writer, 10, 4)


def test_metadata(pair: MakePair) -> None:
    reader, writer = pair(64, 1000)
    assert reader.metadata() is None
    with pytest.raises(MetadataTooLarge) as caught:
        writer.write_metadata(bytes(1017))
    assert (caught.value.size, caught.value.largest) == (1017, 1016)
    writer.write_metadata(pattern.metadata(1016))
    with pytest.raises(MetadataAlreadyWritten):
        writer.write_metadata(b"x")
    assert reader.metadata() == pattern.metadata(1016)


def test_empty_metadata_is_metadata(pair: MakePair) -> None:
    reader, writer = pair(64, 8)
    writer.write_metadata(b"")
    assert reader.metadata() == b""


def test_a_buffer_without_a_metadata_block(pair: MakePair) -> None:
    reader, writer = pair(64)
    with pytest.raises(NoMetadataBlock):
        writer.write_metadata(b"")
    with pytest.raises(NoMetadataBlock):
        reader.metadata()
    exchange(reader, writer, 40, 1)


def test_batches(pair: MakePair, name: str) -> None:
    reader, writer = pair(4096)
    total = 3000
    sizes = pattern.frame_sizes(3, 1, 900)
    contents = [pattern.frame(next(sizes), i + 1) for i in range(total)]

    def write() -> None:
        for first in range(0, total, 32):
            writer.write_batch(contents[first : first + 32])

    writing = Call(write)
    received = 0
    while received < total:
        frames = reader.read_batch(7)
        assert 1 <= len(frames) <= 7
        for frame in frames:
            assert frame.sequence == received + 1
            assert frame.data == contents[received]
            received += 1
        reader.release_batch(frames)
    writing.result()
    outside = Outside(name)
    assert outside["payload_free_bytes"] == 4096
    assert outside["payload_read_count"] == outside["payload_written_count"]
    assert outside.token("w") == 0


def test_a_batch_says_how_many_frames_came_before_the_bad_one(pair: MakePair, name: str) -> None:
    _, writer = pair(256)
    with pytest.raises(EmptyFrame) as caught:
        writer.write_batch([b"a", b"b", b"", b"c"])
    assert caught.value.published == 2
    assert Outside(name)["payload_written_count"] == 2
    assert Outside(name).token("w") == 2


def test_timeouts_leave_the_ring_as_it_was(pair: MakePair, name: str) -> None:
    reader, writer = pair(1024, timeout=0.03)
    with pytest.raises(ReadTimeout) as read:
        reader.read()
    assert read.value.timeout == 0.03
    writer.write(pattern.frame(1008, 1))
    before, raw = inspect(name), Outside(name).raw()
    start = time.monotonic()
    with pytest.raises(BufferFull) as full:
        writer.write(b"x")
    assert time.monotonic() - start >= 0.03
    assert full.value.details == {"timeout": 30}
    assert (inspect(name), Outside(name).raw()) == (before, raw)
    expect(reader, 1)
    exchange(reader, writer, 1, 2)


def test_a_timeout_of_a_call_counts_before_that_of_the_side(pair: MakePair) -> None:
    reader, writer = pair(64)
    with pytest.raises(ReadTimeout):
        reader.read(timeout=0)
    writer.write(bytes(48))
    with pytest.raises(BufferFull):
        writer.write(b"x", timeout=0)
    reader.timeout = writer.timeout = -1
    reader.read().release()
    with pytest.raises(ReadTimeout):
        reader.read()


def test_a_cancelled_wait_ends_and_changes_nothing(pair: MakePair, name: str) -> None:
    reader, writer = pair(64)
    cancel = threading.Event()
    outside = Outside(name)
    reading = Call(lambda: reader.read(cancel=cancel))
    outside.asleep("w")
    cancel.set()
    with pytest.raises(Cancelled):
        reading.result()
    writer.write(bytes(48))
    cancel.clear()
    writing = Call(lambda: writer.write(b"x", cancel=cancel))
    outside.asleep("r")
    cancel.set()
    with pytest.raises(Cancelled):
        writing.result()
    assert outside.token("w") == 1
    assert outside.token("r") >> 32 == 0
    with pytest.raises(EmptyFrame):
        writer.write(b"", cancel=cancel)
    with pytest.raises(Cancelled):
        reader.read(cancel=cancel)
    cancel.clear()
    with reader.read(cancel=cancel) as frame:
        assert frame.size == 48


def test_a_second_writer_is_refused(pair: MakePair, name: str) -> None:
    reader, writer = pair(1024)
    before = inspect(name)
    with pytest.raises(WriterExists) as caught:
        RingWriter.connect(name)
    assert caught.value.pid == os.getpid()
    assert inspect(name) == before
    exchange(reader, writer, 100, 1)


def test_stale_tokens_do_not_keep_a_writer_awake(pair: MakePair, name: str) -> None:
    """P6: releases leave at most one token, and a writer drains it before it sleeps."""
    reader, writer = pair(1024)
    outside = Outside(name)
    for sequence in range(1, 6):
        exchange(reader, writer, 48, sequence)
    assert outside.token("r") == 1
    writer.write(pattern.frame(1024 - 5 * 64 - 16, 6))
    writing = Call(lambda: writer.write(pattern.frame(400, 7)))
    outside.asleep("r")
    assert outside.token("r") == 1 << 32
    expect(reader, 6)
    writing.result()


def test_a_closed_side_says_so_first(pair: MakePair) -> None:
    reader, writer = pair(64)
    writer.close()
    reader.close()
    for call in (
        lambda: writer.write(b""),
        lambda: writer.write_metadata(b""),
        lambda: writer.acquire(0),
        lambda: reader.read(),
        lambda: reader.metadata(),
        lambda: reader.wait_writer(),
    ):
        with pytest.raises(Closed):
            call()
