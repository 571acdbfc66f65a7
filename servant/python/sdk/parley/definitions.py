"""Step definitions: the decorators, and what they leave in their module."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    StepFunction = Callable[..., object]

F = TypeVar("F", bound="Callable[..., object]")

GIVEN, WHEN, THEN, STEP = "Given", "When", "Then", "step"

# Where the decorators of a module note its definitions: in the module itself, so that nothing is
# shared, and a function that hides an earlier one of the same name does not hide its definition.
_TABLE = "__parley_definitions__"


class DefinitionError(Exception):
    """A step definition that cannot be served; the text names it and its place."""


class Registration:
    """One use of a decorator.

    Attributes:
        kind: One of ``Given``, ``When``, ``Then`` and ``step``.
        pattern: A regular expression in RE2 syntax.
        function: The step function.
        file: The path of the source file.
        line: The line of the decorator, from 1.
        summary: A sentence for people; may be empty.
    """

    __slots__ = ("file", "function", "kind", "line", "pattern", "summary")

    def __init__(
        self,
        kind: str,
        pattern: str,
        function: StepFunction,
        file: str,
        line: int,
        summary: str = "",
    ) -> None:
        """Notes a definition; nothing is checked yet."""
        self.kind = kind
        self.pattern = pattern
        self.function = function
        self.file = file
        self.line = line
        self.summary = summary or _first_line(function.__doc__)


def given(pattern: str, *, summary: str = "") -> Callable[[F], F]:
    """Defines a function as the meaning of Given steps whose whole text matches a pattern.

    Args:
        pattern: A regular expression in RE2 syntax: no lookaround, no backreferences. Each
            capturing group becomes an argument.
        summary: A sentence for people; by default the first line of the function's docstring.

    Returns:
        A decorator that returns the function as it is.
    """
    return _definition(GIVEN, pattern, summary)


def when(pattern: str, *, summary: str = "") -> Callable[[F], F]:
    """Defines a function for When steps; see `given`."""
    return _definition(WHEN, pattern, summary)


def then(pattern: str, *, summary: str = "") -> Callable[[F], F]:
    """Defines a function for Then steps; see `given`."""
    return _definition(THEN, pattern, summary)


def step(pattern: str, *, summary: str = "") -> Callable[[F], F]:
    """Defines a function for steps of any type; see `given`."""
    return _definition(STEP, pattern, summary)


def registrations(module: Mapping[str, Any]) -> list[Registration]:
    """Lists what the decorators noted in a module's namespace, in the order of the source."""
    return list(module.get(_TABLE, ()))


def _definition(kind: str, pattern: str, summary: str) -> Callable[[F], F]:
    caller = sys._getframe(2)  # the decorator's line
    file, line, namespace = caller.f_code.co_filename, caller.f_lineno, caller.f_globals

    def define(function: F) -> F:
        noted = Registration(kind, pattern, function, file, line, summary)
        namespace.setdefault(_TABLE, []).append(noted)
        return function

    return define


def _first_line(docstring: str | None) -> str:
    return docstring.strip().partition("\n")[0].strip() if docstring else ""
