"""Making a buffer, whole or not at all (ring protocol, Creating, connecting, closing)."""

from __future__ import annotations

import logging
import os

from .errors import InUse, system_error
from .files import Draft, unlink_stale
from .lock import Lock, pids_of
from .names import SHM_DIR, Sizes, objects
from .process import process_dead, started_after
from .segment import OIEB_SIZE, Segment, new_oieb
from .semaphore import Semaphore, new_semaphore

logger = logging.getLogger(__name__)


class Creation:
    """A buffer that this process has made, under its reader's lock.

    Args:
        name: The buffer's name, checked.
        sizes: The sizes of its blocks in bytes.

    Raises:
        InUse: The name belongs to a buffer that is alive.
        System: A system call failed, for instance with ENOSPC. Nothing is left behind.
    """

    segment: Segment
    sem_w: Semaphore
    sem_r: Semaphore

    def __init__(self, name: str, sizes: Sizes) -> None:
        self._name = name
        self._made: list[Draft] = []
        self._lock = Lock(name)
        try:
            self._make(sizes)
            self._check_names()
        except BaseException:
            self.remove()
            self.unmap()
            raise

    def _make(self, sizes: Sizes) -> None:
        paths = objects(self._name)
        _remove_stale(self._name)
        for path in (paths.sem_w, paths.sem_r):
            draft = Draft(self._name, SHM_DIR, path)
            try:
                draft.fill(new_semaphore())
                self._publish(draft)
            finally:
                draft.close()
        self.sem_w = Semaphore(self._name, "sem_w", paths.sem_w)
        self.sem_r = Semaphore(self._name, "sem_r", paths.sem_r)
        draft = Draft(self._name, SHM_DIR, paths.segment)
        try:
            self._make_segment(draft, sizes)
            self._publish(draft)
        finally:
            draft.close()

    def _make_segment(self, draft: Draft, sizes: Sizes) -> None:
        """Reserve the space, so that a full /dev/shm is an error here and never a SIGBUS."""
        size = OIEB_SIZE + sizes.metadata + sizes.payload
        try:
            os.posix_fallocate(draft.fd, 0, size)
        except OSError as error:
            raise system_error(self._name, "fallocate", draft.path, error) from error
        draft.fill(new_oieb(sizes.metadata, sizes.payload, os.getpid()))
        self.segment = Segment(draft.fd, self._name, draft.path, size)

    def _publish(self, draft: Draft) -> None:
        draft.publish()
        self._made.append(draft)

    def _check_names(self) -> None:
        """Check that nobody took one of our objects meanwhile."""
        owned = [(self._lock.identity, self._lock.path)]
        owned += [(draft.identity, draft.path) for draft in self._made]
        for identity, path in owned:
            if not identity.at(path):
                advice = f"{path} was replaced while the buffer was created; choose another name"
                raise InUse(self._name, pids_of(self._name).reader, advice)

    def remove(self) -> None:
        """Take the buffer's names away and give up its lock.

        The segment goes first, so that nobody finds one without its semaphores.
        """
        for draft in reversed(self._made):
            draft.withdraw()
        self._lock.remove()

    def disown(self) -> None:
        """Leave the names and the lock to the process that made them, from a forked copy."""
        self._lock.close()

    def unmap(self) -> None:
        """Let go of the memory."""
        for part in ("segment", "sem_w", "sem_r"):
            mapped: Segment | Semaphore | None = getattr(self, part, None)
            if mapped is not None:
                mapped.unmap()


def _remove_stale(name: str) -> None:
    """Remove what a dead buffer left under the name, under its lock.

    Raises:
        InUse: One of its processes lives.
        System: It cannot be removed.
    """
    paths = objects(name)
    pids = pids_of(name)
    advice = "close or end that process, or choose another name"
    if pids.reader and not process_dead(pids.reader):
        try:
            made = os.lstat(paths.segment).st_mtime
        except FileNotFoundError:
            made = 0.0
        if made and not started_after(pids.reader, made):
            raise InUse(name, pids.reader, advice)
    if pids.writer and not process_dead(pids.writer):
        raise InUse(name, pids.writer, advice)
    if any(pids):
        logger.info("ring %r: what process %d left is removed", name, pids.reader or pids.writer)
    for path in (paths.segment, paths.sem_w, paths.sem_r):
        unlink_stale(name, path)
