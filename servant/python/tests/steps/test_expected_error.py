"""Errors as features write them."""

from __future__ import annotations

import errno

import pytest

from parley import Mismatch
from parley_ring import RingError, errors
from parley_steps.ring_errors import ExpectedError, refused

CORRUPT = errors.Corrupt("b", "frame_size", (1 << 64) - 1, 9208)
GAP = errors.SequenceGap("b", 2, 7)
LATE = errors.BufferFull("b", 0.05)
LARGE = errors.FrameTooLarge("b", 2, 1)
FULL = errors.System("b", "fallocate", errno.ENOSPC, "/dev/shm/b")
STRANGE = errors.System("b", "open", 4000, "/dev/shm/b")


@pytest.mark.parametrize(
    ("expected", "error"),
    [
        ("Corrupt", CORRUPT),
        ("Corrupt field=frame_size value=18446744073709551615 limit=9208", CORRUPT),
        ("Corrupt limit=9208", CORRUPT),
        ("SequenceGap expected=2 actual=7", GAP),
        ("BufferFull timeout=50", LATE),
        ("FrameTooLarge size=2 largest=1", LARGE),
        ("System errno=ENOSPC call=fallocate", FULL),
        ("System errno=ENOSPC naming /dev/shm/b", FULL),
        ("System naming fallocate: /dev/shm/b", FULL),
        ("System errno=4000", STRANGE),
    ],
)
def test_errors_that_are_meant(expected: str, error: RingError) -> None:
    with refused(expected, "do it"):
        raise error


@pytest.mark.parametrize(
    ("expected", "error", "actual"),
    [
        ("Corrupt field=frame_size value=-1", CORRUPT, "Corrupt field=frame_size value=1844"),
        ("Corrupt field=payload_free_bytes", CORRUPT, "Corrupt field=frame_size value=1844"),
        ("SequenceGap expected=7 actual=2", GAP, "SequenceGap expected=2 actual=7 ("),
        ("BufferFull timeout=5", LATE, "BufferFull timeout=50 ("),
        ("System errno=28", FULL, "System call=fallocate errno=ENOSPC ("),
        ("System naming /dev/shm/c", FULL, "System call=fallocate errno=ENOSPC ("),
        ("System errno=ENOENT", STRANGE, "System call=open errno=4000 ("),
        ("WriterGone", GAP, "SequenceGap expected=2 actual=7 ("),
    ],
)
def test_other_errors(expected: str, error: RingError, actual: str) -> None:
    with (
        pytest.raises(Mismatch, match=r"^do it: error: expected ") as caught,
        refused(expected, "do it"),
    ):
        raise error
    assert caught.value.expected == expected
    assert caught.value.actual.startswith(actual)
    assert caught.value.actual.endswith(f" ({error})")
    assert caught.value.__cause__ is error


def test_success() -> None:
    with (
        pytest.raises(Mismatch, match=r"^do it: error: expected WriterGone, got success$"),
        refused("WriterGone", "do it"),
    ):
        pass
    with (
        pytest.raises(Mismatch, match=r", got frame 3$"),
        refused("WriterGone", "do it", lambda: "frame 3"),
    ):
        pass


def test_an_error_that_is_not_of_the_ring_stays_as_it_is() -> None:
    with pytest.raises(OSError, match=r"^of the system$"), refused("WriterGone", "do it"):
        raise OSError("of the system")


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ("Writergone", "no error named 'Writergone'"),
        ("", "has no name"),
        (" naming words", "has no name"),
        ("Corrupt feld=x", "Corrupt carries no detail named 'feld'"),
        ("WriterGone field=x", "WriterGone carries no detail named 'field'"),
        ("VersionMismatch value=1", "VersionMismatch carries no detail named 'value'"),
        ("Corrupt field", "'field' in the error 'Corrupt field' is no detail"),
        ("Corrupt field=a field=b", "has the detail 'field' twice"),
        ("System naming ", "names nothing"),
    ],
)
def test_what_is_no_error_fails_before_anything_is_done(expected: str, message: str) -> None:
    done = False
    with pytest.raises(ValueError, match=message), refused(expected, "do it"):
        done = True
    assert not done


def test_kinds_are_met_apart_from_their_details() -> None:
    assert ExpectedError("SequenceGap").is_met_by(GAP)
    assert not ExpectedError("SequenceGap naming /dev/shm").is_met_by(GAP)
