r"""The Python SDK for servants: processes that play one role of a scenario.

A step definition is a plain function, or an ``async`` one::

    from parley import Mismatch, Scenario, then, step

    @step(r"the '([^']*)' process counts to '(\d+)'")
    def count_to(scenario: Scenario, role: str, n: int) -> None:
        scenario.state(Counter).n = n

    @then(r"the '([^']*)' process has counted to '(\d+)'")
    def has_counted(scenario: Scenario, role: str, n: int) -> None:
        if scenario.state(Counter).n != n:
            raise Mismatch("count", expected=n, actual=scenario.state(Counter).n)

A servant is one call: ``serve("steps")``, with the modules or packages that hold definitions.

A step function takes the scenario, one parameter for each capturing group of its pattern, converted
as annotated, and last a `Table` or `DocString` if the step brings one. Returning passes the step.
Any exception fails it: `Mismatch` shows expected and actual values, `Pending` and `Skip` are
verdicts of their own.

Implements the servant wire contract, docs/servant-contract.md.
"""

from parley.blocks import DocString, Table
from parley.definitions import DefinitionError, given, step, then, when
from parley.host import serve
from parley.scenario import Scenario
from parley.verdicts import Mismatch, Pending, Skip, StepCancelledError

__all__ = [
    "DefinitionError",
    "DocString",
    "Mismatch",
    "Pending",
    "Scenario",
    "Skip",
    "StepCancelledError",
    "Table",
    "given",
    "serve",
    "step",
    "then",
    "when",
]
