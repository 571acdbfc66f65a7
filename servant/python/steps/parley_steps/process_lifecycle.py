"""Steps of features/02-process-lifecycle.feature."""

from parley import Scenario, step
from parley_steps.pieces import ROLE, TEXT
from parley_steps.ring_errors import refused
from parley_steps.ring_process import RingProcess


@step(f"{ROLE}fails to connect to buffer {TEXT}: {TEXT}")
def fail_to_connect(scenario: Scenario, role: str, name: str, expected: str) -> None:
    with refused(expected, f"connect to buffer '{name}'"):
        scenario.state(RingProcess).connect(scenario, name).close()


@step(f"{ROLE}fails to read a frame: {TEXT}")
def fail_to_read(scenario: Scenario, role: str, expected: str) -> None:
    reader = scenario.state(RingProcess).reader
    with refused(expected, "read a frame", reader.describe_last):
        reader.read_any(scenario.cancelled)


@step(f"{ROLE}closes its buffer")
def close_buffer(scenario: Scenario, role: str) -> None:
    scenario.state(RingProcess).close_last()
