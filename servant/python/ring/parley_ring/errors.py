"""The ring's errors, with the names that all languages share (ring protocol, Errors)."""

from __future__ import annotations

import enum
import errno as errnos
import os
from typing import ClassVar


class ErrorKind(enum.Enum):
    """What went wrong; the value is the name that all languages share."""

    INVALID_NAME = "InvalidName"
    IN_USE = "InUse"
    NOT_FOUND = "NotFound"
    NO_READER = "NoReader"
    WRITER_EXISTS = "WriterExists"
    VERSION_MISMATCH = "VersionMismatch"
    CORRUPT = "Corrupt"
    METADATA_TOO_LARGE = "MetadataTooLarge"
    METADATA_ALREADY_WRITTEN = "MetadataAlreadyWritten"
    NO_METADATA_BLOCK = "NoMetadataBlock"
    FRAME_TOO_LARGE = "FrameTooLarge"
    EMPTY_FRAME = "EmptyFrame"
    BUFFER_FULL = "BufferFull"
    READ_TIMEOUT = "ReadTimeout"
    READER_DEAD = "ReaderDead"
    WRITER_DEAD = "WriterDead"
    WRITER_GONE = "WriterGone"
    SEQUENCE_GAP = "SequenceGap"
    CLOSED = "Closed"
    SYSTEM = "System"

    def __str__(self) -> str:
        return self.value


class Cancelled(Exception):
    """A wait ended because the caller set its `cancel` event; the ring is as it was.

    Attributes:
        name: The buffer's name.
        published: How many frames of a batch were published before.
    """

    published = 0

    def __init__(self, name: str, doing: str) -> None:
        super().__init__(name, doing)
        self.name = name

    def __str__(self) -> str:
        name, doing = self.args
        return f"ring {name!r}: {doing}: cancelled"


class RingError(Exception):
    """The base of every error of a ring.

    Attributes:
        kind: What went wrong, as all languages name it.
        name: The buffer's name.
        details: The values that the kind carries, under the names that all languages share.
        pid: The process that owns the buffer, writes it or died; 0 if unknown.
        published: How many frames of a batch were published before.
    """

    kind: ClassVar[ErrorKind]
    #: What to say when the kind has nothing of its own to tell.
    text: ClassVar[str] = ""
    published = 0

    def __init__(self, name: str, message: str = "", *, pid: int = 0) -> None:
        # The arguments stay what __new__ made them, so that errors can be pickled.
        self.name = name
        self.message = message or self.text
        self.pid = pid
        self.details: dict[str, object] = {}

    def __str__(self) -> str:
        return f"ring {self.name!r}: {self.message}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(
    kind: type[RingError], args: tuple[object, ...], state: dict[str, object]
) -> RingError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class InvalidName(RingError):
    """The buffer's name is not allowed."""

    kind = ErrorKind.INVALID_NAME

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            name,
            f"invalid name: {why}; use 1 to 245 of A-Z a-z 0-9 . _ -, not starting with a dot",
        )


class InUse(RingError):
    """The name belongs to a buffer that is alive; `pid` is its owner."""

    kind = ErrorKind.IN_USE

    def __init__(self, name: str, pid: int, advice: str) -> None:
        owner = f" by pid {pid}" if pid else ""
        super().__init__(name, f"already in use{owner}: {advice}", pid=pid)


class NotFound(RingError):
    """There is no buffer of that name."""

    kind = ErrorKind.NOT_FOUND

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name, f"not found: {path} does not exist; its reader must create it first")


class NoReader(RingError):
    """The buffer has no reader, or its reader closed it."""

    kind = ErrorKind.NO_READER

    def __init__(self, name: str, why: str = "", *, pid: int = 0) -> None:
        owner = f", pid {pid}" if pid else ""
        super().__init__(
            name,
            why or f"no reader: it was closed or died{owner}; create the buffer again",
            pid=pid,
        )


class WriterExists(RingError):
    """Another writer is connected; `pid` is its process."""

    kind = ErrorKind.WRITER_EXISTS

    def __init__(self, name: str, pid: int) -> None:
        super().__init__(name, f"another writer is connected, pid {pid}: close it first", pid=pid)


class VersionMismatch(RingError):
    """The layout's major version is not 1.

    Attributes:
        found: The major version found.
    """

    kind = ErrorKind.VERSION_MISMATCH

    def __init__(self, name: str, found: int) -> None:
        super().__init__(name, f"layout version {found}, only version 1 is understood")
        self.found = found


