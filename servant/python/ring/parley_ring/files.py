"""Files that become visible whole, and files that are opened with care."""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
from typing import Final, NamedTuple

from .errors import Corrupt, NotFound, System, system_error

_MODE: Final = 0o600
_NO_UNNAMED_FILES: Final = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL})


class Identity(NamedTuple):
    """A file, whatever its name."""

    device: int
    inode: int

    def at(self, path: str) -> bool:
        """Say whether `path` is a name of the file."""
        try:
            return identity_of(os.lstat(path)) == self
        except OSError:
            return False


def identity_of(status: os.stat_result) -> Identity:
    """Give the identity of the file that `status` describes."""
    return Identity(status.st_dev, status.st_ino)


def open_shared(name: str, path: str, flags: int) -> tuple[int, os.stat_result]:
    """Open an object of a buffer that exists, and give its descriptor and status.

    A FIFO or a link that took the name neither hangs the caller nor leads it elsewhere.

    Raises:
        NotFound: Nothing has that name.
        System: It cannot be opened.
    """
    try:
        fd = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise NotFound(name, path) from error
    except OSError as error:
        raise system_error(name, "open", path, error) from error
    return fd, os.fstat(fd)


class Draft:
    """A file that has no name yet, or one that nobody knows.

    Args:
        name: The buffer's name, for errors.
        directory: Where it is made.
        path: The name that `publish` gives it.

    Raises:
        System: It cannot be made.
    """

    def __init__(self, name: str, directory: str, path: str) -> None:
        self._name = name
        self._temporary = ""
        self.path = path
        try:
            self.fd = os.open(directory, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, _MODE)
        except OSError as error:
            if error.errno not in _NO_UNNAMED_FILES:
                raise system_error(name, "open", directory, error) from error
            self._open_named(directory)
        try:
            # The umask took its bits.
            os.fchmod(self.fd, _MODE)
            self.identity = identity_of(os.fstat(self.fd))
        except OSError as error:
            self.close()
            raise system_error(name, "fchmod", path, error) from error

    def _open_named(self, directory: str) -> None:
        self._temporary = f"{directory}/.ring-{os.getpid()}-{os.urandom(16).hex()}"
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC
        try:
            self.fd = os.open(self._temporary, flags, _MODE)
        except OSError as error:
            raise system_error(self._name, "open", self._temporary, error) from error

    def fill(self, content: bytes) -> None:
        """Write the file's content.

        Raises:
            System: ENOSPC if the file system is full.
        """
        try:
            written = os.pwrite(self.fd, content, 0)
        except OSError as error:
            raise system_error(self._name, "pwrite", self.path, error) from error
        if written < len(content):
            raise System(self._name, "pwrite", errno.ENOSPC, self.path)

    def publish(self) -> None:
        """Give the file its name; it never replaces what has it.

        Raises:
            System: EEXIST if the name is taken.
        """
        try:
            if self._temporary:
                os.link(self._temporary, self.path)
            else:
                # Any directory descriptor makes Python call linkat, which alone can follow
                # the link to a file without a name.
                os.link(
                    f"/proc/self/fd/{self.fd}",
                    self.path,
                    src_dir_fd=self.fd,
                    follow_symlinks=True,
                )
        except OSError as error:
            raise system_error(self._name, "link", self.path, error) from error
        self._drop_temporary()

    def withdraw(self) -> None:
        """Remove the published name, if it still leads to the file."""
        withdraw(self.identity, self.path)

    def close(self) -> None:
        """Give the file up; a published one keeps its name."""
        self._drop_temporary()
        os.close(self.fd)

    def _drop_temporary(self) -> None:
        if self._temporary:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._temporary)
            self._temporary = ""


def map_shared(fd: int, size: int, name: str, path: str) -> mmap.mmap:
    """Map the first `size` bytes of a file, to be shared.

    Raises:
        Corrupt: The file is shorter.
        System: It cannot be mapped.
    """
    try:
        return mmap.mmap(fd, size, mmap.MAP_SHARED)
    except ValueError as error:
        raise Corrupt(name, "file_size", os.fstat(fd).st_size, size, path) from error
    except OSError as error:
        raise system_error(name, "mmap", path, error) from error


def withdraw(identity: Identity, path: str) -> None:
    """Remove the name `path`, if it leads to that file."""
    if identity.at(path):
        with contextlib.suppress(OSError):
            os.unlink(path)


def unlink_stale(name: str, path: str) -> None:
    """Remove what a dead process left at `path`; nothing there is fine.

    Raises:
        System: It cannot be removed.
    """
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise system_error(name, "unlink", path, error) from error
