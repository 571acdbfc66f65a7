"""The lock that a buffer's reader holds (ring protocol, Creating, connecting, closing)."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from typing import Final, NamedTuple

from .errors import InUse, NotFound, System, system_error
from .files import Draft, Identity, identity_of, open_shared, withdraw
from .names import LOCK_DIR, objects
from .process import MAX_PID, process_dead
from .segment import OIEB_SIZE, READER_PID, WRITER_PID
from .waiting import PAUSE, now

#: How long a lock is waited for whose holder is not a live reader, in seconds: that one may be
#: closing, or be another creator that is about to fail.
_PATIENCE: Final = 0.1

_SHARED_DIRECTORY: Final = 0o777 | stat.S_ISVTX


class Pids(NamedTuple):
    """The processes of a buffer, 0 for none."""

    reader: int
    writer: int


def pids_of(name: str) -> Pids:
    """Read both pids from the segment without mapping it.

    Without a segment both are 0, and so is what cannot be a pid.

    Raises:
        System: The segment cannot be read, and may belong to live processes.
    """
    path = objects(name).segment
    try:
        fd, status = open_shared(name, path, os.O_RDONLY)
    except NotFound:
        return Pids(0, 0)
    except System as error:
        # A link or a socket is no segment.
        if error.errno in {errno.ELOOP, errno.ENXIO}:
            return Pids(0, 0)
        raise
    try:
        block = os.pread(fd, OIEB_SIZE, 0) if stat.S_ISREG(status.st_mode) else b""
    except OSError as error:
        raise system_error(name, "pread", path, error) from error
    finally:
        os.close(fd)

    def pid(index: int) -> int:
        value = int.from_bytes(block[8 * index : 8 * index + 8], "little")
        return value if value <= MAX_PID else 0

    return Pids(pid(READER_PID), pid(WRITER_PID))


class Lock:
    """The lock of the buffer `name`, taken, also from a dead holder.

    Raises:
        InUse: A live process has it.
        System: It cannot be made.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.path = objects(name).lock
        _ensure_directory(name)
        start = now()
        while not self._taken():
            pid = pids_of(name).reader
            if (pid and not process_dead(pid)) or now() - start > _PATIENCE:
                advice = f"{self.path} is locked; close that reader or choose another name"
                raise InUse(name, pid, advice)
            time.sleep(PAUSE)

    def _taken(self) -> bool:
        try:
            self._fd, self.identity = self._made()
        except System as error:
            if error.errno != errno.EEXIST:
                raise
        else:
            return True
        try:
            fd, status = open_shared(self._name, self.path, os.O_RDWR)
        except NotFound:
            return False
        self._fd, self.identity = fd, identity_of(status)
        # Its last holder may have unlinked it between the open and the flock.
        taken = False
        try:
            taken = self._locked(fd) and self.identity.at(self.path)
        finally:
            if not taken:
                os.close(fd)
        return taken

    def _made(self) -> tuple[int, Identity]:
        """Make the lock file, locked before it has its name."""
        draft = Draft(self._name, LOCK_DIR, self.path)
        try:
            self._locked(draft.fd)
            draft.publish()
        except BaseException:
            draft.close()
            raise
        return draft.fd, draft.identity

    def _locked(self, fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise system_error(self._name, "flock", self.path, error) from error
        return True

    def remove(self) -> None:
        """Unlink the file and give up the lock.

        In this order, so that nobody can lock a file that is about to go.
        """
        withdraw(self.identity, self.path)
        self.close()

    def close(self) -> None:
        """Give up this process's descriptor; a forked copy of it keeps the lock."""
        os.close(self._fd)


def _ensure_directory(name: str) -> None:
    """Make the directory that every user's locks share, as /tmp itself is shared."""
    try:
        os.mkdir(LOCK_DIR)
        os.chmod(LOCK_DIR, _SHARED_DIRECTORY)
    except FileExistsError:
        return
    except OSError as error:
        raise system_error(name, "mkdir", LOCK_DIR, error) from error
