"""How a step ended (servant contract, Result of executeStep: ``status``, ``failure``)."""

from __future__ import annotations

import linecache
from typing import TYPE_CHECKING

from parley.stacks import stack_of
from parley.verdicts import Mismatch, Pending, Skip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    FailureNames = Mapping[type[BaseException], Callable[[BaseException], str]]

PASSED, FAILED, UNDEFINED, AMBIGUOUS = "passed", "failed", "undefined", "ambiguous"
PENDING, SKIPPED, TIMEOUT, CANCELLED = "pending", "skipped", "timeout", "cancelled"

ASSERTION_FAILED, INVALID_ARGUMENTS = "AssertionFailed", "InvalidArguments"
UNDEFINED_STEP, AMBIGUOUS_STEP = "UndefinedStep", "AmbiguousStep"
STEP_STILL_RUNNING, STEP_TIMEOUT = "StepStillRunning", "STEP_EXECUTION_TIMEOUT"


class Outcome:
    """How a step ended.

    Attributes:
        status: One of the contract's.
        message: The sentence that people read; "" for a step that passed.
        failure: What ``failure`` holds, or None.
    """

    __slots__ = ("failure", "message", "status")

    def __init__(self, status: str, message: str = "", kind: str = "", stack: str = "") -> None:
        """Describes an end; with a kind of failure it has a ``failure``."""
        self.status = status
        self.message = message
        self.failure: dict[str, object] | None = None
        if kind:
            self.failure = {"type": kind, "message": message, "stack": stack or None}

    @classmethod
    def of(cls, error: BaseException, names: FailureNames) -> Outcome:
        """Judges an exception that a step raised.

        Args:
            error: What it raised.
            names: Gives exceptions of some classes a kind of their own.
        """
        if isinstance(error, Pending):
            return cls(PENDING, str(error) or "pending")
        if isinstance(error, Skip):
            return cls(SKIPPED, str(error) or "skipped")
        kind, message = _describe(error, names)
        outcome = cls(FAILED, message, kind, stack_of(error))
        if isinstance(error, Mismatch) and outcome.failure is not None:
            outcome.failure.update(expected=error.expected, actual=error.actual)
        return outcome


def _describe(error: BaseException, names: FailureNames) -> tuple[str, str]:
    for known, name in names.items():
        if isinstance(error, known):
            return name(error), str(error) or type(error).__name__
    kind = type(error).__name__
    if isinstance(error, AssertionError):
        return ASSERTION_FAILED, str(error) or _assertion(error)
    # Of many exceptions the text alone means nothing: that of KeyError is the key.
    return kind, f"{kind}: {error}" if str(error) else kind


def _assertion(error: AssertionError) -> str:
    """What a bare assert asserted, by its source."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an assertion does not hold"
    line = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno).strip()
    return f"does not hold: {line}" if line.startswith("assert") else "an assertion does not hold"
