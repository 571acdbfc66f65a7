"""Space for frames, and their publication (ring protocol, Writing a frame)."""

from __future__ import annotations

import threading
from typing import Final

from .connection import Connection, resume
from .errors import (
    BufferFull,
    Closed,
    Corrupt,
    EmptyFrame,
    FrameTooLarge,
    NoReader,
    ReaderDead,
    RingError,
)
from .placement import Batch, Placement, place_frame
from .segment import (
    FIELDS,
    HEADER_SIZE,
    PAYLOAD_FREE,
    READ_POS,
    READER_PID,
    WRITE_POS,
    WRITER_PID,
    WRITTEN_COUNT,
)
from .semaphore import SEM_MAX
from .waiting import SLICE, Spinner, check_cancelled, now

#: How often a writer that does not wait asks whether the reader's process lives, in seconds:
#: less than it takes a process to die, and seldom enough to cost nothing.
_PROBING: Final = 20e-6

#: The payload size in bytes above which an empty ring is always begun anew, to stay in the
#: cache (P1).
_REWIND_ABOVE: Final = 1 << 20


class Outlet:
    """The writer's position, counts and waits.

    Attributes:
        closed: The writer is closed: a wait ends.
        sequence: The next frame's sequence number.
        largest: The size of the ring's largest frame in bytes.
    """

    def __init__(self, connection: Connection, pid: int, spin: float) -> None:
        self._segment = connection.segment
        self._load = connection.segment.words.load
        self._name = connection.segment.name
        self._reader = connection.reader
        self._sem_w = connection.sem_w
        self._sem_r = connection.sem_r
        self._pid = pid
        self._spinner = Spinner(spin)
        self._checked = now()
        self._count = self._load(WRITTEN_COUNT)
        self.closed = False
        self.sequence = 1
        self._publishing = False
        self.largest = self._segment.payload - HEADER_SIZE
        if self._load(PAYLOAD_FREE) == self._segment.payload:
            # Tokens without frames would wake the reader in vain.
            self._sem_w.drain()

    def place(self, size: int, timeout: float, cancel: threading.Event | None) -> Placement:
        """Check everything, and wait until there is a place for a frame of `size` bytes.

        It changes nothing but sem-r.

        Raises:
            EmptyFrame: `size` is 0.
            FrameTooLarge: It can never fit, or `size` is negative.
            Cancelled: `cancel` is set.
            NoReader: The reader closed.
            ReaderDead: The reader's process ended.
            BufferFull: There was no place within `timeout` seconds.
            Corrupt: Shared memory holds what cannot be true.
            Closed: The writer is closed meanwhile.
        """
        if size == 0:
            raise EmptyFrame(self._name)
        if not 0 < size <= self.largest:
            raise FrameTooLarge(self._name, size, self.largest)
        check_cancelled(cancel, self._name, "write")
        if now() - self._checked > _PROBING:
            self.check_reader()
        return self._fit(size) or self._space(size, timeout, cancel)

    def _fit(self, size: int) -> Placement | None:
        """Find a place in the ring as it is."""
        segment = self._segment
        payload = segment.payload
        position = segment.bounded(WRITE_POS, payload)
        free = segment.bounded(PAYLOAD_FREE, payload)
        # The first frame of a writer stays where the reader expects it, which is how a reader
        # tells a new stream from a damaged one.
        eager = payload > _REWIND_ABOVE and self.sequence > 1
        return place_frame(payload, position, free, size, eager=eager)

    def _space(self, size: int, timeout: float, cancel: threading.Event | None) -> Placement:
        start = now()
        if timeout > 0 and self._spinner.until(start, lambda: self._stirred(size)):
            place = self._fit(size)
            if place:
                self._spinner.woke()
                return place
        # Tokens of earlier releases would wake us in vain; what they announced is looked at
        # again below, after the drain (P6).
        self._sem_r.drain()
        with self._sem_r:
            while True:
                if self.closed:
                    raise Closed(self._name)
                place = self._fit(size)
                if place:
                    self._spinner.slept(start)
                    return place
                check_cancelled(cancel, self._name, "write")
                self.check_reader()
                left = timeout - (now() - start)
                if left <= 0:
                    raise BufferFull(self._name, timeout)
                self._sem_r.sleep(min(left, SLICE))
                self._sem_r.drain()

    def _stirred(self, size: int) -> bool:
        """Say whether a wait for space has something to look at."""
        return self.closed or self._load(READER_PID) == 0 or self._fit(size) is not None

    def check_reader(self, *, look: bool = True) -> None:
        """Check that somebody reads; with `look`, that the reader's process lives.

        Raises:
            NoReader: The reader closed.
            ReaderDead: Its process ended.
            Corrupt: A pid was changed.
        """
        load, reader = self._load, self._reader
        if load(WRITER_PID) != self._pid:
            raise Corrupt(self._name, FIELDS[WRITER_PID], load(WRITER_PID), self._pid)
        pid = load(READER_PID)
        if pid != reader.pid:
            raise self._changed(pid)
        if look or reader.ended:
            self._checked = now()
            if reader.dead():
                raise ReaderDead(self._name, pid)

    def _changed(self, pid: int) -> RingError:
        if pid == 0:
            return NoReader(self._name)
        return Corrupt(self._name, FIELDS[READER_PID], pid, self._reader.pid)

    def stage(self, batch: Batch, place: Placement) -> None:
        """Write a frame's header, and the marker before it if it wraps.

        The reader sees none of it before `publish`.
        """
        if place.wasted:
            self._segment.set_header(place.origin, 0, 0)
        self._segment.set_header(place.start, place.size, self.sequence + batch.frames)
        batch.add(place)

    def following(self, batch: Batch, size: int) -> Placement | None:
        """Find a place behind the batch for a frame that needs no wait, None if it must wait."""
        if not 0 < size <= self.largest:
            return None
        return place_frame(self._segment.payload, batch.position, batch.free, size, eager=False)

    def publish(self, batch: Batch) -> None:
        """Make the batch visible.

        The counter grows last, so that a reader never sees a frame whose space counts as free,
        and write_pos moves first, so that space which is taken without a frame shows.

        Raises:
            NoReader: The reader closed.
            ReaderDead: Its process is known to have ended.
            Corrupt: Shared memory holds what cannot be true.
        """
        self.check_reader(look=False)
        words = self._segment.words
        written = self._load(WRITTEN_COUNT)
        if written != self._count:
            raise Corrupt(self._name, FIELDS[WRITTEN_COUNT], written, self._count)
        limit = SEM_MAX - batch.frames
        if self._sem_w.value > limit:
            raise Corrupt(self._name, "sem_w_value", self._sem_w.value, limit)
        self._publishing = True
        if batch.rewind:
            words.store(READ_POS, 0)
        words.store(WRITE_POS, batch.position)
        words.add(PAYLOAD_FREE, -batch.bytes)
        self._count = (self._count + batch.counts) % (1 << 64)
        self.sequence += batch.frames
        words.store(WRITTEN_COUNT, self._count)
        self._sem_w.post(batch.frames)
        self._publishing = False

    def leave(self) -> None:
        """Give the buffer up and tell the reader (P7)."""
        self._reader.close()
        if self._publishing:
            # An exception of a signal handler came between the stores.
            resume(self._segment)
        if self._segment.words.exchange(WRITER_PID, self._pid, 0):
            self._sem_w.post()
