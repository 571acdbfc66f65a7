"""Sleeping and waking by futex, and giving the processor up, without the interpreter lock."""

from __future__ import annotations

import ctypes
import os
from typing import Final

_FUTEX_WAIT: Final = 0
_FUTEX_WAKE: Final = 1
_NUMBERS: Final = {"x86_64": 202, "aarch64": 98, "riscv64": 98, "loongarch64": 98, "ppc64le": 221}
_NUMBER: Final = _NUMBERS.get(os.uname().machine, 98)


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_int64), ("nanoseconds", ctypes.c_int64))


_libc: Final = ctypes.CDLL(None)
_syscall: Final = _libc.syscall
_syscall.restype = ctypes.c_long
_syscall.argtypes = (
    ctypes.c_long,
    ctypes.c_void_p,
    ctypes.c_int,
    ctypes.c_uint32,
    ctypes.POINTER(_Timespec),
)

#: Gives the processor to another thread that can run.
yield_processor: Final = _libc.sched_yield


def sleep_on(address: int, seconds: float) -> None:
    """Sleep while the 32-bit word at `address` is 0, at most `seconds` by CLOCK_MONOTONIC.

    It returns early for any reason, as a futex may: the caller looks again.
    """
    nanoseconds = max(int(seconds * 1e9), 0)
    timeout = _Timespec(*divmod(nanoseconds, 1_000_000_000))
    _syscall(_NUMBER, address, _FUTEX_WAIT, 0, ctypes.byref(timeout))


def wake(address: int, count: int) -> None:
    """Wake up to `count` sleepers of any process at the 32-bit word at `address`."""
    _syscall(_NUMBER, address, _FUTEX_WAKE, count, None)
