"""Results of steps (servant contract, Result of executeStep)."""

from __future__ import annotations

import asyncio
import base64
import logging
import threading
from collections.abc import Callable
from typing import NoReturn

import pytest
from peer import ServantInProcess

from parley import DocString, Mismatch, Pending, Scenario, Skip, Table
from parley.recorder import MAX_ATTACHED, MAX_LINES, Recorder

LOGGER = logging.getLogger("parley.tests.steps")
LOGGER.setLevel(logging.DEBUG)


def passes(scenario: Scenario) -> None: ...


def mismatches(scenario: Scenario) -> None:
    raise Mismatch("bytes read", expected=4, actual=5)


def asserts(scenario: Scenario) -> None:
    assert len(scenario.role) == 0


def asserts_in_words(scenario: Scenario) -> None:
    raise AssertionError("it was a bang")


def breaks(scenario: Scenario) -> None:
    dict[str, str]()["k"]


def chains(scenario: Scenario) -> None:
    try:
        breaks(scenario)
    except KeyError as error:
        raise LookupError("no luck") from error


def pends(scenario: Scenario) -> None:
    raise Pending


def skips(scenario: Scenario) -> None:
    raise Skip("no disk")


def exits(scenario: Scenario) -> NoReturn:
    raise SystemExit(3)


async def passes_async(scenario: Scenario) -> None:
    await asyncio.sleep(0)


async def breaks_async(scenario: Scenario) -> None:
    await asyncio.sleep(0)
    breaks(scenario)


async def raises_cancelled(scenario: Scenario) -> None:
    raise asyncio.CancelledError


class RefusedError(Exception):
    pass


def refuses(scenario: Scenario) -> None:
    raise RefusedError("too large")


FUNCTIONS: list[Callable[..., object]] = [
    passes, mismatches, asserts, asserts_in_words, breaks, chains, pends, skips, exits,
    passes_async, breaks_async, raises_cancelled, refuses,
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "status", "error", "kind"),
    [
        ("passes", "passed", None, None),
        ("mismatches", "failed", "bytes read: expected 4, got 5", "AssertionFailed"),
        ("asserts in words", "failed", "it was a bang", "AssertionFailed"),
        ("breaks", "failed", "KeyError: 'k'", "KeyError"),
        ("chains", "failed", "LookupError: no luck", "LookupError"),
        ("pends", "pending", "the step is not written yet", None),
        ("skips", "skipped", "no disk", None),
        ("exits", "failed", "SystemExit: 3", "SystemExit"),
        ("passes async", "passed", None, None),
        ("breaks async", "failed", "KeyError: 'k'", "KeyError"),
        ("raises cancelled", "failed", "CancelledError", "CancelledError"),
        ("refuses", "failed", "too large", "FrameTooLarge"),
        ("dances", "undefined", 'No matching step definition for When "dances"', "UndefinedStep"),
    ],
)
def test_status(text: str, status: str, error: str | None, kind: str | None) -> None:
    servant = ServantInProcess(
        [("step", function.__name__.replace("_", " "), function) for function in FUNCTIONS],
        failure_names={RefusedError: lambda _: "FrameTooLarge"},
    )
    servant.initialize()
    result = servant.step(text)
    assert servant.end() == 0
    assert result["status"] == status
    assert result["success"] is (status == "passed")
    assert result["error"] == error
    assert result["elapsedNs"] > 0
    assert (result["failure"] or {}).get("type") == kind


def test_expected_and_actual() -> None:
    servant = ServantInProcess([("step", "mismatches", mismatches)])
    servant.initialize()
    failure = servant.step("mismatches")["failure"]
    assert (failure["expected"], failure["actual"]) == ("4", "5")
    assert servant.end() == 0


def test_two_definitions_are_ambiguous() -> None:
    servant = ServantInProcess([("step", "twice", passes), ("step", "twi.*", passes)])
    servant.initialize()
    result = servant.step("twice")
    assert result["status"] == "ambiguous"
    assert result["error"].count("step definition") == 2
    assert servant.end() == 0


