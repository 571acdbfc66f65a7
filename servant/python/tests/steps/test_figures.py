"""What steps measure: how it is computed, written and attached."""

from __future__ import annotations

import base64
import json
import logging
import math
from typing import TYPE_CHECKING

import pytest
from roles import Role

from parley.recorder import Recorder
from parley_ring.atomics import atomics
from parley_steps import additions, rates
from parley_steps.figures import RATIO, Figure, distribution, report

if TYPE_CHECKING:
    from roles import Roles

    from parley.registry import Registry

MEASURED = ["min", "mean", "p50", "p90", "p99", "p99.9", "max"]


def test_quantiles() -> None:
    durations = [1000 * n for n in range(1000, 0, -1)]  # from above, to be sorted
    values = [1, 500.5, 500, 900, 990, 999, 1000]
    assert distribution(durations) == [
        Figure(name, value, "µs") for name, value in zip(MEASURED, values, strict=True)
    ]
    assert durations[0] == 1000 * 1000
    assert {figure.value for figure in distribution([1000])} == {1}


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (Figure("p50", 1.234, "µs"), "p50 1.23 µs"),
        (Figure("p50", 12.34, "µs"), "p50 12.3 µs"),
        (Figure("rate", 100, "frames/s"), "rate 100 frames/s"),
        (Figure("rate", 123456.7, "frames/s"), "rate 123457 frames/s"),
        (Figure("processor", 0, "%"), "processor 0.00 %"),
        (Figure("last of before", 0.5, RATIO), "last of before 0.50"),
    ],
)
def test_figures_for_people(figure: Figure, text: str) -> None:
    assert str(figure) == text


def test_figures_for_reports(ring_steps: Registry, caplog: pytest.LogCaptureFixture) -> None:
    recorder = Recorder("", None)
    scenario = Role("reader", "", ring_steps).scenario(recorder)
    with caplog.at_level(logging.INFO):
        report(
            scenario,
            "round trip of 64 bytes",
            [Figure("p50", 1.25, "µs"), Figure("of memcpy", 0.5, RATIO)],
        )
    assert caplog.messages == ["round trip of 64 bytes: p50 1.25 µs, of memcpy 0.50"]
    [attachment] = recorder.attachments()
    assert attachment["name"] == "figures.json"
    assert attachment["mediaType"] == "application/vnd.parley.figures+json"
    assert json.loads(base64.b64decode(str(attachment["body"]))) == {
        "title": "round trip of 64 bytes",
        "figures": [
            {"name": "p50", "value": 1.25, "unit": "µs"},
            {"name": "of memcpy", "value": 0.5, "unit": ""},
        ],
    }
    for value in math.inf, math.nan:
        with pytest.raises(ValueError, match=f"figures of x: rate is {value}"):
            report(scenario, "x", [Figure("rate", value, "frames/s")])
    assert len(recorder.attachments()) == 1


def attached(recorder: Recorder) -> tuple[str, dict[str, float]]:
    """The title and the values that a measuring step has attached."""
    [attachment] = recorder.attachments()
    body = json.loads(base64.b64decode(str(attachment["body"])))
    values = {figure["name"]: figure["value"] for figure in body["figures"]}
    assert len(values) == len(body["figures"])
    assert all(value >= 0 for value in values.values())
    return body["title"], values


def assert_rising(values: dict[str, float]) -> None:
    assert list(values) == MEASURED
    rising = [value for name, value in values.items() if name != "mean"]
    assert rising == sorted(rising)
    assert values["min"] <= values["mean"] <= values["max"]


def test_rates(roles: Roles) -> None:
    roles.perform("'writer' writes '8' frames of '1000' bytes")
    rate = "'reader' reads frames '1' to '4' of '1000' bytes and reports the rate"
    title, first = attached(roles.perform(rate))
    assert title == "transfer of 1000 bytes a frame"
    assert list(first) == ["rate", "throughput", "processor"]
    assert first["rate"] > 0
    assert first["throughput"] == pytest.approx(first["rate"] * 1000 / 1e6)
    against = "'reader' reads frames '5' to '8' of '1000' bytes and reports the rate against memcpy"
    title, second = attached(roles.perform(against))
    assert title == "transfer of 1000 bytes a frame"
    assert list(second) == [*first, "memcpy", "of memcpy"]
    assert second["of memcpy"] == pytest.approx(second["throughput"] / second["memcpy"])
    _, ratio = attached(roles.perform("'reader' reports the ratio of its last two rates"))
    assert list(ratio.items())[:2] == [("before", first["rate"]), ("last", second["rate"])]
    assert ratio["last of before"] == pytest.approx(second["rate"] / first["rate"])


class Clocks:
    """A clock that advances by 1 second, and a processor's by half a second, at each look."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> tuple[int, int]:
        self.looks += 1
        return self.looks * 1_000_000_000, self.looks * 500_000_000


@pytest.mark.parametrize(
    ("frames", "looks", "a_second"),
    [
        (1, 2, 1),
        # The first of several is read before the clock starts.
        (4, 3, 3),
    ],
)
def test_what_a_rate_counts(
    roles: Roles, monkeypatch: pytest.MonkeyPatch, frames: int, looks: int, a_second: int
) -> None:
    clocks = Clocks()
    monkeypatch.setattr(rates, "_clocks", clocks)
    roles.perform(f"'writer' writes '{frames}' frames of '2000' bytes")
    rate = rates.measure(roles.reader.scenario(), 1, frames, 2000)
    assert rate == rates.Rate(a_second, a_second * 2000 / 1e6, 50)
    assert clocks.looks == looks
    assert roles.reader.process.rates == [a_second]


@pytest.mark.parametrize(("size", "volume"), [(1, 1), (1000, 1), (3 << 20, 1 << 22)])
def test_memcpy(size: int, volume: int) -> None:
    assert 0 < rates.memcpy(size, volume) < math.inf


def test_additions(roles: Roles) -> None:
    title, values = attached(
        roles.perform("'reader' measures '30' atomic additions against '20' plain ones")
    )
    assert title == "30 atomic and 20 plain additions"
    assert list(values) == ["atomic", "plain", "atomic of plain"]
    assert values["atomic of plain"] == pytest.approx(values["atomic"] / values["plain"])


def test_additions_that_are_lost(roles: Roles, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = atomics()._replace(fetch_add=lambda *_: 0)
    monkeypatch.setattr(additions, "atomics", lambda: lost)
    roles.find_mismatch(
        ["'reader' measures '30' atomic additions against '20' plain ones"],
        "30",
        "0",
        "sum of atomic additions",
    )


def test_stamps(roles: Roles) -> None:
    roles.perform("'writer' writes '20' time stamps, '100000' a second")
    roles.perform("'writer' has written '20' frames")
    title, values = attached(
        roles.perform("'reader' reads '20' time stamps and reports how long each was on its way")
    )
    assert title == "20 time stamps on their way"
    assert_rising(values)
