"""Features in process: routing, overlapping steps and the pytest plugin."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from peer import PATIENCE

from parley import Mismatch, Scenario
from parley.definitions import Registration
from parley.registry import Registry
from parley_pytest.cell import Cell, UndefinedStepError
from parley_pytest.routing import Route, route


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the 'x' process runs", Route("", "x", (0,), False, False, None, False)),
        ("'x' runs", Route("", "x", (0,), False, False, None, False)),
        ("a new 'x' process runs", Route("", "x", (0,), True, False, None, False)),
        ("a second 'x' process runs", Route("", "x", (1,), False, False, None, False)),
        ("two 'x' processes run", Route("", "x", (0, 1), False, False, None, False)),
        ("it runs", Route("", "", (0,), False, False, None, False)),
        ("buffer 'x' runs", Route("", "", (0,), False, False, None, False)),
        ("the 'x' process is killed", Route("", "x", (0,), False, False, None, True)),
        ("the 'x' process may open '0' more files", Route("", "x", (0,), False, False, None, True)),
        ("two 'x' processes run as user 'y'", Route("", "x", (0, 1), False, False, None, True)),
        ("wait for '2' seconds", Route("", "", (0,), False, False, None, True)),
        (
            "the resources of the 'x' process are noted",
            Route("", "", (0,), False, False, None, True),
        ),
    ],
)
def test_routes(text: str, expected: Route) -> None:
    assert route(text) == expected._replace(text=text)
    assert route(f"meanwhile {text}") == expected._replace(text=text, meanwhile=True)
    assert route(f"within '1.5' seconds {text}") == expected._replace(text=text, within=1.5)


Functions = dict[str, Callable[..., object]]


def registry(functions: Functions) -> Registry:
    return Registry(
        Registration("step", pattern, function, __file__, line)
        for line, (pattern, function) in enumerate(functions.items(), 1)
    )


def cell_of(functions: Functions, looks: Functions | None = None) -> Cell:
    return Cell("Test 0.0 - Of the SDK", registry(functions), registry(looks or {}))


def test_each_role_has_its_own_state() -> None:
    seen: list[tuple[str, str, list[int]]] = []

    def counts(scenario: Scenario) -> None:
        numbers = scenario.state(list[int])
        numbers.append(len(numbers))
        seen.append((scenario.role, scenario.instance.split(".")[1], list(numbers)))

    def looks(scenario: Scenario) -> None:
        seen.append((scenario.role, "", []))

    role = "(?:.*'[^']*' process )?"
    cell = cell_of({f"{role}counts": counts}, {"buffer 'x' is there": looks})
    cell.perform("When", "the 'a' process counts")
    cell.perform("When", "the 'b' process counts")
    cell.perform("Then", "buffer 'x' is there")
    cell.perform("When", "counts")
    cell.perform("When", "a second 'b' process counts")
    cell.perform("When", "a new 'a' process counts")
    cell.end(failed=False)
    assert seen == [
        ("a", "1", [0]),
        ("b", "2", [0]),
        ("coordinator", "", []),
        ("b", "2", [0, 1]),
        ("b", "4", [0]),
        ("a", "5", [0]),
    ]


def test_two_processes_perform_a_step_at_the_same_time() -> None:
    together = threading.Barrier(2)

    def meet(scenario: Scenario) -> None:
        together.wait(PATIENCE)
        scenario.shared[scenario.instance] = "met"

    def have_met(scenario: Scenario) -> None:
        assert list(scenario.shared.values()) == ["met", "met"]

    cell = cell_of({"two 'a' processes meet": meet, "the 'b' process sees it": have_met})
    cell.perform("When", "two 'a' processes meet")
    cell.perform("Then", "the 'b' process sees it")
    cell.end(failed=False)


def test_meanwhile_and_within() -> None:
    order: list[str] = []
    let_go = threading.Event()

    def waits(scenario: Scenario) -> None:
        assert let_go.wait(PATIENCE)
        order.append("a")

    def is_there(scenario: Scenario) -> None:
        order.append("look")
        let_go.set()
        if len(order) < 3:
            raise Mismatch("looks", expected=3, actual=len(order))

    def goes_on(scenario: Scenario) -> None:
        order.append("b")

    cell = cell_of(
        {"the 'a' process waits": waits, "the '[ab]' process goes on": goes_on},
        {"it is there": is_there},
    )
    cell.perform("When", "meanwhile the 'a' process waits")
    cell.perform("When", "the 'b' process goes on")
    cell.perform("Then", "within '20' seconds it is there")
    cell.perform("When", "the 'a' process goes on")
    cell.end(failed=False)
    assert order[0] == "b"
    assert order[-1] == "b"
    assert order.count("a") == 1
    with pytest.raises(Mismatch):
        cell_of({}, {"it is there": fails}).perform("Then", "within '0' seconds it is there")


def fails(scenario: Scenario) -> None:
    raise Mismatch("bytes read", expected=4, actual=5)


def test_a_failure_of_an_overlapping_step_bears_its_text() -> None:
    cell = cell_of({"the 'a' process fails": fails})
    cell.perform("When", "meanwhile the 'a' process fails")
    with pytest.raises(AssertionError, match="meanwhile the 'a' process fails: bytes read"):
        cell.end(failed=False)


def test_a_failed_scenario_ends_what_overlaps() -> None:
    def waits(scenario: Scenario) -> None:
        scenario.sleep(3600)

    cell = cell_of({"the 'a' process waits": waits})
    cell.perform("When", "meanwhile the 'a' process waits")
    with pytest.raises(AssertionError, match="meanwhile the 'a' process waits: a pause"):
        cell.end(failed=True)


def test_async_steps_and_the_end_of_resources() -> None:
    closed: list[str] = []

    class Connection:
        async def aclose(self) -> None:
            closed.append("connection")

    async def opens(scenario: Scenario) -> None:
        scenario.track(Connection())

    cell = cell_of({"the 'a' process opens": opens})
    cell.perform("When", "the 'a' process opens")
    assert closed == []
    cell.end(failed=False)
    assert closed == ["connection"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dances", "no step definition matches When 'dances'"),
        ("fails", "2 definitions match"),
        ("goes", "no process performs 'goes'"),
    ],
)
def test_steps_that_nobody_performs(text: str, message: str) -> None:
    def goes(scenario: Scenario) -> None: ...

    cell = cell_of({"fails": fails, "fail.": fails, "goes": goes})
    with pytest.raises(UndefinedStepError, match=message):
        cell.perform("When", text)
    cell.end(failed=False)


FEATURE = """
Feature: Counting
  Background:
    Given the 'a' process has the numbers
      | n |
      | 1 |
      | 2 |
  Scenario: passes
    Then the 'a' process has counted to '3'
    And has counted to '3'
  Scenario: fails
    Then the 'a' process has counted to '4'
  Scenario: is undefined
    Then the 'a' process dances
  Scenario: asks all
    Then has counted to '3'
  Scenario: needs the coordinator
    When the 'a' process is killed
  @signals
  Scenario: needs signals
    Then the 'a' process has counted to '3'
  @other @often
  Scenario: counts {sum}
    Then the 'a' process has counted to '{sum}'
  Scenario Outline: counts in rows
    Then the 'a' process has counted to '<sum>'

    @often
    Examples:
      | sum |
      | 3   |
