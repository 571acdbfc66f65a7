"""Atomic operations on 64-bit words of memory.

The ring protocol's free bytes and semaphores are changed by two processes at once, so they need
real atomic instructions. A few bytes of machine code give them, in a page that is writable while
it is filled and executable afterwards, never both. Where there is no code for the architecture,
or the system refuses executable pages, GCC's libatomic does it.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import logging
import mmap
import os
import sys
from collections.abc import Callable
from typing import Final, NamedTuple

from .errors import System
from .machine import MachineCode, machine_code

logger = logging.getLogger(__name__)

_SLOT: Final = 64
_SEQUENTIAL: Final = 5

_U64 = ctypes.c_uint64
_ADDRESS = ctypes.c_void_p
# PYFUNCTYPE keeps the interpreter lock: these take nanoseconds.
_FETCH_ADD = ctypes.PYFUNCTYPE(_U64, _ADDRESS, _U64)
_COMPARE_EXCHANGE = ctypes.PYFUNCTYPE(_U64, _ADDRESS, _U64, _U64)
_PAUSE = ctypes.PYFUNCTYPE(None, _U64)
_FENCE = ctypes.PYFUNCTYPE(None)


class Atomics(NamedTuple):
    """Atomic operations on the aligned 64-bit word at an address, each a full barrier."""

    #: (address, value): add modulo 2**64, give what was there
    fetch_add: Callable[[int, int], int]
    #: (address, expected, desired): store desired if expected is there, give what was there
    compare_exchange: Callable[[int, int, int], int]
    #: (times): tell the processor that the caller spins
    pause: Callable[[int], None]
    #: a full barrier; None where plain loads and stores need none
    fence: Callable[[], None] | None
    #: the memory that holds their code, for as long as they are used
    page: mmap.mmap | None = None


@functools.cache
def atomics() -> Atomics:
    """Give the atomic operations of this process.

    Raises:
        System: The platform is none of the ring's (ring protocol, Platform), or there are no
            atomic operations.
    """
    _check_platform()
    code = machine_code()
    if code is not None:
        try:
            return _from_machine_code(code)
        except OSError as error:
            logger.debug("no executable page (%s), libatomic instead", error)
    return from_libatomic()


def _check_platform() -> None:
    if not sys.platform.startswith("linux") or sys.maxsize < 2**63 - 1 or sys.byteorder != "little":
        raise System("", "load", errno.ENOTSUP, "the ring needs 64-bit little endian Linux")
    try:
        libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except ValueError:
        libc = ""
    version = tuple(int(part) for part in libc.removeprefix("glibc ").split(".") if part.isdigit())
    if not libc.startswith("glibc ") or version < (2, 21):
        what = f"glibc 2.21 or later is needed, not {libc or 'musl'}, whose semaphores differ"
        raise System("", "load", errno.ENOTSUP, what)


def _from_machine_code(code: MachineCode) -> Atomics:
    page = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    start = ctypes.addressof(ctypes.c_char.from_buffer(page))
    for number, function in enumerate(code):
        if function is not None:
            page[number * _SLOT : number * _SLOT + len(function)] = function
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mprotect.argtypes = (_ADDRESS, ctypes.c_size_t, ctypes.c_int)
    if libc.mprotect(start, mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_EXEC) != 0:
        page.close()
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    _clear_instruction_cache(start)
    return Atomics(
        fetch_add=_FETCH_ADD(start),
        compare_exchange=_COMPARE_EXCHANGE(start + _SLOT),
        pause=_PAUSE(start + 2 * _SLOT),
        fence=None if code.fence is None else _FENCE(start + 3 * _SLOT),
        page=page,
    )


def _clear_instruction_cache(start: int) -> None:
    """Show the processor the code that was written as data; x86 sees it by itself."""
    if os.uname().machine == "x86_64":
        return
    clear = ctypes.CDLL("libgcc_s.so.1").__clear_cache
    clear.argtypes = (_ADDRESS, _ADDRESS)
    clear(start, start + mmap.PAGESIZE)


def from_libatomic() -> Atomics:
    """Give the atomic operations of GCC's libatomic, with the same promises.

    Raises:
        System: The library is not installed.
    """
    try:
        library = ctypes.PyDLL("libatomic.so.1")
    except OSError as error:
        what = f"no atomic operations: install GCC's libatomic ({error})"
        raise System("", "dlopen", errno.ENOENT, what) from error
    add, exchange = library["__atomic_fetch_add_8"], library["__atomic_compare_exchange_8"]
    add.restype, add.argtypes = _U64, (_ADDRESS, _U64, ctypes.c_int)
    exchange.restype = ctypes.c_bool
    exchange.argtypes = (_ADDRESS, _ADDRESS, _U64, ctypes.c_int, ctypes.c_int)
    barrier = library["atomic_thread_fence"]
    barrier.restype, barrier.argtypes = None, (ctypes.c_int,)

    def fetch_add(address: int, value: int) -> int:
        return int(add(address, value, _SEQUENTIAL))

    def compare_exchange(address: int, expected: int, desired: int) -> int:
        found = _U64(expected)
        exchange(address, ctypes.addressof(found), desired, _SEQUENTIAL, _SEQUENTIAL)
        return found.value

    def pause(times: int) -> None:
        """Nothing: the call itself takes as long."""

    def fence() -> None:
        barrier(_SEQUENTIAL)

    return Atomics(fetch_add, compare_exchange, pause, fence)
