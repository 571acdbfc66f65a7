"""Whether another process lives (ring protocol, Death)."""

from __future__ import annotations

import contextlib
import os
import select
import time
from typing import Final, NamedTuple

#: The kernel's limit of process ids on 64-bit machines.
MAX_PID: Final = 1 << 22

_START_TIME: Final = 19


class _Look(NamedTuple):
    """What /proc says of a process: its start in clock ticks since boot, 0 if unknown."""

    start: int
    dead: bool


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _look(pid: int) -> _Look:
    if not _exists(pid):
        return _Look(0, dead=True)
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            stat = file.read()
    except OSError:
        # It may have ended since, or /proc may hide it.
        return _Look(0, dead=not _exists(pid))
    # The command, in parentheses, may hold anything, parentheses included.
    fields = stat[stat.rindex(b")") + 1 :].split()
    if fields[0] in (b"Z", b"X"):
        return _Look(0, dead=True)
    return _Look(int(fields[_START_TIME]), dead=False)


def process_dead(pid: int) -> bool:
    """Say whether no live process has the id `pid`; a zombie is dead."""
    return _look(pid).dead


def started_after(pid: int, moment: float) -> bool:
    """Say whether the process started after `moment`, in seconds since the epoch.

    It can then not be the one that did something at that moment. Unknown is False.
    """
    slack = 1.0  # both clocks are read to the tick, and not at the same moment
    look = _look(pid)
    if look.dead or look.start == 0:
        return False
    since_boot = look.start / os.sysconf("SC_CLK_TCK")
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - since_boot
    return time.time() - age > moment + slack


class ProcessWatch:
    """Another process, held so that its end shows even when its id is given to another.

    Args:
        pid: The process's id.

    Raises:
        ProcessLookupError: There is no such process.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.ended = False
        self._pidfd = -1
        self._start = 0
        self._poll = select.poll()
        try:
            self._pidfd = os.pidfd_open(pid)
            self._poll.register(self._pidfd, select.POLLIN)
        except OSError:
            # No such call, or no descriptor left: the start tells the process from a later one.
            self._start = _look(pid).start
        if self.dead():
            self.close()
            raise ProcessLookupError(pid)

    def dead(self) -> bool:
        """Say whether the process has ended; a zombie has."""
        if self.ended:
            return True
        if self._pidfd >= 0:
            # A process that is waited for keeps its descriptor ready.
            self.ended = bool(self._poll.poll(0))
        else:
            start, dead = _look(self.pid)
            known = self._start != 0 and start != 0
            self.ended = dead or (known and start != self._start)
        return self.ended

    def close(self) -> None:
        """Let go of the process."""
        if self._pidfd >= 0:
            self._poll.unregister(self._pidfd)
            with contextlib.suppress(OSError):
                os.close(self._pidfd)
            self._pidfd = -1
