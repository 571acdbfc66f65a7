"""A servant as a process (servant contract, Framing and Life of a servant)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from peer import PATIENCE, Peer

from parley.frames import frame

SOURCES = Path(__file__).parents[2]
START = """
import sys
sys.path += sys.argv.pop(1).split(":")
from parley import serve
serve(sys.argv.pop(1))
"""


class ServantProcess(Peer):
    """A servant of example_steps, or of another module."""

    def __init__(self, folder: Path, module: str = "example_steps", **environment: str) -> None:
        self.file = folder / "state"
        path = f"{SOURCES}/sdk:{SOURCES}/tests/support:{folder}"
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", START, path, module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PARLEY_TEST_FILE": str(self.file), **environment},
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.errors: list[str] = []
        self._error_came = threading.Condition()
        self._reader = threading.Thread(target=self._read_errors, daemon=True)
        self._reader.start()
        super().__init__(self.process.stdin, self.process.stdout)

    def await_error(self, line: str) -> None:
        with self._error_came:
            assert self._error_came.wait_for(lambda: line in self.errors, PATIENCE), self.errors

    def exit(self) -> int:
        """Waits for the end, and gives the status."""
        status = self.process.wait(PATIENCE)
        self.await_end()
        self._reader.join(PATIENCE)
        if not self._to.closed:
            self._to.close()
        return status

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            for line in stream:
                with self._error_came:
                    self.errors.append(line.decode().rstrip("\n"))
                    self._error_came.notify_all()


Start = Callable[..., ServantProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    servants: list[ServantProcess] = []

    def start(module: str = "example_steps", **environment: str) -> ServantProcess:
        servants.append(ServantProcess(tmp_path, module, **environment))
        return servants[-1]

    yield start
    for servant in servants:
        if servant.process.poll() is None:
            servant.process.kill()
            servant.exit()


def test_standard_output_is_the_protocol_s_alone(start: Start) -> None:
    servant = start()
    servant.initialize()
    assert servant.step("prints")["error"] is None
    servant.call("shutdown")
    assert servant.exit() == 0
    assert servant.stray == []
    for noise in ("an import", "the language", "the system", "a child", "a fork"):
        assert f"noise of {noise}" in servant.errors


def close_inside_a_frame(servant: ServantProcess) -> None:
    servant.send_bytes(b"Content-Length: 10\r\n\r\n{}")
    servant.close()


ENDS: dict[str, tuple[Callable[[ServantProcess], object], int]] = {
    "end of input": (Peer.close, 0),
    "end of input inside a frame": (close_inside_a_frame, 0),
    "shutdown": (lambda servant: servant.call("shutdown"), 0),
    "SIGTERM": (lambda servant: servant.process.send_signal(signal.SIGTERM), 143),
    "SIGINT": (lambda servant: servant.process.send_signal(signal.SIGINT), 130),
    "too large": (lambda servant: servant.send_bytes(b"Content-Length: 67108865\r\n\r\n"), 1),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("during", ["", "hangs", "leaves a thread"])
def test_the_end_disposes_of_the_scenario(start: Start, end: str, during: str) -> None:
    servant = start()
    servant.initialize()
    servant.step("keeps a file")
    assert servant.file.exists()
    if during == "hangs":
        servant.start_step(during)
        servant.await_error("hanging")
    elif during:
        servant.step(during)
    act, status = ENDS[end]
    act(servant)
    assert servant.exit() == status, servant.errors
    assert not servant.file.exists()


def test_a_coordinator_that_dies_takes_all_pipes_with_it(tmp_path: Path) -> None:
    file = tmp_path / "state"
    path = f"{SOURCES}/sdk:{SOURCES}/tests/support"
    with subprocess.Popen(
        [sys.executable, "-I", "-c", START, path, "example_steps"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PARLEY_TEST_FILE": str(file)},
    ) as servant:
        assert servant.stdin is not None
        assert servant.stderr is not None
        for method, params in (
            ("initialize", {"ScenarioId": "s1"}),
            ("executeStep", {"Step": "keeps a file"}),
            ("executeStep", {"Step": "prints until it is cancelled"}),
        ):
            request = {"id": 1, "method": method, "params": [params]}
            servant.stdin.write(frame(json.dumps(request).encode()))
        servant.stdin.flush()
        while servant.stderr.readline() != b"hanging\n":
            pass
        assert file.exists()
        for stream in (servant.stderr, servant.stdout, servant.stdin):
            assert stream is not None
            stream.close()
        assert servant.wait(PATIENCE) == 0
    assert not file.exists()


@pytest.mark.parametrize(
    ("environment", "bare"),
    [
        ({"PARLEY_ROLE": "reader", "HARMONY_HOST_PID": "1"}, False),
        ({"HARMONY_HOST_PID": "1", "HARMONY_FEATURE_ID": "2"}, True),
        ({"PARLEY_PLATFORM": "mine"}, False),
    ],
)
def test_health_by_environment(start: Start, environment: dict[str, str], bare: bool) -> None:
    servant = start(**environment)
    health = servant.call("health")
    assert (health is True) is bare
    if not bare:
        assert health["platform"] == environment.get("PARLEY_PLATFORM", "python")
        assert health["pid"] == servant.process.pid
    servant.close()
    assert servant.exit() == 0


def test_a_wrong_definition_ends_the_servant_with_one_line(start: Start, tmp_path: Path) -> None:
    (tmp_path / "wrong_steps.py").write_text(
        "from parley import step\n\n@step('counts to (a)')\ndef count(scenario): ...\n"
    )
    servant = start("wrong_steps")
    assert servant.exit() == 1
    assert len(servant.errors) == 1
    assert servant.errors[0].startswith(
        f'servant: {tmp_path}/wrong_steps.py:3: step definition step "counts to (a)" has 1 '
    )


def run(*words: str) -> subprocess.CompletedProcess[str]:
    path = f"{SOURCES}/sdk:{SOURCES}/tests/support"
    return subprocess.run(
        [sys.executable, "-I", "-c", START, path, "example_steps", *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={"PARLEY_TEST_FILE": os.devnull},
    )


def test_the_list_of_definitions() -> None:
    listed = run("--list")
    assert listed.returncode == 0
    assert "step  keeps a file\n" in listed.stdout
    assert "      servant/python/tests/support/example_steps.py:" in listed.stdout


def test_unknown_words() -> None:
    refused = run("--lists")
    assert refused.returncode == 2
    assert refused.stderr.startswith("servant: unexpected '--lists': a servant takes no words but")


def test_asyncio_is_left_out_until_it_is_needed() -> None:
    code = "import sys, parley; sys.exit('asyncio' in sys.modules or 'inspect' in sys.modules)"
    path = {"PYTHONPATH": f"{SOURCES}/sdk"}
    assert subprocess.run([sys.executable, "-S", "-c", code], check=False, env=path).returncode == 0
