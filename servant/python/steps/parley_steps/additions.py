"""The cost of atomic additions."""

from __future__ import annotations

import ctypes
import mmap
import time

from parley import Mismatch
from parley_ring.atomics import atomics
from parley_steps.figures import RATIO, Figure

# Keeps the two words apart, in bytes.
_CACHE_LINE = 64


def measure(atomically: int, plainly: int) -> list[Figure]:
    """Adds 1 again and again to two words of shared memory that no other process uses.

    Raises:
        Mismatch: A sum is wrong.
    """
    if not atomically or not plainly:
        raise ValueError(
            f"{atomically} atomic and {plainly} plain additions cannot be compared; "
            "both must be at least 1"
        )
    with mmap.mmap(-1, mmap.PAGESIZE) as page, memoryview(page).cast("Q") as words:
        anchor = ctypes.c_char.from_buffer(page)
        address = ctypes.addressof(anchor)
        plain = _CACHE_LINE // words.itemsize
        add = atomics().fetch_add

        start = time.monotonic_ns()
        for _ in range(atomically):
            add(address, 1)
        between = time.monotonic_ns()
        for _ in range(plainly):
            words[plain] += 1
        end = time.monotonic_ns()

        sums = words[0], words[plain]
        del anchor  # the page closes only when nothing refers to it
    for what, expected, actual in zip(
        ("atomic", "plain"), (atomically, plainly), sums, strict=True
    ):
        if actual != expected:
            raise Mismatch(f"sum of {what} additions", expected=expected, actual=actual)
    atomic_each, plain_each = (between - start) / atomically, max(end - between, 1) / plainly
    return [
        Figure("atomic", atomic_each, "ns"),
        Figure("plain", plain_each, "ns"),
        Figure("atomic of plain", atomic_each / plain_each, RATIO),
    ]
