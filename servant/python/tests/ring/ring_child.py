"""One side of a ring in a process of its own, for the tests: commands on standard input."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from parley_ring import Frame, RingError, RingReader, RingWriter, Slot, pattern
from parley_ring.words import Words


class Side:
    """What a command works on."""

    def __init__(self) -> None:
        self.reader: RingReader | None = None
        self.writer: RingWriter | None = None
        self.slot: Slot | None = None
        self.held: list[Frame] = []

    def perform(self, command: str, *words: str) -> str:
        """Perform a command and give what its answer carries."""
        match command:
            case "hello":
                pass
            case "create":
                metadata, payload = int(words[1]), int(words[2])
                self.reader = RingReader.create(
                    words[0], metadata_size=metadata, payload_size=payload, timeout=30
                )
            case "connect":
                self.writer = RingWriter.connect(words[0], timeout=30)
            case "write":
                assert self.writer is not None
                self.writer.write(pattern.frame(int(words[0]), int(words[1])))
            case "mortal":
                assert self.writer is not None
                make_mortal(self.writer, int(words[0]))
            case "stream":
                assert self.writer is not None
                sizes = pattern.frame_sizes(int(words[0]), 1, 1500)
                for sequence, size in enumerate(sizes, start=1):
                    self.writer.write(pattern.frame(size, sequence))
            case "acquire":
                assert self.writer is not None
                self.slot = self.writer.acquire(int(words[0]))
                self.slot.data[: len(self.slot.data) // 2] = b"x" * (len(self.slot.data) // 2)
            case "read":
                assert self.reader is not None
                frame = self.reader.read()
                self.held.append(frame)
                assert pattern.wrong_byte_of_frame(frame.data, frame.sequence) is None
                return f" {frame.sequence} {frame.size}"
            case "release":
                self.held.pop(0).release()
            case "close":
                for side in (self.writer, self.reader):
                    if side is not None:
                        side.close()
            case _:
                raise AssertionError(command)
        return ""


def make_mortal(writer: RingWriter, stores: int) -> None:
    """Have this process killed instead of what its writer stores after so many stores."""
    left = stores

    def counted(store: Callable[..., Any]) -> Callable[..., Any]:
        def perform(*values: object) -> object:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return store(*values)

        return perform

    words = writer._segment.words
    words.store = counted(words.store)
    Words.add = counted(Words.add)  # type: ignore[method-assign]


def main() -> None:
    """Answer every line."""
    side = Side()
    for line in sys.stdin:
        try:
            answer = "ok" + side.perform(*line.split())
        except RingError as error:
            answer = f"{error.kind} {error}"
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main()
    # Killed or not, what is open is left to the test.
    os._exit(0)
