"""The pytest plugin: one pytest-bdd step that performs all others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pytest_bdd import parsers, step

from parley.blocks import DocString, Table
from parley.registry import Registry
from parley.verdicts import Skip
from parley_pytest.cell import Cell, UndefinedStepError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_bdd.parser import Feature, Scenario, Step

_SIGNALS = "signals: what happens to the process of a role only the coordinator can do"

_PARAMETERS = "parley_parameters"

_KIND = pytest.StashKey[str]()
_FAILED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares what the project's configuration of pytest may hold."""
    parser.addini(_PARAMETERS, "values of {parameters} in features: lines name=value", "linelist")


def pytest_configure(config: pytest.Config) -> None:
    """Has tags looked up among the project's markers."""
    config.pluginmanager.register(Tags(config.getini("markers")))


class Tags:
    """Applies the tags of scenarios."""

    def __init__(self, markers: Sequence[str]) -> None:
        """Takes the lines of the configuration that describe markers."""
        self._markers = {re.split(r"[:(]", line)[0].strip() for line in markers}

    def pytest_bdd_apply_tag(self, tag: str, function: Callable[..., object]) -> bool | None:
        """Skips what needs processes; tags that are no markers select cells, not tests."""
        if tag == "signals":
            pytest.mark.skip(reason=_SIGNALS)(function)
            return True
        return None if tag in self._markers else True


class AnyStep(parsers.StepParser):
    """Matches every step; the cell finds the definition."""

    def is_matching(self, name: str) -> bool:  # noqa: ARG002 - pytest-bdd's signature
        """Matches."""
        return True

    def parse_arguments(self, name: str) -> dict[str, object]:
        """Hands the whole text on."""
        return {"text": name}


@pytest.fixture(scope="session")
def parley_definitions() -> Registry:
    """The step definitions of the roles; a conftest.py gives its own."""
    raise pytest.UsageError("give the step definitions: override the fixture parley_definitions")


@pytest.fixture(scope="session")
def parley_looks() -> Registry:
    """Definitions of what the coordinator looks at; a conftest.py gives its own."""
    return Registry([])


@pytest.fixture
def parley_cell(
    request: pytest.FixtureRequest, parley_definitions: Registry, parley_looks: Registry
) -> Iterator[Cell]:
    """The scenario that is being played."""
    cell = Cell(request.node.name, parley_definitions, parley_looks)
    yield cell
    cell.end(failed=request.node.stash.get(_FAILED, False))


@step(AnyStep("parley"))
def perform(
    request: pytest.FixtureRequest,
    parley_cell: Cell,
    text: str,
    datatable: list[list[str]] | None = None,
    docstring: str | None = None,
) -> None:
    """Performs a step of a feature."""
    __tracebackhide__ = True
    table = None if datatable is None else Table.of_cells(datatable)
    doc_string = None if docstring is None else DocString(docstring)
    try:
        text = _filled(text, request.config)
        parley_cell.perform(request.node.stash[_KIND], text, table, doc_string)
    except Skip as skip:
        pytest.skip(str(skip))


def pytest_bdd_before_scenario(
    request: pytest.FixtureRequest, feature: Feature, scenario: Scenario
) -> None:
    """Finds undefined steps before the first one is performed."""
    del feature
    cell: Cell = request.getfixturevalue("parley_cell")
    try:
        ways = [
            cell.check(each.type.capitalize(), _filled(each.name, request.config))
            for each in scenario.steps
        ]
    except UndefinedStepError as error:
        pytest.fail(str(error), pytrace=False)
    for way in ways:
        if way.coordinator_only:
            pytest.skip(f"only the coordinator can perform: {way.text}")


def pytest_bdd_before_step(request: pytest.FixtureRequest, scenario: Scenario, step: Step) -> None:
    """Notes the type of the step to come."""
    request.node.stash[_KIND] = step.type.capitalize()
    first = next((each for each in scenario.steps if each.background is None), None)
    if step is first:
        cell: Cell = request.getfixturevalue("parley_cell")
        cell.inherit_nothing()


def pytest_bdd_step_error(request: pytest.FixtureRequest) -> None:
    """Has the steps that overlap others end with the scenario."""
    request.node.stash[_FAILED] = True


def _filled(text: str, config: pytest.Config) -> str:
    """Puts the project's values in the place of parameters."""
    for line in config.getini(_PARAMETERS):
        name, _, value = line.partition("=")
        text = text.replace(f"{{{name.strip()}}}", value.strip())
    return text
