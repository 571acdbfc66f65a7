"""The shared data that every language's steps follow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from parley import Mismatch
from parley_steps import records
from parley_steps.details import CARRIED
from parley_steps.holds import Holds
from parley_steps.ring_errors import ExpectedError

GOLDEN = Path(__file__).parents[3] / "golden"


def golden(file: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((GOLDEN / file).read_text("utf-8"))


HOLDS = golden("holds.json")
RECORDS = [{k: int(v) for k, v in each.items()} for each in golden("records.json")]
ERRORS = {each["name"]: each["details"] for each in golden("errors.json")}
DETAILS = sorted({name for names in CARRIED.values() for name in names})


@pytest.mark.parametrize("case", HOLDS, ids=lambda case: f"seed {case['seed']}")
def test_holds(case: dict[str, Any]) -> None:
    holds = Holds(int(case["seed"]) + 1, case["most"], case["maxPause"])
    held: set[int] = set()
    for sequence, frame in enumerate(case["frames"], case["first"]):
        held.add(sequence)
        release, pause = holds.next(sequence)
        assert (release, pause) == (frame["release"], frame["pause"]), sequence
        held.difference_update(release)
        # Of what is held longer, space would not return.
        assert all(each + case["most"] > sequence for each in held), sequence
    assert holds.rest() == case["rest"] == sorted(held)
    assert holds.rest() == []


def test_fields_of_records() -> None:
    assert len(RECORDS) > 1
    for each in RECORDS:
        assert records.field(each["record"], each["field"]) == each["value"], each


def test_records_in_place() -> None:
    fields = 65
    written = [each for each in RECORDS if each["field"] < fields]
    assert len({each["record"] for each in written}) > 1
    for each in written:
        data = bytearray(fields * records.FIELD_SIZE)
        records.fill(memoryview(data), each["record"])
        at = each["field"] * records.FIELD_SIZE
        assert data[at : at + records.FIELD_SIZE] == each["value"].to_bytes(8, "little"), each
        records.check(memoryview(data), each["record"])
        data[at + 7] ^= 0x80
        with pytest.raises(Mismatch, match=f"^field {each['field']} of record {each['record']}: "):
            records.check(memoryview(data), each["record"])


@pytest.mark.parametrize("kind", ERRORS)
def test_details_of_errors(kind: str) -> None:
    for detail in DETAILS:
        if detail in ERRORS[kind]:
            ExpectedError(f"{kind} {detail}=1")
        else:
            with pytest.raises(ValueError, match=f"carries no detail named '{detail}'"):
                ExpectedError(f"{kind} {detail}=1")
