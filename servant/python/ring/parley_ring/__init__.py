"""A single-writer, single-reader ring of frames in shared memory, for processes of one machine.

The layout is ZeroBuffer v1.0.0's, so a peer written with another library can be on the other
side. `docs/ring-protocol.md` is the specification.

The reader owns a buffer and creates it; the writer connects::

    with RingReader.create("frames", payload_size=65536) as reader:
        with reader.read() as frame:
            process(frame.data)

    with RingWriter.connect("frames") as writer:
        writer.write(b"content")

Frames are read in place and may be held; `acquire` gives space to fill in place. Every wait has a
timeout in seconds and ends early when the other side closes or dies, and when the caller's `cancel`
event is set (`Cancelled`). Every other error is a `RingError`.
"""

from . import pattern
from .duplex import DuplexClient, DuplexServer
from .errors import (
    BufferFull,
    Cancelled,
    Closed,
    Corrupt,
    EmptyFrame,
    ErrorKind,
    FrameTooLarge,
    InUse,
    InvalidName,
    MetadataAlreadyWritten,
    MetadataTooLarge,
    NoMetadataBlock,
    NoReader,
    NotFound,
    ReaderDead,
    ReadTimeout,
    RingError,
    SequenceGap,
    System,
    VersionMismatch,
    WriterDead,
    WriterExists,
    WriterGone,
)
from .frame import Frame
from .inspection import LockState, SemaphoreState, State, inspect
from .names import MAX_NAME, Objects, Sizes, check_name, largest_frame, objects
from .reader import RingReader
from .slot import Slot
from .waiting import DEFAULT_SPIN, DEFAULT_TIMEOUT
from .writer import RingWriter

__all__ = [
    "DEFAULT_SPIN",
    "DEFAULT_TIMEOUT",
    "MAX_NAME",
    "BufferFull",
    "Cancelled",
    "Closed",
    "Corrupt",
    "DuplexClient",
    "DuplexServer",
    "EmptyFrame",
    "ErrorKind",
    "Frame",
    "FrameTooLarge",
    "InUse",
    "InvalidName",
    "LockState",
    "MetadataAlreadyWritten",
    "MetadataTooLarge",
    "NoMetadataBlock",
    "NoReader",
    "NotFound",
    "Objects",
    "ReadTimeout",
    "ReaderDead",
    "RingError",
    "RingReader",
    "RingWriter",
    "SemaphoreState",
    "SequenceGap",
    "Sizes",
    "Slot",
    "State",
    "System",
    "VersionMismatch",
    "WriterDead",
    "WriterExists",
    "WriterGone",
    "check_name",
    "inspect",
    "largest_frame",
    "objects",
    "pattern",
]
