"""Steps of features/09-monitoring.feature."""

from parley import Scenario, step
from parley_steps import rates
from parley_steps.figures import report
from parley_steps.pieces import NUMBER, ROLE


@step(f"{ROLE}reads frames {NUMBER} to {NUMBER} of {NUMBER} bytes and reports the rate")
def read_and_report_rate(scenario: Scenario, role: str, first: int, last: int, size: int) -> None:
    report(scenario, rates.title(size), rates.measure(scenario, first, last, size).figures())
