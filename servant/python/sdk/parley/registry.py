"""The step definitions of a servant."""

from __future__ import annotations

import importlib
import os
import re
from typing import TYPE_CHECKING

from parley.definitions import STEP, DefinitionError, Registration, registrations
from parley.signature import Signature
from parley.sources import relative
from parley.stacks import author_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType


class Definition:
    """A step definition that was found correct.

    Attributes:
        id: From 1, in the order of discovery.
        kind: One of ``Given``, ``When``, ``Then`` and ``step``, which matches any.
        pattern: A regular expression in RE2 syntax.
        function: The step function.
        source: file:line, relative to the project's root.
        summary: A sentence for people; may be empty.
        signature: The function's parameters.
    """

    __slots__ = ("_matcher", "function", "id", "kind", "pattern", "signature", "source", "summary")

    def __init__(self, number: int, noted: Registration) -> None:
        """Checks what a decorator noted.

        Raises:
            DefinitionError: The function cannot perform what the pattern matches.
        """
        self.id = number
        self.kind = noted.kind
        self.pattern = noted.pattern
        self.function = noted.function
        self.source = f"{relative(noted.file)}:{noted.line}"
        self.summary = noted.summary
        self._matcher: re.Pattern[str] | None = None
        try:
            self.signature = Signature(noted.function, noted.pattern)
        except (TypeError, ValueError) as error:
            raise DefinitionError(f"{self} {error}") from error

    def __str__(self) -> str:
        return f'{self.source}: step definition {self.kind} "{self.pattern}"'

    def matcher(self) -> re.Pattern[str]:
        """Compiles the pattern, once.

        Raises:
            DefinitionError: It is no regular expression.
        """
        if self._matcher is None:
            try:
                self._matcher = re.compile(self.pattern, re.ASCII)
            except re.error as error:
                raise DefinitionError(f"{self} is no regular expression: {error}") from error
        return self._matcher

    def match(self, text: str) -> list[str] | None:
        """Gives the captured strings when the whole text matches, else None.

        A group that took no part captures "".
        """
        found = self.matcher().fullmatch(text)
        return None if found is None else [group or "" for group in found.groups()]


class Registry:
    """All definitions of a servant, in the order of discovery."""

    def __init__(self, noted: Iterable[Registration]) -> None:
        """Checks definitions.

        Raises:
            DefinitionError: One is wrong, or two have the same pattern and type.
        """
        self.definitions: list[Definition] = []
        places: dict[tuple[str, str], Definition] = {}
        for each in noted:
            definition = Definition(len(self.definitions) + 1, each)
            other = places.setdefault((each.kind, each.pattern), definition)
            if other is not definition:
                raise DefinitionError(f"{definition} is defined already, at {other.source}")
            self.definitions.append(definition)

    @classmethod
    def of_modules(cls, names: Iterable[str]) -> Registry:
        """Imports modules and collects what their decorators noted.

        Args:
            names: Modules, or packages, all modules of which are imported by their names' order.

        Raises:
            DefinitionError: A module cannot be imported, or a definition is wrong.
        """
        noted: list[Registration] = []
        for name in names:
            for module in _import(name):
                noted += registrations(vars(module))
        return cls(noted)

    def by_id(self, number: int) -> Definition | None:
        """Finds a definition by its id."""
        return self.definitions[number - 1] if 0 < number <= len(self.definitions) else None

    def matches(self, kind: str, text: str) -> list[tuple[Definition, list[str]]]:
        """Finds every definition for a step by its text (servant contract, Matching).

        This is for coordinators of contract 1.0; others match by themselves.
        """
        found = []
        for definition in self.definitions:
            if definition.kind in (kind, STEP):
                captures = definition.match(text)
                if captures is not None:
                    found.append((definition, captures))
        return found

    def discovery(self) -> dict[str, object]:
        """The answer to discover."""
        return {
            "steps": [
                {
                    "id": definition.id,
                    "type": definition.kind,
                    "pattern": definition.pattern,
                    "source": definition.source,
                    "summary": definition.summary,
                }
                for definition in self.definitions
            ]
        }


def _import(name: str) -> list[ModuleType]:
    try:
        module = importlib.import_module(name)
        modules = [module]
        for folder in getattr(module, "__path__", ()):
            stems = sorted(e.name[:-3] for e in os.scandir(folder) if e.name.endswith(".py"))
            modules += [
                importlib.import_module(f"{name}.{s}") for s in stems if not s.startswith("__")
            ]
    except Exception as error:
        kind = type(error).__name__
        where = author_line(error) or f"module {name}"
        raise DefinitionError(
            f"{where}: the step definitions cannot be imported: {kind}: {error}"
        ) from error
    else:
        return modules
