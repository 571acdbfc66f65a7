"""Steps of features/04-edge-cases.feature."""

from parley import Mismatch, Scenario, step, then
from parley_ring import ErrorKind, RingError
from parley_steps import races
from parley_steps.pieces import NUMBER, ROLE, TEXT
from parley_steps.ring_process import RingProcess

# Sizes of the buffers that processes race for, in bytes.
RACE_METADATA = 0
RACE_PAYLOAD = 4096


@then(f"{ROLE}still holds frame {NUMBER} unchanged")
def still_holds(scenario: Scenario, role: str, sequence: int) -> None:
    scenario.state(RingProcess).reader.check(sequence)


@step(f"{ROLE}race to create buffers {TEXT} to {TEXT}")
def race_to_create(scenario: Scenario, role: str, first: str, last: str) -> None:
    process = scenario.state(RingProcess)
    outcomes: list[tuple[str, str]] = []
    for name in races.name_range(first, last):
        try:
            process.won.append(process.create(scenario, name, RACE_METADATA, RACE_PAYLOAD))
            outcomes.append((name, races.WON))
        except RingError as error:
            outcomes.append((name, error.kind.value))
    scenario.shared[races.KEY + scenario.instance] = races.format_report(outcomes)


@then(f"{ROLE}sees exactly one winner in each of {NUMBER} races, the other told {TEXT}")
def see_one_winner_each(scenario: Scenario, role: str, count: int, kind: ErrorKind) -> None:
    outcomes = races.outcomes(scenario.shared)
    if len(outcomes) != count:
        raise Mismatch("races that were reported", expected=count, actual=len(outcomes))
    expected = sorted([races.WON, kind.value])
    for name, ended in sorted(outcomes.items()):
        if sorted(ended) != expected:
            raise Mismatch(
                f"outcomes of the race for {name}",
                expected=", ".join(expected),
                actual=", ".join(sorted(ended)),
            )


@step(f"{ROLE}writes a frame of {NUMBER} bytes to each of buffers {TEXT} to {TEXT}")
def write_to_each(scenario: Scenario, role: str, size: int, first: str, last: str) -> None:
    process = scenario.state(RingProcess)
    for name in races.name_range(first, last):
        process.connect(scenario, name).write(size, scenario.cancelled)


@step(f"{ROLE}read frame {NUMBER} of {NUMBER} bytes from each buffer they won")
def read_from_each_won(scenario: Scenario, role: str, sequence: int, size: int) -> None:
    for reader in scenario.state(RingProcess).won:
        reader.read(sequence, size, scenario.cancelled)
        reader.release(sequence)
