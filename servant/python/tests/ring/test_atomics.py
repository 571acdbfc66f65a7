"""Atomic operations, of machine code and of libatomic alike."""

from __future__ import annotations

import ctypes
import mmap
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest
from ring_helpers import Call

from parley_ring import System
from parley_ring import atomics as module
from parley_ring.atomics import Atomics, atomics, from_libatomic
from parley_ring.words import Words

MASK = 2**64 - 1
ROUNDS = 20_000


def _libatomic() -> Atomics:
    try:
        return from_libatomic()
    except System:
        pytest.skip("libatomic is not installed")


@pytest.fixture(params=[atomics, _libatomic], ids=["machine code", "libatomic"])
def operations(request: pytest.FixtureRequest) -> Atomics:
    make: Callable[[], Atomics] = request.param
    return make()


def test_values(operations: Atomics) -> None:
    word = ctypes.c_uint64(MASK)
    at = ctypes.addressof(word)
    assert operations.fetch_add(at, 2) == MASK
    assert word.value == 1
    assert operations.fetch_add(at, -3) == 1
    assert word.value == MASK - 1
    assert operations.compare_exchange(at, 5, 7) == MASK - 1
    assert word.value == MASK - 1
    assert operations.compare_exchange(at, MASK - 1, 1 << 63) == MASK - 1
    assert word.value == 1 << 63
    operations.pause(3)
    if operations.fence is not None:
        operations.fence()


def _add(memory: mmap.mmap, operations: Atomics, amount: int) -> None:
    at = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for _ in range(ROUNDS):
        operations.fetch_add(at, amount)
        while True:
            seen = int.from_bytes(memory[8:16], "little")
            if operations.compare_exchange(at + 8, seen, seen + 1) == seen:
                break


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_processes_lose_no_update(operations: Atomics) -> None:
    """Two processes change one word at once; plain additions lose thousands of updates here."""
    with mmap.mmap(-1, mmap.PAGESIZE) as memory:
        other = multiprocessing.get_context("fork").Process(
            target=_add, args=(memory, operations, 3)
        )
        other.start()
        _add(memory, operations, 5)
        other.join()
        assert other.exitcode == 0
        assert int.from_bytes(memory[:8], "little") == 8 * ROUNDS
        assert int.from_bytes(memory[8:16], "little") == 2 * ROUNDS


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_loads_and_stores_are_never_torn() -> None:
    """A reader in another process meets whole values only, whose halves are equal."""
    with mmap.mmap(-1, mmap.PAGESIZE) as memory:
        words = Words(memory, 2)

        def store() -> None:
            other = Words(memory, 2)
            value = 0
            while other.load(1) == 0:
                value = (value + 1) & 0xFFFFFFFF
                other.store(0, value << 32 | value)
            other.release()

        process = multiprocessing.get_context("fork").Process(target=store)
        process.start()
        seen = {words.load(0) for _ in range(100_000)}
        words.store(1, 1)
        process.join()
        assert process.exitcode == 0
        words.release()
        assert len(seen) > 1
        assert all(value >> 32 == value & 0xFFFFFFFF for value in seen)


def test_words_are_ordered_by_a_fence_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    fences: list[int] = []
    real = atomics()
    fenced = Atomics(
        real.fetch_add, real.compare_exchange, real.pause, fence=lambda: fences.append(len(fences))
    )
    monkeypatch.setattr("parley_ring.words.atomics", lambda: fenced)
    with mmap.mmap(-1, mmap.PAGESIZE) as memory:
        words = Words(memory, 2)
        words.store(1, 7)
        assert words.load(1) == 7
        assert len(fences) == 2
        words.release()
        with pytest.raises(ValueError, match="released"):
            words.load(1)


def test_the_code_is_executable_and_not_writable() -> None:
    atomics()
    maps = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    assert not [line for line in maps if "wx" in line.split()[1]]


def test_a_system_that_refuses_executable_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    _libatomic()

    def refuse(_: object) -> Atomics:
        raise PermissionError(13, "no executable page")

    monkeypatch.setattr(module, "_from_machine_code", refuse)
    word = ctypes.c_uint64(1)
    assert atomics.__wrapped__().fetch_add(ctypes.addressof(word), 1) == 1
    assert word.value == 2


def test_no_atomic_operations_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> ctypes.PyDLL:
        raise OSError("libatomic.so.1: cannot open shared object file")

    monkeypatch.setattr(module, "machine_code", lambda: None)
    monkeypatch.setattr(ctypes, "PyDLL", missing)
    with pytest.raises(System, match="install GCC's libatomic"):
        atomics.__wrapped__()


@pytest.mark.parametrize("libc", ["glibc 2.17", "", None])
def test_other_c_libraries_are_refused(monkeypatch: pytest.MonkeyPatch, libc: str | None) -> None:
    monkeypatch.setattr("os.confstr", lambda _: libc)
    with pytest.raises(System, match=r"2\.21"):
        atomics.__wrapped__()


def test_threads_of_one_process_share_the_operations(operations: Atomics) -> None:
    word = ctypes.c_uint64(0)
    at = ctypes.addressof(word)

    def add() -> None:
        for _ in range(1000):
            operations.fetch_add(at, 1)

    calls = [Call(add) for _ in range(4)]
    for call in calls:
        call.result()
    assert word.value == 4000
