"""Figures: what a step has measured, for people and for reports."""

from __future__ import annotations

import json
import logging
import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parley import Scenario

logger = logging.getLogger(__name__)

_NAME = "figures.json"
_MEDIA_TYPE = "application/vnd.parley.figures+json"

#: The unit of a ratio.
RATIO = ""


class Figure(NamedTuple):
    """One number, with its unit: µs, ns, frames/s, MB/s, %, or RATIO."""

    name: str
    value: float
    unit: str

    def __str__(self) -> str:
        """The figure for people, with three digits at least."""
        magnitude = abs(self.value)
        digits = 2 if magnitude < 10 else 1 if magnitude < 100 else 0
        return f"{self.name} {self.value:.{digits}f} {self.unit}".rstrip()


def report(scenario: Scenario, title: str, figures: Sequence[Figure]) -> None:
    """Logs figures as one line and attaches them for the reports.

    Raises:
        ValueError: One is no finite number.
    """
    for figure in figures:
        if not math.isfinite(figure.value):
            raise ValueError(f"figures of {title}: {figure.name} is {figure.value}")
    logger.info("%s: %s", title, ", ".join(map(str, figures)))
    body = {"title": title, "figures": [figure._asdict() for figure in figures]}
    scenario.attach(_NAME, json.dumps(body, ensure_ascii=False), _MEDIA_TYPE)


def distribution(nanoseconds: Sequence[int]) -> list[Figure]:
    """Describes durations, at least one, in microseconds.

    A quantile is the smallest duration that at least that share of all does not exceed.
    """
    ordered = sorted(nanoseconds)

    def quantile(share: float) -> int:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    values: dict[str, float] = {
        "min": ordered[0],
        "mean": sum(ordered) / len(ordered),
        "p50": quantile(0.5),
        "p90": quantile(0.9),
        "p99": quantile(0.99),
        "p99.9": quantile(0.999),
        "max": ordered[-1],
    }
    return [Figure(name, value / 1000, "µs") for name, value in values.items()]
