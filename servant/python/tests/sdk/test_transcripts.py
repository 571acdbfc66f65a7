"""Replays the golden transcripts against a servant in process."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
import transcript
from peer import ServantInProcess

FILES = sorted((Path(__file__).parents[3] / "contract/testdata").glob("*.txt"))


def test_there_are_transcripts() -> None:
    assert len(FILES) >= 4


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_transcript(path: Path) -> None:
    lines = transcript.read(path)
    over = threading.Event()
    known = transcript.behaviours(over)
    definitions = []
    for line in lines:
        if line.kind == "define":
            kind, behaviour, pattern = line.text.split(maxsplit=2)
            definitions.append((kind, pattern, known[behaviour]))
    servant = ServantInProcess(definitions)
    try:
        for line in lines:
            replay(servant, line, f"{path.name}:{line.number}")
    finally:
        over.set()
        servant.end()


def replay(servant: ServantInProcess, line: transcript.Line, where: str) -> None:
    match line.kind:
        case ">":
            servant.send(line.text)
        case ">>":
            servant.send_bytes(json.loads(line.text).encode("ascii"))
        case "<":
            expect(servant, line.text, where)
        case "close":
            servant.close()
            assert servant.await_status() == 0, where
        case "exit":
            assert servant.await_status() == 0, where


def expect(servant: ServantInProcess, text: str, where: str) -> None:
    expected = json.loads(text)
    while (message := servant.next()) is not None:
        if "method" not in message or message["method"] == expected.get("method"):
            transcript.compare(where, expected, message)
            return
    raise AssertionError(f"{where}: the servant ended before it sent {text}")
