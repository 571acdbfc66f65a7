"""Step definitions of a servant that tests start as a process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from parley import Scenario, step

FILE = Path(os.environ["PARLEY_TEST_FILE"])

sys.stdout.write("noise of an import\n")


class Keeper:
    """Keeps a file for as long as the scenario lives."""

    def __init__(self) -> None:
        FILE.touch()

    def close(self) -> None:
        FILE.unlink()


@step("keeps a file")
def keep_a_file(scenario: Scenario) -> None:
    scenario.state(Keeper)


@step("prints")
def prints(scenario: Scenario) -> None:
    """Writes to standard output in every way that user code may, and reads standard input."""
    sys.stdout.write("noise of the language\n")
    os.write(1, b"Content-Length: 5\r\n\r\nnoise of the system\n")
    subprocess.run(["/bin/sh", "-c", "echo noise of a child; cat"], check=True)
    assert sys.stdin.read() == ""
    if os.fork() == 0:
        os.write(1, b"noise of a fork\n")
        os._exit(0)
    os.wait()


@step("hangs")
def hangs(scenario: Scenario) -> None:
    os.write(2, b"hanging\n")
    threading.Event().wait()


@step("prints until it is cancelled")
def prints_until_cancelled(scenario: Scenario) -> None:
    os.write(2, b"hanging\n")
    while not scenario.cancelled.is_set():
        try:
            os.write(2, b"noise\n")
        except BrokenPipeError:
            continue


@step("leaves a thread")
def leaves_a_thread(scenario: Scenario) -> None:
    threading.Thread(target=threading.Event().wait).start()
