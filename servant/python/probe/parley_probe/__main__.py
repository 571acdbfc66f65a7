"""The program: words in, one line of JSON and an exit status out."""

from __future__ import annotations

import json
import signal
import sys
import threading
from typing import TextIO

from parley_ring import State, inspect

from .reading import read
from .results import (
    FAILED,
    INTERRUPTED,
    NOT_SET_UP,
    OK,
    WRONG_WORDS,
    Failure,
    Result,
    told,
)
from .round_trips import ping, pong
from .words import Command, WrongWords, parse
from .writing import write


def run(arguments: list[str], cancel: threading.Event, stdout: TextIO, stderr: TextIO) -> int:
    """Perform the command that the arguments say.

    Args:
        arguments: The words of the command line.
        cancel: An event that ends the command in order.
        stdout: Where `ready` and the result go.
        stderr: Where a complaint about wrong words goes.

    Returns:
        The exit status.
    """
    try:
        command = parse(arguments)
    except WrongWords as wrong:
        stderr.write(f"ring-probe: {wrong}\n")
        return WRONG_WORDS
    try:
        result, status = _perform(command, cancel, stdout), OK
    except Failure as failure:
        if cancel.is_set():
            failure = Failure("Interrupted", str(failure), INTERRUPTED)
        result, status = failure.result(), failure.status
    try:
        stdout.write(json.dumps(result, separators=(",", ":")) + "\n")
        stdout.flush()
    except OSError as error:
        stderr.write(f"ring-probe: cannot print the result: {error}\n")
        return max(status, FAILED)
    return status


def _perform(command: Command, cancel: threading.Event, stdout: TextIO) -> Result:
    match command.verb:
        case "read":
            return read(command, cancel, stdout)
        case "write":
            return write(command, cancel)
        case "pong":
            return pong(command, cancel, stdout)
        case "ping":
            return ping(command, cancel)
        case _:
            with told(status=NOT_SET_UP):
                return {"ok": True, **_inspected(inspect(command.name))}


def _inspected(state: State) -> Result:
    semaphores = {"sem_w": state.sem_w._asdict(), "sem_r": state.sem_r._asdict()}
    return {**state._asdict(), **semaphores, "lock": state.lock._asdict()}


def main() -> int:
    """Run as a program: SIGINT and SIGTERM end the command in order."""
    cancel = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: cancel.set())
    return run(sys.argv[1:], cancel, sys.stdout, sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
