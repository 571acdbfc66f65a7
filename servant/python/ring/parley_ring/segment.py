"""The segment of a buffer, mapped (ring protocol, Segment)."""

from __future__ import annotations

import contextlib
import struct
from typing import Final

from .errors import Corrupt, VersionMismatch
from .files import map_shared
from .process import MAX_PID
from .words import Words

OIEB_SIZE: Final = 128
HEADER_SIZE: Final = 16
#: The length before the metadata, in bytes.
METADATA_HEADER: Final = 8

_ALIGN: Final = 64
_MAJOR: Final = 1
_HEADER: Final = struct.Struct("<QQ")
_OIEB: Final = struct.Struct("<I4B11Q32x")

# Indexes of the OIEB's 64-bit words.
METADATA_SIZE: Final = 1
METADATA_FREE: Final = 2
METADATA_WRITTEN: Final = 3
PAYLOAD_SIZE: Final = 4
PAYLOAD_FREE: Final = 5
WRITE_POS: Final = 6
READ_POS: Final = 7
WRITTEN_COUNT: Final = 8
READ_COUNT: Final = 9
WRITER_PID: Final = 10
READER_PID: Final = 11

#: The fields' names in errors, by their index.
FIELDS: Final = (
    "oieb_size",
    "metadata_size",
    "metadata_free_bytes",
    "metadata_written_bytes",
    "payload_size",
    "payload_free_bytes",
    "payload_write_pos",
    "payload_read_pos",
    "payload_written_count",
    "payload_read_count",
    "writer_pid",
    "reader_pid",
)


def new_oieb(metadata: int, payload: int, reader: int) -> bytes:
    """Give the OIEB of a buffer that the process `reader` has just created."""
    sizes = (metadata, metadata, 0, payload, payload)
    return _OIEB.pack(OIEB_SIZE, _MAJOR, 0, 0, 0, *sizes, 0, 0, 0, 0, 0, reader)


def unpack_oieb(block: bytes) -> tuple[int, ...]:
    """Give oieb_size, the four parts of the version, then the words 1 to 11."""
    return _OIEB.unpack(block)


class Segment:
    """A mapped segment with the snapshot of its sizes, which are never read again.

    Args:
        fd: The segment's file.
        name: The buffer's name, for errors.
        path: The segment's path, for errors.
        size: How much of the file to map, in bytes: at least 128.

    Attributes:
        metadata: The size of the metadata block in bytes.
        payload: The size of the payload block in bytes.
        words: The OIEB's words.
        ring: The payload block.
        frames: The payload block, read-only.

    Raises:
        VersionMismatch: The layout is another one.
        Corrupt: A field cannot be true (ring protocol, Hostile and broken memory).
        System: It cannot be mapped.
    """

    def __init__(self, fd: int, name: str, path: str, size: int) -> None:
        self.name = name
        self._memory = map_shared(fd, size, name, path)
        self.words = Words(self._memory, OIEB_SIZE // 8)
        try:
            self.metadata, self.payload = self._validated(size)
        except BaseException:
            self.words.release()
            self._memory.close()
            raise
        self._whole = memoryview(self._memory)
        start = OIEB_SIZE + self.metadata
        self.block = self._whole[OIEB_SIZE:start]
        self.ring = self._whole[start : start + self.payload]
        self.frames = self.ring.toreadonly()

    def _validated(self, size: int) -> tuple[int, int]:
        """Check the whole block in the order of its fields, and give the sizes."""
        load = self.words.load
        first = load(0)
        if first & 0xFFFFFFFF != OIEB_SIZE:
            raise Corrupt(self.name, FIELDS[0], first & 0xFFFFFFFF, OIEB_SIZE)
        major = first >> 32 & 0xFF
        if major != _MAJOR:
            raise VersionMismatch(self.name, major)
        room = size - OIEB_SIZE
        if room < _ALIGN:
            raise Corrupt(self.name, "segment_size", size, OIEB_SIZE + _ALIGN)
        metadata, payload = load(METADATA_SIZE), load(PAYLOAD_SIZE)
        if metadata % _ALIGN or metadata > room - _ALIGN:
            raise Corrupt(self.name, FIELDS[METADATA_SIZE], metadata, room - _ALIGN)
        if payload % _ALIGN or not _ALIGN <= payload <= room - metadata:
            raise Corrupt(self.name, FIELDS[PAYLOAD_SIZE], payload, room - metadata)
        for index in (METADATA_FREE, METADATA_WRITTEN):
            self.bounded(index, metadata)
        for index in (PAYLOAD_FREE, WRITE_POS, READ_POS):
            self.bounded(index, payload)
        for index in (WRITER_PID, READER_PID):
            self.bounded(index, MAX_PID)
        return metadata, payload

    def bounded(self, index: int, limit: int) -> int:
        """Load a field that must not exceed `limit`.

        Raises:
            Corrupt: It does.
        """
        value = self.words.load(index)
        if value > limit:
            raise Corrupt(self.name, FIELDS[index], value, limit)
        return value

    def header(self, position: int) -> tuple[int, int]:
        """Give size and sequence from the frame header at `position`, which has room for one."""
        size, sequence = _HEADER.unpack_from(self.frames, position)
        return size, sequence

    def set_header(self, position: int, size: int, sequence: int) -> None:
        """Write a frame header, or a wrap marker of zeros."""
        _HEADER.pack_into(self.ring, position, size, sequence)

    def bytes_pending(self) -> bool:
        """Say whether the positions differ; the payload's end means its beginning."""
        write, read = self.words.load(WRITE_POS), self.words.load(READ_POS)
        return write != read and (write != self.payload or read != 0)

    def unmap(self) -> None:
        """Let go of the memory; it goes when nobody has a view of a frame any more."""
        self.words.release()
        for view in (self.frames, self.ring, self.block, self._whole):
            view.release()
        with contextlib.suppress(BufferError):
            self._memory.close()
        del self._memory
