"""Machine code of the atomic operations that Python and ctypes lack."""

from __future__ import annotations

import os
from typing import Final, NamedTuple


class MachineCode(NamedTuple):
    """The bytes of one function each, position independent, in the platform's C convention."""

    #: uint64 fetch_add(uint64 *at, uint64 value), a full barrier
    fetch_add: bytes
    #: uint64 compare_exchange(uint64 *at, uint64 expected, uint64 desired), a full barrier;
    #: gives what was there
    compare_exchange: bytes
    #: void pause(uint64 times), times above 0
    pause: bytes
    #: void fence(void), a full barrier; None where loads and stores need none: no place relies
    #: on the order of a store and a later load without an atomic operation in between
    fence: bytes | None


_X86_64: Final = MachineCode(
    fetch_add=bytes.fromhex(
        "f30f1efa"  # endbr64
        "4889f0"  # mov rax, rsi
        "f0480fc107"  # lock xadd [rdi], rax
        "c3"  # ret
    ),
    compare_exchange=bytes.fromhex(
        "f30f1efa"  # endbr64
        "4889f0"  # mov rax, rsi
        "f0480fb117"  # lock cmpxchg [rdi], rdx
        "c3"  # ret
    ),
    pause=bytes.fromhex(
        "f30f1efa"  # endbr64
        "f390"  # 1: pause
        "4883ef01"  # sub rdi, 1
        "75f8"  # jnz 1b
        "c3"  # ret
    ),
    fence=None,
)


def _aarch64(*instructions: int) -> bytes:
    return b"".join(i.to_bytes(4, "little") for i in instructions)


# The exclusive pairs are in every ARMv8; the barrier at the end makes them as strong as x86's
# lock prefix, which acquire and release alone are not for a load that follows.
_AARCH64: Final = MachineCode(
    fetch_add=_aarch64(
        0xC85FFC02,  # 1: ldaxr x2, [x0]
        0x8B010043,  # add x3, x2, x1
        0xC804FC03,  # stlxr w4, x3, [x0]
        0x35FFFFA4,  # cbnz w4, 1b
        0xD5033BBF,  # dmb ish
        0xAA0203E0,  # mov x0, x2
        0xD65F03C0,  # ret
    ),
    compare_exchange=_aarch64(
        0xC85FFC03,  # 1: ldaxr x3, [x0]
        0xEB01007F,  # cmp x3, x1
        0x54000061,  # b.ne 2f
        0xC804FC02,  # stlxr w4, x2, [x0]
        0x35FFFF84,  # cbnz w4, 1b
        0xD5033BBF,  # 2: dmb ish
        0xAA0303E0,  # mov x0, x3
        0xD65F03C0,  # ret
    ),
    pause=_aarch64(
        0xD503203F,  # 1: yield
        0xF1000400,  # subs x0, x0, #1
        0x54FFFFC1,  # b.ne 1b
        0xD65F03C0,  # ret
    ),
    fence=_aarch64(
        0xD5033BBF,  # dmb ish
        0xD65F03C0,  # ret
    ),
)

_CODE: Final = {"x86_64": _X86_64, "aarch64": _AARCH64}


def machine_code() -> MachineCode | None:
    """Give the code for this process's architecture, None if there is none."""
    return _CODE.get(os.uname().machine)
