"""Conversion of captured strings."""

from __future__ import annotations

import enum
from decimal import Decimal
from pathlib import Path
from typing import Optional
from uuid import UUID

import pytest

from parley.arguments import Parameter


class Colour(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (str, " a ", " a "),
        (int, "-5", -5),
        (int, "18446744073709551616", 2**64),
        (float, "2.5", 2.5),
        (bool, "True", True),
        (bool, "false", False),
        (Decimal, "0.10", Decimal("0.10")),
        (UUID, "0" * 32, UUID(int=0)),
        (Path, "/tmp", Path("/tmp")),
        (Colour, "red", Colour.RED),
        (int | None, "5", 5),
        (int | None, "", None),
        (Optional[int], "", None),  # noqa: UP045 - the older form
    ],
)
def test_values(annotation: object, text: str, value: object) -> None:
    converted = Parameter("x", annotation).convert(text)
    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, ""),
        (int, "x"),
        (int, "1_000"),
        (int, " 5"),
        (int, "٣"),
        (int, "1.0"),
        (float, "1_0.0"),
        (float, "x"),
        (bool, "maybe"),
        (bool, "1"),
        (Decimal, "x"),
        (Colour, "blue"),
        (UUID, "x"),
    ],
)
def test_texts_that_are_no_values(annotation: type, text: str) -> None:
    with pytest.raises(ValueError, match=f"is no {annotation.__name__}"):
        Parameter("x", annotation).convert(text)


@pytest.mark.parametrize("annotation", [int | str, list, list[int], type(None), "int", 5])
def test_annotations_that_no_text_can_become(annotation: object) -> None:
    with pytest.raises(TypeError, match="parameter 'x' of type"):
        Parameter("x", annotation)
