"""glibc named semaphores (ring protocol, glibc named semaphore)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from typing import Final

from . import futex
from .errors import Corrupt
from .files import map_shared, open_shared
from .words import Words

SEM_SIZE: Final = 32
SEM_MAX: Final = 0x7FFFFFFF

_SHARED: Final = 128
_ONE_WAITER: Final = 1 << 32
_VALUE: Final = _ONE_WAITER - 1
_EVERYBODY: Final = 0x7FFFFFFF
_CONTENT: Final = struct.Struct("<IIi20x")


def new_semaphore() -> bytes:
    """Give the content of a semaphore's file with value 0."""
    return _CONTENT.pack(0, 0, _SHARED)


def unpack_semaphore(content: bytes) -> tuple[int, int, int]:
    """Give value, waiters and `private` from a semaphore's file."""
    value, waiters, private = _CONTENT.unpack(content)
    return value, waiters, private


class Semaphore:
    """A named semaphore, mapped.

    Args:
        name: The buffer's name, for errors.
        field: "sem_w" or "sem_r", with which the fields' names begin in errors.
        path: The semaphore's path.

    Raises:
        NotFound: There is none.
        Corrupt: It is none of glibc's.
        System: It cannot be opened or mapped.
    """

    def __init__(self, name: str, field: str, path: str) -> None:
        fd, status = open_shared(name, path, os.O_RDWR)
        try:
            if status.st_size < SEM_SIZE:
                raise Corrupt(name, f"{field}_size", status.st_size, SEM_SIZE)
            self._memory = map_shared(fd, SEM_SIZE, name, path)
        finally:
            os.close(fd)
        self._words = Words(self._memory, 1)
        self._address = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        private = _CONTENT.unpack(self._memory[:SEM_SIZE])[2]
        if private != _SHARED:
            self.unmap()
            why = (
                "not a semaphore of glibc 2.21 or later; musl's semaphores differ,"
                " so build the peer with glibc"
            )
            raise Corrupt(name, f"{field}_private", private & 0xFFFFFFFF, _SHARED, why)

    def load(self) -> int:
        """Give value and waiters in one word, as `drop` takes it."""
        return self._words.load(0)

    @property
    def value(self) -> int:
        """How many tokens there are."""
        return self._words.load(0) & _VALUE

    def take(self, most: int) -> int:
        """Take up to `most` tokens at once, and give how many they were."""
        words = self._words
        while True:
            seen = words.load(0)
            count = seen & _VALUE
            if count > most:
                count = most
            if count == 0 or words.exchange(0, seen, seen - count):
                return count

    def drain(self) -> None:
        """Set the value to 0."""
        self.take(SEM_MAX + SEM_MAX)

    def drop(self, seen: int) -> bool:
        """Set the value to 0 if the semaphore is still as `load` saw it."""
        return self._words.exchange(0, seen, seen & ~_VALUE)

    def post(self, count: int = 1) -> bool:
        """Add tokens and wake a waiter; add none and say False if the value would overflow.

        Each semaphore has one poster, so that the value cannot grow after the look at it.
        """
        words = self._words
        if (words.load(0) & _VALUE) + count > SEM_MAX:
            return False
        if words.add(0, count) >= _ONE_WAITER:
            futex.wake(self._address, 1)
        return True

    def nudge(self) -> None:
        """Post one token unless one is there that nobody waits for (P6)."""
        seen = self._words.load(0)
        if seen & _VALUE == 0 or seen >= _ONE_WAITER:
            self.post()

    def __enter__(self) -> Semaphore:
        """Count the caller as a waiter: within, it may sleep."""
        self._words.add(0, _ONE_WAITER)
        return self

    def __exit__(self, *_: object) -> None:
        self._words.add(0, -_ONE_WAITER)

    def sleep(self, seconds: float) -> None:
        """Sleep while the value is 0, at most `seconds`; only as a waiter."""
        futex.sleep_on(self._address, seconds)

    def rouse(self) -> None:
        """Wake every sleeper without a token."""
        futex.wake(self._address, _EVERYBODY)

    def unmap(self) -> None:
        """Let go of the memory."""
        self._words.release()
        with contextlib.suppress(BufferError):
            self._memory.close()
        del self._memory
