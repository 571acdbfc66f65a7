"""Checks of what the ring refuses."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from parley import Mismatch
from parley_ring import ErrorKind, RingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def refused(
    kind: ErrorKind, doing: str, success: Callable[[], str] | None = None
) -> Iterator[None]:
    """Passes only if its block fails with exactly this error of the ring.

    Args:
        kind: The error that must come.
        doing: What the block does, for the message.
        success: Says what it did when it succeeded.

    Raises:
        Mismatch: It succeeded, or another error of the ring came.
    """
    try:
        yield
    except RingError as error:
        if error.kind is kind:
            return
        actual = f"{error.kind} ({error})"
        raise Mismatch(f"{doing}: error", expected=kind, actual=actual) from error
    actual = "success" if success is None else success()
    raise Mismatch(f"{doing}: error", expected=kind, actual=actual)
