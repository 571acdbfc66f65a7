"""Semaphores as glibc sees them (ring protocol, glibc named semaphore)."""

from __future__ import annotations

import ctypes
import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from ring_helpers import LIMIT, Call, MakePair, Outside, exchange, sweep

from parley_ring import ReadTimeout, RingReader, inspect, objects
from parley_ring.semaphore import Semaphore

libc = ctypes.CDLL("libc.so.6", use_errno=True)
libc.sem_open.restype = ctypes.c_void_p
for _function in ("sem_post", "sem_trywait", "sem_wait", "sem_close"):
    getattr(libc, _function).argtypes = (ctypes.c_void_p,)
libc.sem_getvalue.argtypes = (ctypes.c_void_p, ctypes.POINTER(ctypes.c_int))

#: A program that waits on a named semaphore and says so.
WAIT = """
import ctypes, sys
libc = ctypes.CDLL("libc.so.6")
libc.sem_open.restype = ctypes.c_void_p
libc.sem_wait.argtypes = (ctypes.c_void_p,)
semaphore = libc.sem_open(sys.argv[1].encode(), 0)
sys.exit(libc.sem_wait(semaphore))
"""


class Glibc:
    """A named semaphore through glibc."""

    def __init__(self, name: str, *flags: int) -> None:
        self.handle = libc.sem_open(name.encode(), *flags)
        assert self.handle, os.strerror(ctypes.get_errno())

    def value(self) -> int:
        value = ctypes.c_int()
        assert libc.sem_getvalue(self.handle, ctypes.byref(value)) == 0
        return value.value

    def post(self) -> None:
        assert libc.sem_post(self.handle) == 0

    def wait(self) -> None:
        assert libc.sem_wait(self.handle) == 0

    def try_wait(self) -> int:
        return 0 if libc.sem_trywait(self.handle) == 0 else ctypes.get_errno()


@pytest.fixture
def ours(name: str) -> Iterator[Semaphore]:
    """A semaphore that the ring has made, opened by the ring."""
    with RingReader.create(name, payload_size=64):
        semaphore = Semaphore(name, "sem_w", objects(name).sem_w)
        yield semaphore
        semaphore.unmap()


def test_glibc_opens_ours(ours: Semaphore, name: str) -> None:
    theirs = Glibc(f"/sem-w-{name}", 0)
    ours.post(3)
    assert theirs.value() == 3
    for _ in range(3):
        assert theirs.try_wait() == 0
    assert theirs.try_wait() == errno.EAGAIN
    theirs.post()
    assert ours.value == 1
    assert ours.take(5) == 1
    assert theirs.value() == 0
    libc.sem_close(theirs.handle)


def test_we_open_glibcs(name: str) -> None:
    theirs = Glibc(f"/sem-w-{name}", os.O_CREAT | os.O_EXCL, 0o600, 2)
    try:
        ours = Semaphore(name, "sem_w", objects(name).sem_w)
        assert ours.value == 2
        assert ours.take(1) == 1
        assert theirs.value() == 1
        ours.drain()
        assert theirs.value() == 0
        ours.unmap()
    finally:
        libc.sem_close(theirs.handle)
        sweep(name)


def test_we_wake_a_glibc_sleeper_of_another_process(ours: Semaphore, name: str) -> None:
    for _ in range(5):
        waiter = subprocess.Popen([sys.executable, "-c", WAIT, f"/sem-w-{name}"])
        Outside(name).asleep("w")
        ours.post()
        assert waiter.wait(LIMIT) == 0
        assert ours.load() == 0


def test_glibc_wakes_our_sleeper(ours: Semaphore, name: str) -> None:
    theirs = Glibc(f"/sem-w-{name}", 0)

    def sleep() -> float:
        start = time.monotonic()
        with ours:
            while not ours.take(1):
                ours.sleep(LIMIT)
        return time.monotonic() - start

    for _ in range(10):
        sleeping = Call(sleep)
        Outside(name).asleep("w")
        theirs.post()
        assert sleeping.result() < LIMIT
        assert ours.load() == 0
    libc.sem_close(theirs.handle)


def test_a_waiter_killed_asleep_leaves_its_count(pair: MakePair, name: str) -> None:
    reader, writer = pair(1024)
    waiter = subprocess.Popen([sys.executable, "-c", WAIT, f"/sem-r-{name}"])
    Outside(name).asleep("r")
    waiter.kill()
    waiter.wait()
    for sequence in range(1, 21):
        exchange(reader, writer, 700, sequence)
    assert inspect(name).sem_r.waiters == 1


def test_a_long_sleep_is_one_waiter(name: str) -> None:
    """The sliced wait keeps its count of waiters over many slices."""
    with RingReader.create(name, payload_size=64, timeout=0.15) as reader:
        outside = Outside(name)
        reading = Call(reader.read)
        outside.asleep("w")
        seen = set()
        while outside.token("w"):
            seen.add(outside.token("w") >> 32)
        assert seen <= {0, 1}
        with pytest.raises(ReadTimeout):
            reading.result()
        assert outside.token("w") == 0


def test_overflow(ours: Semaphore) -> None:
    assert ours.post(0x7FFFFFFF)
    assert not ours.post()
    ours.nudge()
    assert ours.value == 0x7FFFFFFF
    seen = ours.load()
    assert ours.take(1) == 1
    assert not ours.drop(seen), "a token taken meanwhile is seen"
    assert ours.drop(ours.load())
    assert ours.value == 0