class Corrupt(RingError):
    """Shared memory holds what cannot be true (ring protocol, Hostile and broken memory).

    Attributes:
        field: The name of the field.
        value: What it holds.
        limit: What it must not exceed, or must be.
    """

    kind = ErrorKind.CORRUPT

    def __init__(self, name: str, field: str, value: int, limit: int, why: str = "") -> None:
        cause = f": {why}" if why else ""
        super().__init__(name, f"corrupt: {field} is {value}, limit {limit}{cause}")
        self.field = field
        self.value = value
        self.limit = limit
        self.details = {"field": field, "value": value, "limit": limit}


class MetadataTooLarge(RingError):
    """The metadata does not fit into its block.

    Attributes:
        size: The size asked for in bytes.
        largest: The greatest size that fits, in bytes.
    """

    kind = ErrorKind.METADATA_TOO_LARGE

    def __init__(self, name: str, size: int, largest: int) -> None:
        super().__init__(
            name, f"metadata of {size} bytes is too large, at most {largest} bytes fit"
        )
        self.size = size
        self.largest = largest


class MetadataAlreadyWritten(RingError):
    """Metadata is written once per buffer."""

    kind = ErrorKind.METADATA_ALREADY_WRITTEN
    text = "metadata is already written and can be written once"


class NoMetadataBlock(RingError):
    """The buffer was created with a metadata size of 0."""

    kind = ErrorKind.NO_METADATA_BLOCK
    text = "it has no metadata block; create it with a metadata size above 0"


class FrameTooLarge(RingError):
    """The frame can never fit into this ring.

    Attributes:
        size: The size asked for in bytes.
        largest: The size of the ring's largest frame in bytes.
    """

    kind = ErrorKind.FRAME_TOO_LARGE

    def __init__(self, name: str, size: int, largest: int) -> None:
        super().__init__(
            name,
            f"frame of {size} bytes is too large for this ring, at most {largest} bytes fit",
        )
        self.size = size
        self.largest = largest
        self.details = {"size": size, "largest": largest}


class EmptyFrame(RingError):
    """A frame has at least one byte."""

    kind = ErrorKind.EMPTY_FRAME
    text = "a frame has at least 1 byte"


class BufferFull(RingError):
    """The reader made no room within the write timeout.

    Attributes:
        timeout: How long the call waited, in seconds; in `details` in milliseconds.
    """

    kind = ErrorKind.BUFFER_FULL

    def __init__(self, name: str, timeout: float, why: str = "the reader made no room") -> None:
        super().__init__(name, f"buffer full: {why} within {timeout:g} s")
        self.timeout = timeout
        self.details = {"timeout": round(timeout * 1000)}


class ReadTimeout(RingError):
    """No frame came within the read timeout.

    Attributes:
        timeout: How long the call waited, in seconds.
    """

    kind = ErrorKind.READ_TIMEOUT

    def __init__(self, name: str, timeout: float, missing: str = "no frame") -> None:
        super().__init__(name, f"{missing} within {timeout:g} s")
        self.timeout = timeout


class ReaderDead(RingError):
    """The reader's process ended without closing; `pid` is that process."""

    kind = ErrorKind.READER_DEAD

    def __init__(self, name: str, pid: int) -> None:
        super().__init__(name, f"reader dead, pid {pid}", pid=pid)


class WriterDead(RingError):
    """The writer's process ended without closing; `pid` is that process."""

    kind = ErrorKind.WRITER_DEAD

    def __init__(self, name: str, pid: int) -> None:
        super().__init__(name, f"writer dead, pid {pid}", pid=pid)


class WriterGone(RingError):
    """The writer closed in order, and every frame is read."""

    kind = ErrorKind.WRITER_GONE
    text = "writer gone: it closed and every frame was read"


class SequenceGap(RingError):
    """A frame does not have the sequence number that is next.

    Attributes:
        expected: The number that is next.
        actual: The number found.
    """

    kind = ErrorKind.SEQUENCE_GAP

    def __init__(self, name: str, expected: int, actual: int) -> None:
        super().__init__(name, f"sequence gap: expected {expected}, got {actual}")
        self.expected = expected
        self.actual = actual
        self.details = {"expected": expected, "actual": actual}


class Closed(RingError):
    """This side was closed by its own process."""

    kind = ErrorKind.CLOSED
    text = "closed"


class System(RingError):
    """A system call failed.

    Attributes:
        call: The call.
        errno: Its error number.
    """

    kind = ErrorKind.SYSTEM

    def __init__(self, name: str, call: str, errno: int, what: str) -> None:
        advice = ""
        if errno == errnos.ENOSPC:
            advice = "; free space there or ask for smaller sizes"
        super().__init__(name, f"{call}: {what}: {os.strerror(errno)}{advice}")
        self.call = call
        self.errno = errno
        self.details = {"call": call, "errno": errno}


def system_error(name: str, call: str, path: str, error: OSError) -> System:
    """Report the failed system call `call` on `path`."""
    return System(name, call, error.errno or 0, path)
