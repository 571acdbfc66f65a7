"""Frames of the wire (servant contract, Framing)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The largest body accepted, in bytes.
MAX_BODY = 64 << 20

_MAX_LINE = 16 << 10
_LENGTH = re.compile(rb"content-length:[ \t]*(\d+)[ \t]*\r?\Z", re.IGNORECASE)
_HEADER = re.compile(rb"[^:\s]+:")


class FrameTooLargeError(Exception):
    """A header announced more than `MAX_BODY` bytes: where the next frame begins is unknown."""


def frame(body: bytes) -> bytes:
    """Puts a message's body into a frame."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class FrameParser:
    """Takes bytes as they come and gives the bodies of the frames in them.

    Headers are read in any case; bytes that belong to no frame are skipped up to the next
    Content-Length. For one thread.
    """

    def __init__(self, stray: Callable[[bytes], None]) -> None:
        """Begins between two frames.

        Args:
            stray: Told what belongs to no frame, line by line.
        """
        self._stray = stray
        self._data = bytearray()
        self._announced: int | None = None
        self._in_body = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Takes bytes and gives the bodies that are complete with them.

        Raises:
            FrameTooLargeError: A header announced a body above `MAX_BODY` bytes.
        """
        self._data += data
        while True:
            if self._in_body:
                length = self._announced or 0
                if len(self._data) < length:
                    return
                body = bytes(self._data[:length])
                del self._data[:length]
                self._announced, self._in_body = None, False
                yield body
                continue
            end = self._data.find(b"\n")
            if end < 0:
                if len(self._data) > _MAX_LINE:
                    self._stray(bytes(self._data))
                    self._data.clear()
                return
            line = bytes(self._data[:end])
            del self._data[: end + 1]
            self._take(line)

    def _take(self, line: bytes) -> None:
        # Stray text without a line end may stand right before the header.
        length = _LENGTH.search(line) if self._announced is None else _LENGTH.match(line)
        if length is not None:
            if length.start() > 0:
                self._stray(line[: length.start()])
            self._announce(length[1])
        elif self._announced is not None and line in (b"", b"\r"):
            self._in_body = True
        elif not _HEADER.match(line):
            self._announced = None
            if line.strip():
                self._stray(line)

    def _announce(self, digits: bytes) -> None:
        digits = digits.lstrip(b"0") or b"0"
        if len(digits) > len(str(MAX_BODY)) or int(digits) > MAX_BODY:
            announced = digits[:40].decode()
            raise FrameTooLargeError(
                f"a frame of {announced} bytes is above the limit of {MAX_BODY} bytes (64 MiB)"
            )
        self._announced = int(digits)
