"""A buffer as seen from outside (ring protocol, ring-probe inspect)."""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple

from .errors import NotFound, System, system_error
from .files import open_shared
from .names import check_name, objects
from .segment import FIELDS, OIEB_SIZE, unpack_oieb
from .semaphore import SEM_SIZE, unpack_semaphore


class SemaphoreState(NamedTuple):
    """A named semaphore: `size` is its file's in bytes, `private` is 128 between processes."""

    exists: bool = False
    size: int = 0
    value: int = 0
    waiters: int = 0
    private: int = 0


class LockState(NamedTuple):
    """The reader's lock: whether there is its file, and whether a process has it locked."""

    exists: bool = False
    held: bool = False


class State(NamedTuple):
    """A buffer at one moment.

    `segment_size` is the size of the segment's file in bytes; the OIEB's fields are as found,
    whether or not they can be true, `version` as major, minor, patch and the reserved byte.
    """

    segment_size: int
    oieb_size: int
    version: tuple[int, int, int, int]
    metadata_size: int
    metadata_free_bytes: int
    metadata_written_bytes: int
    payload_size: int
    payload_free_bytes: int
    payload_write_pos: int
    payload_read_pos: int
    payload_written_count: int
    payload_read_count: int
    writer_pid: int
    reader_pid: int
    sem_w: SemaphoreState
    sem_r: SemaphoreState
    lock: LockState


def inspect(name: str) -> State:
    """Give the state of the buffer `name`, mapping and changing nothing.

    What it finds need not be a buffer: a segment that is too short gives the fields it has, the
    others 0.

    Raises:
        InvalidName: The name is not allowed.
        NotFound: There is no segment.
        System: One of its objects cannot be read.
    """
    check_name(name)
    paths = objects(name)
    found = _peek(name, paths.segment, OIEB_SIZE)
    if found is None:
        raise NotFound(name, paths.segment)
    block, size = found
    oieb_size, major, minor, patch, reserved, *words = unpack_oieb(block)
    return State(
        segment_size=size,
        oieb_size=oieb_size,
        version=(major, minor, patch, reserved),
        **dict(zip(FIELDS[1:], words, strict=True)),
        sem_w=_semaphore(name, paths.sem_w),
        sem_r=_semaphore(name, paths.sem_r),
        lock=_lock(name, paths.lock, words[-1]),
    )


def _peek(name: str, path: str, length: int) -> tuple[bytes, int] | None:
    """Read the beginning of a file, filled up with zeros, and its size; None if there is none."""
    try:
        fd, status = open_shared(name, path, os.O_RDONLY)
    except NotFound:
        return None
    try:
        if not stat.S_ISREG(status.st_mode):
            raise System(name, "open", errno.EINVAL, f"{path} is not a regular file")
        return os.pread(fd, length, 0).ljust(length, b"\0"), status.st_size
    except OSError as error:
        raise system_error(name, "pread", path, error) from error
    finally:
        os.close(fd)


def _semaphore(name: str, path: str) -> SemaphoreState:
    found = _peek(name, path, SEM_SIZE)
    if found is None:
        return SemaphoreState()
    block, size = found
    return SemaphoreState(True, size, *unpack_semaphore(block))


def _lock(name: str, path: str, reader: int) -> LockState:
    """Ask the kernel's table: taking the lock for a moment would make a creation fail."""
    try:
        fd, status = open_shared(name, path, os.O_RDONLY)
    except NotFound:
        return LockState()
    os.close(fd)
    try:
        with open("/proc/locks", encoding="ascii") as locks:
            table = locks.read()
    except OSError as error:
        raise System(name, "read", error.errno or 0, "/proc/locks") from error
    return LockState(exists=True, held=_locked_in(table, status, reader))


def _locked_in(table: str, status: os.stat_result, reader: int) -> bool:
    """Say whether a table of locks has a flock of the file.

    Some file systems have another device number there than in stat; the reader's pid then tells.
    """
    inode = f":{status.st_ino}"
    file = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}{inode}"
    for line in table.splitlines():
        fields = line.split()
        if len(fields) < 6 or fields[1] != "FLOCK":
            continue
        if fields[5] == file or (fields[4] == str(reader) and fields[5].endswith(inode)):
            return True
    return False
