"""The reading side of a buffer, which owns it."""

from __future__ import annotations

import logging
import os
import threading
import time
import warnings
from typing import TYPE_CHECKING

from .creation import Creation
from .cursor import Cursor
from .errors import Closed, Corrupt, NoMetadataBlock, ReadTimeout, RingError
from .frame import Frame, HeldSpans, Span
from .intake import Intake
from .names import Sizes, check_name, rounded
from .segment import (
    FIELDS,
    HEADER_SIZE,
    METADATA_FREE,
    METADATA_HEADER,
    METADATA_WRITTEN,
    PAYLOAD_FREE,
    READER_PID,
)
from .waiting import DEFAULT_SPIN, DEFAULT_TIMEOUT, PAUSE, SUSPICION, check_cancelled, now, rousing

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger(__name__)


class RingReader:
    """The reading side of a buffer, made by `create`; a context manager that closes it.

    One thread reads; others may release frames, read the metadata and close.

    Attributes:
        name: The buffer's name.
        sizes: The sizes of its blocks in bytes, rounded up to multiples of 64.
        timeout: How long a call waits for a frame, in seconds, unless it says otherwise; 0 or
            less looks once.
    """

    def __init__(self, name: str, own: Creation, timeout: float, spin: float) -> None:
        self.name = name
        self.sizes = Sizes(own.segment.metadata, own.segment.payload)
        self.timeout = timeout
        self._pid = os.getpid()
        self._own = own
        self._segment = own.segment
        self._held = HeldSpans()
        self._cursor = Cursor(own.segment, self._held, self._pid)
        self._intake = Intake(own, self._cursor, self._held, spin)
        # Held by the call that reads; taken before _settling, when both.
        self._reading = threading.Lock()
        self._settling = self._intake.settling
        self._gone = False

    @classmethod
    def create(
        cls,
        name: str,
        *,
        metadata_size: int = 0,
        payload_size: int,
        timeout: float = DEFAULT_TIMEOUT,
        spin: float = DEFAULT_SPIN,
    ) -> RingReader:
        """Make the buffer `name` and become its reader (ring protocol, Creating).

        What a dead reader left under that name is removed.

        Args:
            name: The buffer's name.
            metadata_size: The size of the metadata block in bytes, 0 for none.
            payload_size: The size of the payload block in bytes, at least 1.
            timeout: The read timeout in seconds.
            spin: How long a wait yields before it sleeps, in seconds; 0 sleeps at once.

        Raises:
            InvalidName: The name is not allowed.
            InUse: It belongs to a buffer that is alive.
            System: A system call failed, for instance with ENOSPC when shared memory is full.
        """
        check_name(name)
        own = Creation(name, rounded(name, metadata_size, payload_size))
        logger.debug("ring %r: created, %d bytes of payload", name, own.segment.payload)
        return cls(name, own, timeout, spin)

    def read(self, *, timeout: float | None = None, cancel: threading.Event | None = None) -> Frame:
        """Give the next frame, in place, waiting for it (ring protocol, Reading a frame).

        Args:
            timeout: How long to wait in seconds; None is the reader's timeout.
            cancel: An event that another thread may set to end the wait, within 100 ms.

        Returns:
            The frame, which stays valid until it is released.

        Raises:
            Closed: The reader is closed.
            Cancelled: `cancel` is set.
            ReadTimeout: No frame came.
            WriterDead: The writer's process ended, and every frame is read.
            WriterGone: The writer closed, and every frame is read.
            SequenceGap: The frame is not the next one.
            Corrupt: Shared memory holds what cannot be true.
        """
        return self.read_batch(1, timeout=timeout, cancel=cancel)[0]

    def read_batch(
        self,
        limit: int,
        *,
        timeout: float | None = None,
        cancel: threading.Event | None = None,
    ) -> list[Frame]:
        """Wait as `read` for one frame, then give those that are there, at most `limit`.

        An error of a later frame is raised by the call that begins with it.

        Args:
            limit: How many frames at most, at least 1.
            timeout: How long to wait in seconds; None is the reader's timeout.
            cancel: An event that another thread may set to end the wait, within 100 ms.

        Raises:
            ValueError: `limit` is below 1.
            RingError: As `read`.
            Cancelled: `cancel` is set.
        """
        if limit < 1:
            raise ValueError(f"a batch of {limit} frames: ask for at least 1")
        with self._reading:
            self._check_open()
            self._intake.wait(limit, self.timeout if timeout is None else timeout, cancel)
            with self._settling:
                return self._take(limit)

    def _take(self, limit: int) -> list[Frame]:
        """Take the next frames, as many as there are tokens for.

        The writer sees the new position once; it acts on the free bytes alone, which grow later.
        """
        cursor, intake = self._cursor, self._intake
        frames: list[Frame] = []
        place = cursor.seek()
        try:
            while len(frames) < limit and intake.tokens and (not frames or cursor.more(place)):
                at = cursor.locate(place)
                if at.wasted:
                    # The tail before the wrap is free, unless earlier frames are held.
                    self._held.add(Span(at.wasted, held=False))
                    try:
                        self._return_space()
                    except Corrupt:
                        self._held.undo()
                        raise
                start = at.start + HEADER_SIZE
                end = start + at.size
                data = self._segment.frames[start:end]
                frame = Frame(self, at.sequence, data, HEADER_SIZE + at.size)
                self._held.add(frame)
                intake.tokens -= 1
                if at.sequence == 1:
                    intake.presence.unclaimed = True
                place = cursor.pass_by(at, place)
                frames.append(frame)
        except RingError:
            if not frames:
                raise
        cursor.show()
        return frames

    def release(self, frame: Frame) -> None:
        """Release a frame; as its own `release`."""
        self.release_batch((frame,))

    def release_batch(self, frames: Iterable[Frame]) -> None:
        """Release frames and return their space at once.

        Raises:
            Corrupt: More space would be free than there is; the next release tries again.
            BufferError: Something still uses the `data` of one; it and those after stay held.
        """
        with self._settling:
            try:
                for frame in frames:
                    self._held.let_go(frame)
            finally:
                self._settle()

    def _settle(self) -> None:
        """Return the space that releases made free and tell the writer."""
        if self._gone or self._pid != os.getpid():
            return
        if self._return_space():
            self._own.sem_r.nudge()

    def _return_space(self) -> bool:
        """Return what releases made free, and say whether there was any.

        What damage keeps it from returning stays for the next call.
        """
        length = self._held.settled()
        if not length:
            return False
        words = self._segment.words
        limit = self._segment.payload - length
        free = words.load(PAYLOAD_FREE)
        if free > limit:
            raise Corrupt(self.name, FIELDS[PAYLOAD_FREE], free, limit)
        self._held.drop()
        words.add(PAYLOAD_FREE, length)
        return True

    def metadata(self) -> bytes | None:
        """Give a copy of the metadata, None while none is written.

        Raises:
            NoMetadataBlock: The buffer has no metadata block.
            Corrupt: It holds what cannot be true.
            Closed: The reader is closed.
        """
        with self._settling:
            self._check_open()
            segment = self._segment
            size = segment.metadata
            if size == 0:
                raise NoMetadataBlock(self.name)
            written = segment.bounded(METADATA_WRITTEN, size)
            free = segment.bounded(METADATA_FREE, size)
            if written == 0:
                return None
            # Peers store the written bytes first.
            seen = now()
            while free != size - written:
                if now() - seen > SUSPICION:
                    raise Corrupt(self.name, FIELDS[METADATA_FREE], free, size - written)
                time.sleep(PAUSE)
                free = segment.words.load(METADATA_FREE)
            length = int.from_bytes(segment.block[:METADATA_HEADER], "little")
            most = size - METADATA_HEADER
            if length > most:
                raise Corrupt(self.name, "metadata_length", length, most)
            if written != METADATA_HEADER + length:
                field = FIELDS[METADATA_WRITTEN]
                raise Corrupt(self.name, field, written, METADATA_HEADER + length)
            return bytes(segment.block[METADATA_HEADER:written])

    def wait_writer(
        self, *, timeout: float | None = None, cancel: threading.Event | None = None
    ) -> None:
        """Wait until a live writer is connected.

        Args:
            timeout: How long to wait in seconds; None is the reader's timeout.
            cancel: An event that another thread may set to end the wait, within 100 ms.

        Raises:
            ReadTimeout: None connected.
            Cancelled: `cancel` is set.
            Corrupt: writer_pid cannot be a pid.
            Closed: The reader is closed.
        """
        limit = self.timeout if timeout is None else timeout
        start = now()
        while True:
            check_cancelled(cancel, self.name, "wait for a writer")
            with self._reading:
                self._check_open()
                if self._intake.presence.present():
                    return
            if now() - start >= limit:
                raise ReadTimeout(self.name, limit, "no writer connected")
            time.sleep(PAUSE)

    def _check_open(self) -> None:
        if self._gone or self._pid != os.getpid():
            raise Closed(self.name)

    def close(self) -> None:
        """Remove the buffer.

        A call that waits ends with Closed, the writer learns of it at once (P7), the objects are
        unlinked. Frames that are held stay readable. A second close does nothing; a forked copy
        of the reader lets go of it and changes nothing. A signal handler that may interrupt a call
        of this side sets the call's `cancel` event instead, as that call could not end here.
        """
        intake = self._intake
        if intake.closed:
            return
        intake.closed = True
        if self._pid != os.getpid():
            self._gone = True
            self._own.disown()
            return
        with rousing(self._reading, self._own.sem_w), self._settling:
            if self._gone:
                return
            self._gone = True
            intake.presence.close()
            self._segment.words.store(READER_PID, 0)
            self._own.sem_r.post()
            self._own.remove()
            self._own.unmap()
        logger.debug("ring %r: closed by its reader", self.name)

    def __enter__(self) -> RingReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        intake: Intake | None = getattr(self, "_intake", None)
        if intake is not None and not intake.closed:
            warnings.warn(f"ring {self.name!r}: reader not closed", ResourceWarning, stacklevel=2)
            self.close()
