"""What the words of the command line say."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from typing import Final, NoReturn

_VERBS: Final = ("read", "write", "pong", "ping", "inspect")
_CHOICE: Final = "read, write, pong, ping or inspect"
_LARGEST: Final = 2**63 - 1


class WrongWords(Exception):
    """The command line makes no sense; the message says why in one line."""


@dataclass(frozen=True)
class Command:
    """A command; sizes are bytes, times are seconds, and 0 is off where it makes no sense.

    `seed` and `metadata_length` are None if there is nothing to check or to write.
    """

    verb: str
    name: str
    metadata: int = 0
    payload: int = 0
    frames: int = 0
    seed: int | None = None
    min: int = 0
    max: int = 0
    metadata_length: int | None = None
    timeout: float = 5.0
    connect_timeout: float = 5.0
    delay: float = 0.0
    hold: int = 0
    batch: int = 0
    die_after: int = 0
    copy: bool = False
    zero_copy: bool = False
    size: int = 0
    count: int = 0
    warmup: int = 0


class _Number:
    """A type of argparse: a decimal number within limits."""

    def __init__(self, least: int, most: int = _LARGEST) -> None:
        self._least = least
        self._most = most

    def __call__(self, text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,20}", text):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number")
        value = int(text)
        if value < self._least:
            raise argparse.ArgumentTypeError(f"{value} is below {self._least}")
        if value > self._most:
            raise argparse.ArgumentTypeError(f"{value} is above {self._most}")
        return value


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are exceptions of one line."""

    def __init__(self) -> None:
        super().__init__(add_help=False, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise WrongWords(message)

    def number(self, word: str, least: int, *, required: bool = False) -> None:
        """Add a word with a number."""
        self.add_argument(word, type=_Number(least), required=required)


def parse(arguments: list[str]) -> Command:
    """Understand a command line.

    Raises:
        WrongWords: It makes no sense.
    """
    if not arguments:
        raise WrongWords(f"a command is missing: {_CHOICE}")
    verb = arguments[0]
    if verb not in _VERBS:
        raise WrongWords(f"unknown command {verb!r}: use {_CHOICE}")
    if len(arguments) < 2 or arguments[1].startswith("--"):
        raise WrongWords(f"{verb}: the buffer's name is missing: ring-probe {verb} NAME …")
    try:
        found = vars(_parser(verb).parse_args(arguments[2:]))
        said = {word: value for word, value in found.items() if value is not None}
        _check(said)
    except WrongWords as wrong:
        raise WrongWords(f"{verb}: {wrong}") from wrong
    for word, attribute, unit in (
        ("timeout_ms", "timeout", 1e3),
        ("connect_timeout_ms", "connect_timeout", 1e3),
        ("delay_us", "delay", 1e6),
    ):
        if word in said:
            said[attribute] = said.pop(word) / unit
    return Command(verb, arguments[1], **said)


def _parser(verb: str) -> _Parser:
    parser = _Parser()
    if verb in ("read", "pong", "ping"):
        parser.number("--metadata", 0, required=True)
        parser.number("--payload", 1, required=True)
    if verb in ("read", "write"):
        writes = verb == "write"
        parser.number("--frames", 0, required=True)
        parser.add_argument("--seed", type=_Number(0, 2**64 - 1), required=writes)
        parser.number("--min", 0, required=writes)
        parser.number("--max", 0, required=writes)
        parser.number("--metadata-length", 0)
        parser.number("--batch", 1)
    if verb in ("read", "write", "pong"):
        parser.number("--timeout-ms", 0)
    if verb == "read":
        parser.number("--delay-us", 0)
        parser.number("--hold", 1)
        parser.add_argument("--copy", action="store_true")
    if verb == "write":
        parser.add_argument("--zero-copy", action="store_true")
        parser.number("--die-after", 1)
        parser.number("--connect-timeout-ms", 0)
    if verb == "ping":
        parser.number("--size", 1, required=True)
        parser.number("--count", 1, required=True)
        parser.number("--warmup", 0, required=True)
    return parser


def _check(said: dict[str, int]) -> None:
    """Refuse combinations that make no sense."""
    if len({"seed", "min", "max"} & said.keys()) in (1, 2):
        raise WrongWords("--seed, --min and --max go together")
    if said.get("max", 0) < said.get("min", 0):
        raise WrongWords(f"--max {said['max']} is below --min {said['min']}")
    if "batch" in said and ("hold" in said or said.get("zero_copy")):
        raise WrongWords("--batch excludes --hold and --zero-copy")
