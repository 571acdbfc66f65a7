"""Which process performs a step, read from its text."""

from __future__ import annotations

import re
from typing import NamedTuple

_MEANWHILE = re.compile(r"meanwhile ")
_WITHIN = re.compile(r"within '(\d+(?:\.\d+)?)' seconds? ")
_ROLE = re.compile(r"(?:(?:the|a|an|(a new)|(a second)|(two)) )?'([^']+)'(?: process(?:es)?)? ")

# What the coordinator does to the process of a role, or measures of it.
_TO_PROCESS = re.compile(
    r"(?:is|are) (?:killed|paused|restarted)|crash(?:es)?|resumes?|(?:has|have) ended"
    r"|may open .*|runs? as user .*|holds? no more .* than noted"
    r"|uses? at most .* (?:percent of a processor|MiB of memory) .*"
)
_OF_PROCESSES = re.compile(
    r"wait for '?\d+(?:\.\d+)?'? seconds?|the resources of .* (?:is|are) noted"
)


class Route(NamedTuple):
    """Where a step goes.

    Attributes:
        text: The step's text without the prefixes.
        role: The role it names; "" if it names none.
        instances: The numbers of the role's processes that perform it, from 0.
        fresh: Whether a process takes the place of the one before.
        meanwhile: Whether the steps of other roles go on.
        within: How long to try again, in seconds; None to try once.
        coordinator_only: Whether only the coordinator can perform it.
    """

    text: str
    role: str
    instances: tuple[int, ...]
    fresh: bool
    meanwhile: bool
    within: float | None
    coordinator_only: bool


def route(text: str) -> Route:
    """Reads a step's text."""
    meanwhile = _MEANWHILE.match(text)
    text = text[meanwhile.end() :] if meanwhile else text
    within = _WITHIN.match(text)
    text = text[within.end() :] if within else text
    named = _ROLE.match(text)
    rest = text[named.end() :] if named else ""
    fresh, second, two = (named[1], named[2], named[3]) if named else (None, None, None)
    return Route(
        text=text,
        role=named[4] if named else "",
        instances=(0, 1) if two else (1,) if second else (0,),
        fresh=fresh is not None,
        meanwhile=meanwhile is not None,
        within=float(within[1]) if within else None,
        coordinator_only=bool(_TO_PROCESS.fullmatch(rest) or _OF_PROCESSES.fullmatch(text)),
    )