@pytest.mark.parametrize("function", [breaks, breaks_async])
def test_the_stack_begins_with_the_author_s_line(function: Callable[..., object]) -> None:
    servant = ServantInProcess([("step", "breaks", function)])
    servant.initialize()
    lines = servant.step("breaks")["failure"]["stack"].splitlines()
    line = breaks.__code__.co_firstlineno + 1
    assert lines[0] == f"servant/python/tests/sdk/test_steps.py:{line}: breaks"
    assert not any("/sdk/parley/" in line for line in lines)
    assert servant.end() == 0


def test_the_stack_goes_on_with_the_cause() -> None:
    servant = ServantInProcess([("step", "chains", chains)])
    servant.initialize()
    lines = servant.step("chains")["failure"]["stack"].splitlines()
    assert lines[0].endswith(": chains")
    assert "caused by KeyError: 'k'" in lines
    assert lines[-2].endswith(": breaks")
    assert servant.end() == 0


def test_an_endless_recursion_is_cut() -> None:
    def recurses(scenario: Scenario) -> None:
        recurses(scenario)

    servant = ServantInProcess([("step", "recurses", recurses)])
    servant.initialize()
    result = servant.step("recurses")
    assert result["failure"]["type"] == "RecursionError"
    assert len(result["failure"]["stack"].splitlines()) < 60
    assert servant.end() == 0


def test_a_bare_assert_is_told_by_its_source() -> None:
    servant = ServantInProcess([("step", "asserts", exec_asserts())])
    servant.initialize()
    assert servant.step("asserts")["error"] == "an assertion does not hold"
    assert servant.end() == 0


def exec_asserts() -> Callable[..., object]:
    """A function that asserts, which pytest has not rewritten."""
    namespace: dict[str, Callable[..., object]] = {}
    exec("def asserts(scenario):\n    assert not scenario.role\n", namespace)
    return namespace["asserts"]


def test_definition_and_arguments_of_contract_1_1() -> None:
    taken: list[int] = []

    def counts(scenario: Scenario, n: int) -> None:
        taken.append(n)

    servant = ServantInProcess([("Given", r"counts to '(\d+)'", counts)])
    servant.initialize()
    # The text does not match: the coordinator has matched already.
    result = servant.step("anything", StepType="Then", Definition=1, Arguments=["7"])
    assert (result["status"], taken) == ("passed", [7])
    result = servant.step("counts", Definition=1, Arguments=["7", "8"])
    assert result["failure"]["type"] == "InvalidArguments"
    assert "counts to" in result["error"]
    assert "takes 1 argument, 2 came" in result["error"]
    assert servant.end() == 0


def test_blocks() -> None:
    def takes(scenario: Scenario, table: Table) -> None:
        assert table.headers == ("k", "v")
        assert [dict(row) for row in table] == [{"k": "a", "v": ""}]

    def reads(scenario: Scenario, text: DocString) -> None:
        assert (text.content, text.media_type, str(text)) == ("one\ntwo", "text/plain", "one\ntwo")

    servant = ServantInProcess([("step", "takes", takes), ("step", "reads", reads)])
    servant.initialize()
    table = {"headers": ["k", "v"], "rows": [{"k": "a", "v": None}]}
    assert servant.step("takes", Table=table)["error"] is None
    text = {"content": "one\ntwo", "mediaType": "text/plain"}
    assert servant.step("reads", DocString=text)["error"] is None
    assert servant.step("reads", Table=table)["failure"]["type"] == "InvalidArguments"
    assert servant.end() == 0


def test_the_scenario_s_view() -> None:
    def looks(scenario: Scenario) -> None:
        assert scenario.shared["from"] == "before"
        scenario.shared["to"] = "after"
        assert dict(scenario.shared) == {"from": "before", "to": "after"}
        assert (scenario.role, scenario.name) == ("reader", "Test 0.0 - Of the SDK")
        assert (scenario.instance, scenario.resource("frames")) == ("me", "cell-frames")
        assert str(scenario.work_dir) == "/tmp/cell"
        scenario.attach("bytes", b"\1\2")

    def breaks_the_map(scenario: Scenario) -> None:
        with pytest.raises(TypeError, match="holds strings"):
            scenario.shared["n"] = 5  # type: ignore[assignment]
        with pytest.raises(TypeError, match="cannot be taken out"):
            del scenario.shared["from"]

    servant = ServantInProcess([("step", "looks", looks), ("step", "breaks", breaks_the_map)])
    servant.initialize(WorkDir="/tmp/cell")
    result = servant.step("looks", Context={"from": "before"})
    assert result["error"] is None
    assert result["context"] == {"to": "after"}
    attached = {"name": "bytes", "mediaType": "application/octet-stream"}
    assert result["attachments"] == [attached | {"body": base64.b64encode(b"\1\2").decode()}]
    assert servant.step("breaks", Context={"from": "before"})["error"] is None
    assert servant.end() == 0


