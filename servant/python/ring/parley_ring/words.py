"""64-bit words in shared memory."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import TYPE_CHECKING

from .atomics import atomics

if TYPE_CHECKING:
    import mmap


class Words:
    """The aligned 64-bit words at the start of a mapping, by their index.

    Loads acquire and stores release. Each is one access of 8 bytes: a memoryview of format Q
    copies a constant 8 bytes, which every compiler of CPython makes one instruction, and the
    addresses are aligned because mappings begin at a page. After `release`, `load` and `store`
    raise ValueError; `add` and `exchange` must not be called.

    Attributes:
        load: Give the word at an index.
        store: Set the word at an index to a value of 0 to 2**64 - 1.
    """

    __slots__ = ("_address", "_compare_exchange", "_fetch_add", "_view", "load", "store")

    def __init__(self, memory: mmap.mmap, count: int) -> None:
        operations = atomics()
        self._fetch_add = operations.fetch_add
        self._compare_exchange = operations.compare_exchange
        self._address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        self._view = view = memoryview(memory)[: 8 * count].cast("Q")
        self.load: Callable[[int], int] = view.__getitem__
        self.store: Callable[[int, int], None] = view.__setitem__
        fence = operations.fence
        if fence is not None:
            self.load, self.store = _ordered(view, fence)

    def add(self, index: int, value: int) -> int:
        """Add a value modulo 2**64, atomically, and give what was there."""
        return self._fetch_add(self._address + 8 * index, value)

    def exchange(self, index: int, expected: int, desired: int) -> bool:
        """Store `desired` if `expected` is there, atomically, and say whether it was."""
        return self._compare_exchange(self._address + 8 * index, expected, desired) == expected

    def release(self) -> None:
        """Let go of the mapping."""
        self._view.release()


def _ordered(
    view: memoryview, fence: Callable[[], None]
) -> tuple[Callable[[int], int], Callable[[int, int], None]]:
    def load(index: int) -> int:
        value: int = view[index]
        fence()
        return value

    def store(index: int, value: int) -> None:
        fence()
        view[index] = value

    return load, store
