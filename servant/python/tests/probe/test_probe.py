"""The program's words, results and exit statuses (ring protocol, ring-probe)."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parley_probe.__main__ import run
from parley_probe.results import FAILED, INTERRUPTED, NOT_SET_UP, OK, WRONG_WORDS, latency
from parley_ring import RingReader, RingWriter, WriterDead, inspect, pattern

LIMIT = 30.0
ROOMS = Path(__file__).parents[2]


class Output(io.StringIO):
    """Standard output that says when the probe is ready."""

    def __init__(self) -> None:
        super().__init__()
        self.ready = threading.Event()

    def write(self, text: str) -> int:
        if text == "ready\n":
            self.ready.set()
        return super().write(text)

    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.getvalue().splitlines()[-1])
        return found


class Probe:
    """A probe in a thread of its own, or, with `wait`, in this one."""

    def __init__(self, words: str) -> None:
        self.output = Output()
        self.errors = io.StringIO()
        self.cancel = threading.Event()
        self._status = -1
        self._thread = threading.Thread(target=self._run, args=(words.split(),), daemon=True)
        self._thread.start()

    def _run(self, words: list[str]) -> None:
        self._status = run(words, self.cancel, self.output, self.errors)

    def ready(self) -> Probe:
        assert self.output.ready.wait(LIMIT), "the probe is not ready"
        return self

    def end(self) -> tuple[int, dict[str, Any]]:
        self._thread.join(LIMIT)
        assert not self._thread.is_alive(), "the probe did not end"
        return self._status, self.output.result()


@pytest.fixture
def name() -> Iterator[str]:
    """A name that must be free again at the end."""
    unique = f"pyprobe-{os.getpid()}-"
    yield unique
    places = [("/dev/shm", "*"), ("/tmp/zerobuffer", "")]
    left = [str(p) for place, star in places for p in Path(place).glob(f"{star}{unique}*")]
    assert not left, "left behind"


@pytest.mark.parametrize(
    ("read", "write"),
    [
        ("", ""),
        ("--hold 5", "--zero-copy"),
        ("--batch 16 --copy", "--batch 7"),
        ("--delay-us 10 --hold 3", "--batch 50"),
    ],
)
def test_read_and_write(name: str, read: str, write: str) -> None:
    common = "--frames 2000 --seed 7 --min 1 --max 900 --metadata-length 100"
    reader = Probe(f"read {name} --metadata 256 --payload 10240 {common} {read}").ready()
    writer = Probe(f"write {name} {common} {write}")
    for probe in (writer, reader):
        status, result = probe.end()
        assert status == OK, result
        assert list(result) == [
            "ok",
            "frames",
            "bytes",
            "seconds",
            "metadataLength",
            "framesPerSecond",
            "megabytesPerSecond",
        ]
        assert (result["ok"], result["frames"], result["metadataLength"]) == (True, 2000, 100)
        sizes = pattern.frame_sizes(7, 1, 900)
        assert result["bytes"] == sum(next(sizes) for _ in range(2000))
        assert result["framesPerSecond"] == pytest.approx(2000 / result["seconds"])


def test_ping_and_pong(name: str) -> None:
    pong = Probe(f"pong {name} --metadata 0 --payload 65536").ready()
    words = "--metadata 0 --payload 65536 --size 64 --count 300 --warmup 10"
    status, result = Probe(f"ping {name} {words}").end()
    assert status == OK, result
    assert (result["ok"], result["size"], result["count"]) == (True, 64, 300)
    times = result["microseconds"]
    assert list(times) == ["min", "p50", "p90", "p99", "p999", "max", "mean"]
    assert sorted(list(times.values())[:-1]) == list(times.values())[:-1]
    status, result = pong.end()
    assert (status, result["frames"], result["bytes"]) == (OK, 310, 310 * 64)


def test_latency_is_the_nearest_rank() -> None:
    found: Any = latency(1, [n * 1000 for n in range(1, 1001)])["microseconds"]
    assert found == {
        "min": 1,
        "p50": 500,
        "p90": 900,
        "p99": 990,
        "p999": 999,
        "max": 1000,
        "mean": 500.5,
    }


@pytest.mark.parametrize(
    ("words", "error", "status"),
    [
        ("inspect {}", "NotFound", NOT_SET_UP),
        ("inspect a/b", "InvalidName", NOT_SET_UP),
        (
            "write {} --frames 1 --seed 1 --min 1 --max 1 --connect-timeout-ms 1",
            "NotFound",
            NOT_SET_UP,
        ),
        ("read {} --metadata 0 --payload 64 --frames 1 --timeout-ms 1", "ReadTimeout", FAILED),
        ("pong {} --metadata 0 --payload 64 --timeout-ms 1", "ReadTimeout", FAILED),
        (
            "read {} --metadata 0 --payload 64 --frames 0 --metadata-length 1",
            "NoMetadataBlock",
            FAILED,
        ),
    ],
)
def test_failures(name: str, words: str, error: str, status: int) -> None:
    found, result = Probe(words.format(name)).end()
    assert (found, result["ok"], result["error"]) == (status, False, error)
    assert list(result) == ["ok", "error", "message"]
    assert result["message"]


@pytest.mark.parametrize(
    ("read", "error"),
    [("--seed 8 --min 1 --max 900", "SizeMismatch"), ("--metadata-length 99", "MetadataMismatch")],
)
def test_what_the_reader_finds_wrong(name: str, read: str, error: str) -> None:
    reader = Probe(f"read {name} --metadata 256 --payload 10240 --frames 5 {read}").ready()
    Probe(f"write {name} --frames 5 --seed 7 --min 1 --max 900 --metadata-length 100").end()
    status, result = reader.end()
    assert (status, result["error"]) == (FAILED, error)
    assert result["message"].startswith("after ")


def test_wrong_data_and_sequence(name: str) -> None:
    for contents, error in (([b"\1\2", b"\2\2"], "DataMismatch"), ([b"\1"], "SequenceGap")):
        reader = Probe(f"read {name} --metadata 0 --payload 1024 --frames 2").ready()
        with RingWriter.connect(name) as writer:
            writer.write_batch(contents)
        if error == "SequenceGap":
            with RingWriter.connect(name) as writer:
                writer.write(b"\1")
        status, result = reader.end()
        assert (status, result["error"]) == (FAILED, error)
        assert result["message"].startswith("after 1 frames: ")


def start(words: str) -> subprocess.Popen[str]:
    rooms = os.pathsep.join(str(ROOMS / room) for room in ("ring", "probe"))
    return subprocess.Popen(
        [sys.executable, "-m", "parley_probe", *words.split()],
        env={**os.environ, "PYTHONPATH": rooms},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("how", ["", "--batch 2", "--zero-copy"])
def test_die_after(name: str, how: str) -> None:
    with RingReader.create(name, payload_size=10240) as reader:
        writer = start(f"write {name} --frames 10 --seed 1 --min 50 --max 50 --die-after 3 {how}")
        writer.communicate(timeout=LIMIT)
        assert writer.returncode == -signal.SIGKILL
        for _ in range(3):
            reader.read().release()
        with pytest.raises(WriterDead):
            reader.read()
        status, result = Probe(f"inspect {name}").end()
        assert status == OK
        state = inspect(name)
        expected = {"ok": True, **state._asdict(), "lock": state.lock._asdict()}
        expected |= {"sem_w": state.sem_w._asdict(), "sem_r": state.sem_r._asdict()}
        assert result == json.loads(json.dumps(expected))
        assert (result["payload_size"], result["version"]) == (10240, [1, 0, 0, 0])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_removes_its_buffer(name: str, number: signal.Signals) -> None:
    reader = start(f"read {name} --metadata 0 --payload 64 --frames 1 --timeout-ms 60000")
    assert reader.stdout is not None
    assert reader.stdout.readline() == "ready\n"
    reader.send_signal(number)
    output, _ = reader.communicate(timeout=LIMIT)
    result = json.loads(output)
    assert (reader.returncode, result["error"]) == (INTERRUPTED, "Interrupted")


def test_a_result_that_cannot_be_printed(name: str) -> None:
    errors = io.StringIO()
    with RingReader.create(name, payload_size=64), open("/dev/full", "wb", buffering=0) as full:
        output = io.TextIOWrapper(full, write_through=True)
        status = run(["inspect", name], threading.Event(), output, errors)
        output.detach()
    assert status == FAILED
    assert "No space left" in errors.getvalue()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("", "command"),
        ("frobnicate x", "frobnicate"),
        ("read", "name"),
        ("read --frames 1", "name"),
        ("read x --metadata 0 --payload 64", "--frames"),
        ("read x --metadata 0 --payload 64 --frames z", "frames"),
        ("read x --metadata 0 --payload 0 --frames 1", "--payload"),
        ("read x --metadata 0 --payload 64 --frames 1 --seed 1", "--min"),
        ("read x --metadata 0 --payload 64 --frames 1 --zero-copy", "zero-copy"),
        ("read x --metadata 0 --payload 64 --frames 1 --batch 2 --hold 2", "--batch"),
        ("write x --frames 1 --seed 1 --min 2 --max 1", "--max"),
        ("write x --frames 1 --seed -1 --min 1 --max 1", "seed"),
        ("write x --frames 1 --seed 1 --min 1 --max 1 more", "more"),
        ("write x --frames 1_0 --seed 1 --min 1 --max 1", "--frames"),
        ("ping x --metadata 0 --payload 64 --size 0 --count 1 --warmup 0", "--size"),
        ("inspect x --frames 1", "frames"),
    ],
)
def test_wrong_words(words: str, named: str) -> None:
    output, errors = io.StringIO(), io.StringIO()
    assert run(words.split(), threading.Event(), output, errors) == WRONG_WORDS
    assert errors.getvalue().count("\n") == 1
    assert named in errors.getvalue()
    assert not output.getvalue()
