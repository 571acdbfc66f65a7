"""The writing side of a buffer."""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
import warnings
from typing import TYPE_CHECKING

from .connection import Connection
from .errors import (
    Cancelled,
    Closed,
    Corrupt,
    MetadataAlreadyWritten,
    MetadataTooLarge,
    NoMetadataBlock,
    NoReader,
    NotFound,
    RingError,
    System,
)
from .names import Sizes, check_name
from .outlet import Outlet
from .placement import Batch
from .segment import FIELDS, HEADER_SIZE, METADATA_FREE, METADATA_HEADER, METADATA_WRITTEN
from .slot import Slot
from .waiting import DEFAULT_SPIN, DEFAULT_TIMEOUT, PAUSE, check_cancelled, now, rousing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import ReadableBuffer

    from .placement import Placement

logger = logging.getLogger(__name__)


class RingWriter:
    """The writing side of a buffer, joined by `connect`; a context manager that closes it.

    One thread writes; another may close.

    Attributes:
        name: The buffer's name.
        sizes: The sizes of its blocks in bytes.
        timeout: How long a call waits for space, in seconds, unless it says otherwise; 0 or less
            looks once.
    """

    def __init__(self, name: str, connection: Connection, timeout: float, spin: float) -> None:
        self.name = name
        self.sizes = Sizes(connection.segment.metadata, connection.segment.payload)
        self.timeout = timeout
        self._pid = os.getpid()
        self._connection = connection
        self._segment = connection.segment
        self._outlet = Outlet(connection, self._pid, spin)
        # Held by the call that writes.
        self._writing = threading.Lock()
        self._slot: Slot | None = None
        self._gone = False

    @classmethod
    def connect(
        cls, name: str, *, timeout: float = DEFAULT_TIMEOUT, spin: float = DEFAULT_SPIN
    ) -> RingWriter:
        """Join the buffer `name` as its writer (ring protocol, Connect).

        Args:
            name: The buffer's name.
            timeout: The write timeout in seconds.
            spin: How long a wait yields before it sleeps, in seconds; 0 sleeps at once.

        Raises:
            InvalidName: The name is not allowed.
            NotFound: There is no such buffer.
            NoReader: Its reader closed or died.
            WriterExists: Another writer is connected.
            VersionMismatch: The layout is another one.
            Corrupt: What has the name cannot be a buffer.
            System: A system call failed. A failure changes nothing in the buffer.
        """
        check_name(name)
        writer = cls(name, Connection(name), timeout, spin)
        logger.debug("ring %r: connected, its reader is process %d", name, writer.reader_pid)
        return writer

    @classmethod
    def connect_wait(
        cls,
        name: str,
        *,
        wait: float,
        timeout: float = DEFAULT_TIMEOUT,
        spin: float = DEFAULT_SPIN,
        cancel: threading.Event | None = None,
    ) -> RingWriter:
        """Join the buffer as `connect`, waiting until it is whole and has a live reader.

        Peers do not create a buffer at once: what they have made of it so far looks broken.

        Args:
            name: The buffer's name.
            wait: How long to wait in seconds; after it the last error is raised.
            timeout: The write timeout in seconds.
            spin: How long a wait yields before it sleeps, in seconds.
            cancel: An event that another thread may set to end the wait, within 100 ms.

        Raises:
            RingError: As `connect`.
            Cancelled: `cancel` is set.
        """
        start = now()
        while True:
            try:
                return cls.connect(name, timeout=timeout, spin=spin)
            except (NotFound, NoReader, Corrupt):
                if now() - start >= wait:
                    raise
            check_cancelled(cancel, name, "connect")
            time.sleep(PAUSE)

    @property
    def reader_pid(self) -> int:
        """The reader's process."""
        return self._connection.reader.pid

    def write_metadata(self, data: ReadableBuffer) -> None:
        """Write the metadata block, once per buffer; `data` may be empty.

        Raises:
            NoMetadataBlock: The buffer has no metadata block.
            MetadataAlreadyWritten: It was written before.
            MetadataTooLarge: It does not fit.
            NoReader: The reader closed.
            ReaderDead: The reader's process ended.
            Corrupt: Shared memory holds what cannot be true.
            Closed: The writer is closed.
        """
        content = _bytes_of(data)
        with self._writing:
            self._check_open()
            segment = self._segment
            size = segment.metadata
            if size == 0:
                raise NoMetadataBlock(self.name)
            length = METADATA_HEADER + len(content)
            free = segment.words.load(METADATA_FREE)
            if segment.bounded(METADATA_WRITTEN, size):
                raise MetadataAlreadyWritten(self.name)
            if length > size:
                raise MetadataTooLarge(self.name, len(content), size - METADATA_HEADER)
            if free != size:
                raise Corrupt(self.name, FIELDS[METADATA_FREE], free, size)
            self._outlet.check_reader()
            segment.block[:METADATA_HEADER] = len(content).to_bytes(METADATA_HEADER, "little")
            segment.block[METADATA_HEADER:length] = content
            segment.words.store(METADATA_FREE, size - length)
            segment.words.store(METADATA_WRITTEN, length)

    def write(
        self,
        data: ReadableBuffer,
        *,
        timeout: float | None = None,
        cancel: threading.Event | None = None,
    ) -> None:
        """Write `data` as one frame, waiting for space (ring protocol, Writing a frame).

        Args:
            data: The frame's content, 1 to P - 16 contiguous bytes.
            timeout: How long to wait in seconds; None is the writer's timeout.
            cancel: An event that another thread may set to end the wait, within 100 ms.

        Raises:
            Closed: The writer is closed.
            EmptyFrame: `data` is empty.
            FrameTooLarge: It can never fit into this ring.
            Cancelled: `cancel` is set.
            NoReader: The reader closed.
            ReaderDead: The reader's process ended.
            BufferFull: The reader made no room.
            Corrupt: Shared memory holds what cannot be true.
            System: EBUSY while a slot is neither committed nor abandoned.
        """
        content = _bytes_of(data)
        with self._writing:
            self._check_open()
            self._check_slot()
            outlet = self._outlet
            limit = self.timeout if timeout is None else timeout
            place = outlet.place(len(content), limit, cancel)
            start = place.start + HEADER_SIZE
            self._segment.ring[start : start + place.size] = content
            batch = Batch()
            outlet.stage(batch, place)
            outlet.publish(batch)

    def write_batch(
        self,
        frames: Sequence[ReadableBuffer],
        *,
        timeout: float | None = None,
        cancel: threading.Event | None = None,
    ) -> None:
        """Write each element as one frame, and publish as many at once as there is space for.

        Args:
            frames: The frames' contents.
            timeout: How long to wait for space each time, in seconds; None is the writer's.
            cancel: An event that another thread may set to end the wait, within 100 ms.

        Raises:
            RingError: As `write`; `published` says how many frames were before.
            Cancelled: `cancel` is set; `published` as well.
        """
        limit = self.timeout if timeout is None else timeout
        contents = [_bytes_of(data) for data in frames]
        done = 0
        with self._writing:
            self._check_open()
            self._check_slot()
            while done < len(contents):
                try:
                    done += self._write_some(contents, done, limit, cancel)
                except (RingError, Cancelled) as error:
                    error.published = done
                    raise

    def _write_some(
        self,
        contents: list[bytes | memoryview],
        first: int,
        timeout: float,
        cancel: threading.Event | None,
    ) -> int:
        """Wait for space for one, write as many as fit then, and publish them at once."""
        outlet, ring = self._outlet, self._segment.ring
        batch = Batch()
        place: Placement | None = outlet.place(len(contents[first]), timeout, cancel)
        for number in range(first, len(contents)):
            content = contents[number]
            if number > first:
                place = outlet.following(batch, len(content))
            if place is None:
                break
            start = place.start + HEADER_SIZE
            ring[start : start + place.size] = content
            outlet.stage(batch, place)
        outlet.publish(batch)
        return batch.frames

    def acquire(
        self,
        size: int,
        *,
        timeout: float | None = None,
        cancel: threading.Event | None = None,
    ) -> Slot:
        """Give space for a frame of `size` bytes, waiting as `write`.

        Nothing is visible to the reader, and no sequence number is taken, before the commit (P3).
        A writer has one slot at a time.

        Args:
            size: The frame's size in bytes, 1 to P - 16.
            timeout: How long to wait in seconds; None is the writer's timeout.
            cancel: An event that another thread may set to end the wait, within 100 ms.

        Raises:
            RingError: As `write`.
            Cancelled: `cancel` is set.
        """
        with self._writing:
            self._check_open()
            self._check_slot()
            place = self._outlet.place(size, self.timeout if timeout is None else timeout, cancel)
            start = place.start + HEADER_SIZE
            self._slot = Slot(self, place, self._segment.ring[start : start + size])
            return self._slot

    def commit(self, slot: Slot) -> None:
        """Make an acquired frame visible; as its own `commit`."""
        with self._writing:
            if self._slot is not slot:
                what = "the slot was committed or abandoned"
                raise System(self.name, "commit", errno.EINVAL, what)
            slot.data.release()
            self._slot = None
            self._check_open()
            self._outlet.check_reader()
            batch = Batch()
            self._outlet.stage(batch, slot.place)
            self._outlet.publish(batch)

    def abandon(self, slot: Slot) -> None:
        """Give an acquired frame up; as its own `abandon`."""
        with self._writing:
            if self._slot is slot:
                slot.data.release()
                self._slot = None

    def _check_open(self) -> None:
        if self._outlet.closed or self._pid != os.getpid():
            raise Closed(self.name)

    def _check_slot(self) -> None:
        if self._slot is not None:
            what = "an acquired slot is neither committed nor abandoned"
            raise System(self.name, "write", errno.EBUSY, what)

    def close(self) -> None:
        """Leave the buffer.

        A call that waits ends with Closed, the reader learns of it at once (P7). The memory of an
        acquired slot stays until it is committed, which fails, or abandoned. A second close does
        nothing; a forked copy of the writer lets go of it and changes nothing. A signal handler
        that may interrupt a call of this side sets the call's `cancel` event instead, as that
        call could not end here.
        """
        if self._outlet.closed:
            return
        self._outlet.closed = True
        if self._pid != os.getpid():
            return
        with rousing(self._writing, self._connection.sem_r):
            if self._gone:
                return
            self._gone = True
            self._outlet.leave()
            self._connection.unmap()
        logger.debug("ring %r: closed by its writer", self.name)

    def __enter__(self) -> RingWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        outlet: Outlet | None = getattr(self, "_outlet", None)
        if outlet is not None and not outlet.closed:
            warnings.warn(f"ring {self.name!r}: writer not closed", ResourceWarning, stacklevel=2)
            self.close()


def _bytes_of(data: ReadableBuffer) -> bytes | memoryview:
    """Give what can be copied as bytes; raises TypeError for memory that is not contiguous."""
    return data if isinstance(data, bytes) else memoryview(data).cast("B")
