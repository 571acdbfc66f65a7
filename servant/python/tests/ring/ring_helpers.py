"""What the tests of the ring share: outside views of buffers, threads and child processes."""

from __future__ import annotations

import json
import mmap
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from parley_ring import RingReader, RingWriter, objects, pattern
from parley_ring.segment import FIELDS

GOLDEN = Path(__file__).parents[3] / "golden"
#: Bounds waits that could hang, in seconds; reaching it is a failure.
LIMIT = 30.0

T = TypeVar("T")
Pair = tuple[RingReader, RingWriter]
MakePair = Callable[..., Pair]


def golden(file: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((GOLDEN / file).read_text(encoding="utf-8"))


def leftovers(prefix: str) -> list[str]:
    """Give the files of buffers whose names begin so."""
    places = (
        ("/dev/shm", f"{prefix}*"),
        ("/dev/shm", f"sem.sem-?-{prefix}*"),
        ("/dev/shm", f".ring-{os.getpid()}-*"),
        ("/tmp/zerobuffer", f"{prefix}*"),
    )
    return [str(path) for place, glob in places for path in Path(place).glob(glob)]


def sweep(name: str) -> None:
    """Remove what a killed process left."""
    for path in objects(name):
        Path(path).unlink(missing_ok=True)


def eventually(what: str, met: Callable[[], bool]) -> None:
    """Wait for a condition."""
    start = time.monotonic()
    while not met():
        assert time.monotonic() - start < LIMIT, f"not within {LIMIT} s: {what}"
        time.sleep(0.001)


def exchange(reader: RingReader, writer: RingWriter, size: int, sequence: int) -> None:
    """Write one frame and read it back whole."""
    writer.write(pattern.frame(size, sequence))
    expect(reader, sequence, size)


def expect(reader: RingReader, sequence: int, size: int | None = None) -> None:
    """Read the frame that is next."""
    with reader.read() as frame:
        assert frame.sequence == sequence
        assert size is None or frame.size == size
        assert pattern.wrong_byte_of_frame(frame.data, sequence) is None


class Outside:
    """A buffer's shared memory as another process sees it."""

    def __init__(self, name: str) -> None:
        paths = objects(name)
        self._segment = _map(paths.segment)
        self._semaphores = {"w": _map(paths.sem_w), "r": _map(paths.sem_r)}

    def __getitem__(self, field: str) -> int:
        value: int = struct.unpack_from("=Q", self._segment, 8 * FIELDS.index(field))[0]
        return value

    def __setitem__(self, field: str, value: int) -> None:
        struct.pack_into("=Q", self._segment, 8 * FIELDS.index(field), value)

    def token(self, which: str) -> int:
        """Give the whole word of a semaphore: value and waiters."""
        value: int = struct.unpack_from("=Q", self._semaphores[which])[0]
        return value

    def set_token(self, which: str, value: int) -> None:
        struct.pack_into("=Q", self._semaphores[which], 0, value)

    def asleep(self, which: str) -> None:
        """Wait until somebody sleeps on a semaphore."""
        eventually(f"a waiter on sem-{which}", lambda: self.token(which) >> 32 > 0)

    @property
    def payload(self) -> int:
        return self["payload_size"]

    def ring(self) -> memoryview:
        """Give the payload block."""
        start = 128 + self["metadata_size"]
        return memoryview(self._segment)[start : start + self.payload]

    def raw(self) -> bytes:
        return bytes(self._segment)

    def set_header(self, position: int, size: int, sequence: int) -> None:
        struct.pack_into("=QQ", self.ring(), position, size, sequence)

    def put(self, offset: int, content: bytes) -> None:
        self._segment[offset : offset + len(content)] = content


def _map(path: str) -> mmap.mmap:
    with open(path, "r+b") as file:
        return mmap.mmap(file.fileno(), 0)


class Call(Generic[T]):
    """A call in a thread of its own."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call: Callable[[], T]) -> None:
        try:
            self._results.append(call())
        except Exception as error:  # noqa: BLE001 - it is raised again by `result`
            self._error = error

    def result(self) -> T:
        """Give what the call returned, or raise what it raised."""
        self._thread.join(LIMIT)
        assert not self._thread.is_alive(), "the call did not end"
        if self._error is not None:
            raise self._error
        return self._results[0]


class Child:
    """A process that plays one side of a ring: one line in, one line out."""

    def __init__(self) -> None:
        here = Path(__file__).parent
        rooms = [str(here), str(here.parents[1] / "ring")]
        self._process = subprocess.Popen(
            [sys.executable, str(here / "ring_child.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(rooms)},
        )
        self.pid = self._process.pid
        assert self.ask("hello") == "ok"

    def send(self, *words: object) -> None:
        """Give a command without waiting for its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def ask(self, *words: object) -> str:
        self.send(*words)
        return self.answer()

    def do(self, *words: object) -> str:
        """Ask where the answer must be "ok…"."""
        answer = self.ask(*words)
        assert answer.startswith("ok"), f"{words}: {answer}"
        return answer

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def state(self) -> str:
        """Give the letter of the process's state, for instance Z."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]

    def kill(self) -> None:
        """Kill the process and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
