"""Turns captured strings into a step function's arguments, as its annotations say."""

from __future__ import annotations

from types import UnionType
from typing import TYPE_CHECKING, Union, get_args, get_origin

from parley.blocks import DocString, Table

if TYPE_CHECKING:
    from typing import TypeGuard

# Classes of which one text makes no value, or another one than is meant.
_NEVER = (DocString, Table, dict, list, set, tuple, type(None))

_TRUTHS = {"true": True, "false": False}


class Parameter:
    """One parameter that takes a captured string.

    Attributes:
        name: The parameter's name.
        kind: The class that values are made of.
        optional: Whether an empty capture is None.
    """

    __slots__ = ("kind", "name", "optional")

    def __init__(self, name: str, annotation: object) -> None:
        """Reads an annotation: a class that can be made of one text, or such a class | None.

        Raises:
            TypeError: No captured string can become that; the text says what can.
        """
        self.name = name
        self.optional = False
        if isinstance(annotation, UnionType) or get_origin(annotation) is Union:
            members = [member for member in get_args(annotation) if member is not type(None)]
            self.optional = len(members) < len(get_args(annotation))
            annotation = members[0] if len(members) == 1 else annotation
        if not _is_class(annotation) or annotation in _NEVER:
            raise TypeError(
                f"has a parameter '{name}' of type {_name(annotation)}, which no captured text can "
                "become; use str, int, float, bool, or a class that is made of one str, such as "
                "Decimal or an Enum; a Table or DocString comes last"
            )
        self.kind = annotation

    def convert(self, text: str) -> object:
        """Converts a captured string.

        Raises:
            ValueError: The text is no value of the parameter's class.
        """
        if self.optional and not text:
            return None
        if self.kind is str or self.kind is object:
            return text
        try:
            return _parse(text, self.kind)
        except (ValueError, ArithmeticError) as error:
            raise ValueError(f"{text!r} is no {self.kind.__name__}") from error


def _parse(text: str, kind: type) -> object:
    if kind is bool:
        truth = _TRUTHS.get(text.lower())
        if truth is None:
            raise ValueError(text)
        return truth
    # Python takes 1_000, blanks around a number and digits of other scripts.
    if kind in (int, float) and (not text.isascii() or "_" in text or text != text.strip()):
        raise ValueError(text)
    value: object = kind(text)
    return value


def _name(annotation: object) -> str:
    return annotation.__name__ if _is_class(annotation) else str(annotation)


def _is_class(annotation: object) -> TypeGuard[type]:
    # A generic alias such as list[int] is a type to Python 3.10.
    return isinstance(annotation, type) and get_origin(annotation) is None