def test_attachments_have_a_limit() -> None:
    recorder = Recorder("p1", None)
    recorder.attach("half", "text/plain", b"x" * (MAX_ATTACHED // 2 + 1))
    with pytest.raises(ValueError, match="exceed the limit of 33554432 bytes"):
        recorder.attach("half", "text/plain", b"x" * (MAX_ATTACHED // 2 + 1))
    assert len(recorder.attachments()) == 1


def test_a_result_that_no_frame_holds_is_an_error() -> None:
    def floods(scenario: Scenario) -> None:
        for i in range(5):
            scenario.shared[str(i)] = "x" * (16 << 20)

    servant = ServantInProcess([("step", "floods", floods), ("step", "passes", passes)])
    servant.initialize()
    error = servant.await_answer(servant.start_step("floods"))["error"]
    assert error["code"] == -32603
    assert "for one frame" in error["message"]
    assert servant.step("passes")["status"] == "passed"
    assert servant.end() == 0


def test_logs_are_told_at_once_and_again_with_the_result() -> None:
    async def logs_async(scenario: Scenario) -> None:
        LOGGER.info("from the loop")
        await asyncio.to_thread(LOGGER.info, "from its helper")

    def logs(scenario: Scenario) -> None:
        LOGGER.warning("%s is %d", "it", 5)
        try:
            breaks(scenario)
        except KeyError:
            LOGGER.exception("no luck")
        # A thread that a step starts does not know of the step.
        thread = threading.Thread(target=LOGGER.debug, args=("from a thread",))
        thread.start()
        thread.join()

    servant = ServantInProcess([("step", "logs", logs), ("step", "logs async", logs_async)])
    servant.initialize()
    result = servant.step("logs", StepId="p9")
    told = [each["params"][0] for each in servant.notified if each["method"] == "log"]
    assert [(line["level"], line["stepId"]) for line in told] == [(3, "p9"), (4, "p9"), (1, "p9")]
    for line in told:
        del line["stepId"]
    assert result["logs"] == told
    assert told[0]["message"] == "it is 5"
    assert "KeyError: 'k'" in told[1]["message"]
    assert told[2]["message"] == "from a thread"
    servant.notified.clear()
    result = servant.step("logs async")
    assert [line["message"] for line in result["logs"]] == ["from the loop", "from its helper"]
    assert len(servant.notified) == 2
    assert servant.end() == 0


def test_a_result_carries_the_last_lines() -> None:
    told: list[str] = []
    recorder = Recorder("p1", lambda method, _: told.append(method))
    for i in range(MAX_LINES + 5):
        recorder.log(1, str(i))
    logs = recorder.logs()
    assert len(logs) == MAX_LINES + 1
    assert logs[0]["message"] == "5 lines before this one left out"
    assert logs[-1]["message"] == str(MAX_LINES + 4)
    assert len(told) == MAX_LINES + 5


def test_progress() -> None:
    def goes_on(scenario: Scenario) -> None:
        scenario.progress(1, 2, "frames")

    servant = ServantInProcess([("step", "goes on", goes_on)])
    servant.initialize()
    servant.step("goes on")
    expected = {"stepId": "p1", "done": 1, "total": 2, "unit": "frames"}
    assert [each["params"] for each in servant.notified] == [[expected]]
    assert servant.end() == 0


@pytest.mark.parametrize(
    ("cells", "message"),
    [([], "no header row"), ([["a", "a"]], "occurs twice"), ([["a"], ["1", "2"]], "row 1 has 2")],
)
def test_tables_of_cells(cells: list[list[str]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Table.of_cells(cells)
    assert [*Table.of_cells([["a", "b"], ["1", "2"]])] == [{"a": "1", "b": "2"}]
