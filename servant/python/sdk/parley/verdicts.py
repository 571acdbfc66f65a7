"""Exceptions that end a step (servant contract, Result of executeStep)."""

from __future__ import annotations


class Mismatch(AssertionError):
    """A check did not hold: the step fails, and reports show both values beside each other.

    Attributes:
        expected: What should have been, as text.
        actual: What was, as text.
    """

    def __init__(self, what: str, *, expected: object, actual: object) -> None:
        """Describes the check.

        Args:
            what: What was compared; both values are appended to it.
            expected: What should have been.
            actual: What was.
        """
        self.expected = str(expected)
        self.actual = str(actual)
        super().__init__(f"{what}: expected {self.expected}, got {self.actual}")


class Pending(Exception):
    """The step is known and yet to be written: it ends with status ``pending``."""

    def __init__(self, what: str = "the step is not written yet") -> None:
        """Says what is missing."""
        super().__init__(what)


class Skip(Exception):
    """The step does not apply here: it ends with status ``skipped`` and the reason given."""

    def __init__(self, reason: str) -> None:
        """Says why the step does not apply."""
        super().__init__(reason)


class StepCancelledError(Exception):
    """A wait ended because the step is over: its limit, a cancellation, or the scenario's end."""