"""

STEPS = """
from parley import Mismatch, Scenario, Skip, Table, given, then

class Sum:
    total = 0

@given("the '([^']*)' process has the numbers")
def numbers(scenario: Scenario, role: str, table: Table) -> None:
    scenario.state(Sum).total = sum(int(row["n"]) for row in table)

@then(r"(?:the '[^']*' process )?has counted to '(\\d+)'")
def counted(scenario: Scenario, n: int) -> None:
    if scenario.state(Sum).total != n:
        raise Mismatch("sum", expected=n, actual=scenario.state(Sum).total)
"""

CONFTEST = """
import pytest
from parley.registry import Registry

pytest_plugins = ("parley_pytest.plugin",)

@pytest.fixture(scope="session")
def parley_definitions():
    return Registry.of_modules(["counting_steps"])
"""


CONFIGURATION = """
[pytest]
addopts = --strict-markers
markers =
    often: also performed when nobody asks
parley_parameters =
    sum = 3
"""


def test_the_plugin(pytester: pytest.Pytester) -> None:
    pytester.syspathinsert()
    pytester.makefile(".feature", counting=FEATURE)
    pytester.makeconftest(CONFTEST)
    pytester.makeini(CONFIGURATION)
    pytester.makepyfile(counting_steps=STEPS)
    pytester.makepyfile("from pytest_bdd import scenarios\nscenarios('counting.feature')\n")
    result = pytester.runpytest_inprocess("-rs")
    result.assert_outcomes(passed=4, failed=2, skipped=2)
    result.stdout.fnmatch_lines(["*sum: expected 4, got 3*"])
    result.stdout.fnmatch_lines(["*no step definition matches Then \"the 'a' process dances\"*"])
    result.stdout.fnmatch_lines(["*only the coordinator can perform: the 'a' process is killed*"])
    result = pytester.runpytest_inprocess("-m", "often")
    result.assert_outcomes(passed=2, deselected=6)
