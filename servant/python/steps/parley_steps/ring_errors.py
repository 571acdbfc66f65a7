"""Errors of the ring as features write them, and checks that one comes.

An error is written ``Kind[ detail=value]*[ naming WORDS]``: each detail must be what the error
carries, as text, and WORDS must be part of its message.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from parley import Mismatch
from parley_ring import ErrorKind, RingError
from parley_steps.details import CARRIED, details_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NAMING = " naming "
_SEE = "see the errors of the ring's documentation"


class ExpectedError:
    """An error as a feature writes it.

    Attributes:
        text: What the feature has.
    """

    def __init__(self, text: str) -> None:
        """Parses the text of a feature.

        Raises:
            ValueError: It is no error of the ring.
        """
        self.text = text
        notation, naming, self._words = text.partition(_NAMING)
        if naming and not self._words:
            raise ValueError(
                f"the error '{text}' names nothing; put the words that its message must have "
                "behind 'naming'"
            )
        kind, *parts = notation.split() or [""]
        if not kind:
            raise ValueError(f"the error '{text}' has no name; {_SEE}")
        if kind not in ErrorKind._value2member_map_:
            raise ValueError(f"the ring has no error named '{kind}'; {_SEE}")
        self._kind = ErrorKind(kind)
        self._details: dict[str, str] = {}
        for part in parts:
            self._add(part)

    def _add(self, part: str) -> None:
        name, equals, value = part.partition("=")
        if not equals:
            raise ValueError(
                f"'{part}' in the error '{self.text}' is no detail; write detail=value"
            )
        if name not in CARRIED.get(self._kind, ()):
            raise ValueError(f"the error {self._kind} carries no detail named '{name}'; {_SEE}")
        if name in self._details:
            raise ValueError(f"the error '{self.text}' has the detail '{name}' twice")
        self._details[name] = value

    def check(self, doing: str, error: RingError) -> None:
        """Passes only if an error is the one that the feature writes.

        Raises:
            Mismatch: It is another one; doing says what ended with it.
        """
        if not self.is_met_by(error):
            raise Mismatch(f"{doing}: error", expected=self.text, actual=describe(error)) from error

    def is_met_by(self, error: RingError) -> bool:
        """Whether an error is the one that the feature writes."""
        details = details_of(error)
        return (
            error.kind is self._kind
            and all(details.get(name) == value for name, value in self._details.items())
            and self._words in str(error)
        )


def describe(error: RingError) -> str:
    """Writes an error as features do, with its message behind."""
    details = "".join(f" {name}={value}" for name, value in details_of(error).items())
    return f"{error.kind}{details} ({error})"


@contextmanager
def refused(expected: str, doing: str, success: Callable[[], str] | None = None) -> Iterator[None]:
    """Passes only if its block fails with exactly this error of the ring.

    Args:
        expected: The error that must come, as features write it.
        doing: What the block does, for the message.
        success: Says what it did when it succeeded.

    Raises:
        ValueError: The text is no error of the ring; the block is not performed.
        Mismatch: It succeeded, or another error of the ring came.
    """
    wanted = ExpectedError(expected)
    try:
        yield
    except RingError as error:
        wanted.check(doing, error)
        return
    actual = "success" if success is None else success()
    raise Mismatch(f"{doing}: error", expected=expected, actual=actual)
