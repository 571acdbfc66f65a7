"""How processes that race to create buffers tell the others, in the form that all languages share.

Under the key ``race.`` and the instance of the process stand its attempts, in their order:
``name=outcome,name=outcome``, where an outcome is ``won`` or the name of the ring's error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEY = "race."
WON = "won"

_NUMBERED = re.compile(r"(.*?)([0-9]+)")


def format_report(attempts: Sequence[tuple[str, str]]) -> str:
    """The report of one process."""
    return ",".join(f"{name}={outcome}" for name, outcome in attempts)


def outcomes(shared: Mapping[str, str]) -> dict[str, list[str]]:
    """The reports of all processes together: the outcomes of each buffer's race.

    Raises:
        ValueError: A report has another form.
    """
    found: dict[str, list[str]] = {}
    for key, report in shared.items():
        if not key.startswith(KEY):
            continue
        for part in report.split(","):
            name, equals, outcome = part.partition("=")
            if not equals:
                raise ValueError(f"the report {key} holds {part!r}, expected name=outcome")
            found.setdefault(name, []).append(outcome)
    return found


def name_range(first: str, last: str) -> list[str]:
    """Lists the names from first to last, which differ in the number at their end.

    Raises:
        ValueError: The two names span no range.
    """
    begin, end = _NUMBERED.fullmatch(first), _NUMBERED.fullmatch(last)
    if begin is None or end is None or begin[1] != end[1] or int(begin[2]) > int(end[2]):
        raise ValueError(
            f"'{first}' to '{last}' is no range; the names must end in numbers that rise, "
            "such as 'race-1' to 'race-50'"
        )
    return [f"{begin[1]}{number}" for number in range(int(begin[2]), int(end[2]) + 1)]
