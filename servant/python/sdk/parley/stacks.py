"""Stacks for the author of a step (servant contract, Result of executeStep: ``failure.stack``).

A line ``file:line: function`` for each frame, the innermost first. The first one is the author's:
frames of Python's own library above it, and of this SDK, are left out.
"""

from __future__ import annotations

import os
from types import CoroutineType
from typing import TYPE_CHECKING

from parley.sources import relative

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType, FrameType

    Place = tuple[CodeType, int]

# A longer stack is that of an endless recursion.
_MAX_FRAMES = 50

_SDK = os.path.dirname(__file__) + "/"
_LIBRARY = os.path.dirname(os.__file__) + "/"


def stack_of(error: BaseException) -> str:
    """The stack at which an exception was raised, then those of its causes."""
    lines: list[str] = []
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        if at is not error:
            lines.append(f"caused by {type(at).__name__}: {at}")
        lines += _lines(_raised(at))
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\n".join(lines)


def stack_at(frame: FrameType | None) -> str:
    """The stack of a thread that runs, seen from another one."""
    places: list[Place] = []
    while frame is not None:
        places.append((frame.f_code, frame.f_lineno))
        frame = frame.f_back
    return "\n".join(_lines(places))


def stack_of_coroutine(coroutine: object) -> str:
    """The stack of a coroutine that waits for something."""
    places: list[Place] = []
    while isinstance(coroutine, CoroutineType) and coroutine.cr_frame is not None:
        places.append((coroutine.cr_code, coroutine.cr_frame.f_lineno))
        coroutine = coroutine.cr_await
    return "\n".join(_lines(reversed(places)))


def author_line(error: BaseException) -> str:
    """Where an exception was raised in the author's code, as file:line; "" if that is not known."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{relative(error.filename)}:{error.lineno}"
    for code, line in _authored(_raised(error)):
        return f"{relative(code.co_filename)}:{line}"
    return ""


def _raised(error: BaseException) -> list[Place]:
    """Where an exception came through, the innermost first."""
    places: list[Place] = []
    trace = error.__traceback__
    while trace is not None:
        places.append((trace.tb_frame.f_code, trace.tb_lineno))
        trace = trace.tb_next
    return places[::-1]


def _authored(places: Iterable[Place]) -> Iterator[Place]:
    begun = False
    for code, line in places:
        file = code.co_filename
        if file.startswith((_SDK, "<frozen")):
            continue
        begun = begun or not file.startswith(_LIBRARY)
        if begun:
            yield code, line


def _lines(places: Iterable[Place]) -> list[str]:
    lines = [
        f"{relative(code.co_filename)}:{line}: {code.co_name}" for code, line in _authored(places)
    ]
    if len(lines) > _MAX_FRAMES:
        lines[_MAX_FRAMES:] = [f"… and {len(lines) - _MAX_FRAMES} more"]
    return lines
