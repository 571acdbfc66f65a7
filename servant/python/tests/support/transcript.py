"""Golden transcripts, as servant/contract/testdata/README.md describes them."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from parley import DocString, Mismatch, Pending, Scenario, Skip, Table

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path

LOGGER = logging.getLogger("parley.tests.transcript")
LOGGER.setLevel(logging.INFO)

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Line(NamedTuple):
    number: int
    kind: str
    text: str


def read(path: Path) -> list[Line]:
    lines = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line and not line.startswith("#"):
            kind, _, text = line.partition(" ")
            assert kind in ("define", ">", ">>", "<", "close", "exit"), f"{path}:{number}: {kind}"
            lines.append(Line(number, kind, text))
    return lines


class Visitor:
    """The state behind the behaviour visits."""

    count = 0


def behaviours(over: threading.Event) -> dict[str, Callable[..., object]]:
    """The behaviours of definitions; over ends those that hang."""

    def passes(scenario: Scenario, role: str) -> None: ...

    def fails(scenario: Scenario, role: str) -> None:
        raise Mismatch("bytes read", expected=4, actual=5)

    def throws(scenario: Scenario, role: str) -> None:
        raise RuntimeError("boom")

    def pends(scenario: Scenario, role: str) -> None:
        raise Pending

    def skips(scenario: Scenario, role: str) -> None:
        raise Skip("not here")

    def waits(scenario: Scenario, role: str) -> None:
        scenario.sleep(3600)

    def hangs(scenario: Scenario, role: str) -> None:
        over.wait()

    def visits(scenario: Scenario, role: str) -> None:
        visitor = scenario.state(Visitor)
        visitor.count += 1
        scenario.shared["visits"] = str(visitor.count)

    def names(scenario: Scenario, role: str, name: str) -> None:
        scenario.shared["name"] = scenario.resource(name)

    def recalls(scenario: Scenario, role: str, key: str, expected: str) -> None:
        if scenario.shared.get(key) != expected:
            raise Mismatch(key, expected=expected, actual=scenario.shared.get(key))

    def counts(scenario: Scenario, role: str, rows: int, table: Table) -> None:
        assert all("k" in row for row in table)
        assert len(table) == rows

    def says(scenario: Scenario, role: str, text: DocString) -> None:
        LOGGER.info(text.content)
        scenario.attach("said.txt", text.content, "text/plain")

    functions: list[Callable[..., object]] = [
        passes, fails, throws, pends, skips, waits, hangs, visits, names, recalls, counts, says
    ]  # fmt: skip
    return {function.__name__: function for function in functions}


def compare(at: str, expected: Any, actual: Any) -> None:  # noqa: ANN401 - JSON
    if isinstance(expected, str) and expected.startswith("$"):
        assert _stands_for(expected, actual), f"{at} is {actual!r}, not {expected}"
    elif isinstance(expected, dict):
        assert isinstance(actual, dict), f"{at} is {actual!r}, not an object"
        for key, value in expected.items():
            compare(f"{at}.{key}", value, actual.get(key))
    elif isinstance(expected, list):
        actual = actual or []
        assert len(actual) == len(expected), f"{at} is {actual!r}, not of length {len(expected)}"
        for i, value in enumerate(expected):
            compare(f"{at}[{i}]", value, actual[i])
    else:
        same = type(actual) is type(expected) and actual == expected
        assert same, f"{at} is {json.dumps(actual)}, not {json.dumps(expected)}"


def _stands_for(placeholder: str, actual: object) -> bool:
    kind, _, text = placeholder.partition(" ")
    match kind:
        case "$any":
            return True
        case "$count":
            return type(actual) is int and actual > 0
        case "$text":
            return isinstance(actual, str) and actual != ""
        case "$time":
            return isinstance(actual, str) and _TIME.fullmatch(actual) is not None
        case "$prefix":
            return isinstance(actual, str) and actual.startswith(text)
        case "$contains":
            return isinstance(actual, str) and text in actual
    raise AssertionError(f"no placeholder {kind}")
