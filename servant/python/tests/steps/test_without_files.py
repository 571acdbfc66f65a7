"""A servant that may open no file any more still says what failed, and where."""

from __future__ import annotations

import itertools
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from peer import PATIENCE, Peer
from roles import left_by

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = Path(__file__).parents[2]
# As the launcher starts it: without what site imports.
START = """
import sys
sys.path += sys.argv.pop(1).split(":")
from parley_steps.__main__ import main
main()
"""


class Servant(Peer):
    """The servant of the ring's steps, with a reader and a writer of one buffer in its scenario."""

    def __init__(self, prefix: str) -> None:
        rooms = ":".join(f"{SOURCES}/{room}" for room in ("ring", "sdk", "steps"))
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", START, rooms],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        super().__init__(self.process.stdin, self.process.stdout)
        self.initialize(ResourcePrefix=prefix)
        for step in (
            "'reader' waits at most '20' milliseconds for the other side",
            "'reader' creates buffer 'b' with '64' bytes of metadata and '1024' bytes of payload",
            "'reader' connects to buffer 'b'",
            "'reader' writes a frame of '5' bytes",
        ):
            assert self.step(step)["error"] is None

    def open_no_more(self) -> None:
        """Leaves it no number for another descriptor."""
        used = {int(number) for number in os.listdir(f"/proc/{self.process.pid}/fd")}
        lowest = next(number for number in itertools.count() if number not in used)
        _, hard = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (lowest, hard))

    def end(self) -> None:
        try:
            self.call("shutdown")
            assert self.process.wait(PATIENCE) == 0
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.close()
            self.await_end()


@pytest.fixture
def servant() -> Iterator[Servant]:
    prefix = f"pytest-{os.getpid()}-{os.urandom(4).hex()}-"
    servant = Servant(prefix)
    yield servant
    servant.end()
    assert left_by(prefix) == []


CREATE = "buffer 'c' with '0' bytes of metadata and '64' bytes of payload"


@pytest.mark.parametrize(
    ("step", "kind", "message", "place"),
    [
        (f"'reader' creates {CREATE}", "System", "Too many open files", "parley_ring/"),
        (
            f"'reader' fails to create {CREATE}: 'InUse'",
            "AssertionFailed",
            "got System call=open errno=EMFILE (",
            "parley_steps/ring_errors.py",
        ),
        (
            f"'reader' fails to create {CREATE}: 'Unknown'",
            "ValueError",
            "no error named 'Unknown'",
            "parley_steps/ring_errors.py",
        ),
        (
            "'reader' reads frame '1' of '6' bytes",
            "AssertionFailed",
            "bytes of frame 1: expected 6, got 5",
            "parley_steps/reader_end.py",
        ),
        (
            "'reader' reads frames '1' to '2' of '5' bytes",
            "ReadTimeout",
            "no frame within",
            "parley_ring/",
        ),
        (
            "'reader' accepts the client",
            "AssertionFailed",
            "has opened no channel",
            "parley_steps/channels.py",
        ),
    ],
)
def test_a_step_that_fails(
    servant: Servant, step: str, kind: str, message: str, place: str
) -> None:
    servant.open_no_more()
    result = servant.step(step)
    assert result["status"] == "failed"
    failure = result["failure"]
    assert failure["type"] == kind
    assert message in failure["message"]
    assert place in failure["stack"].splitlines()[0]
