"""Steps of features/14-benchmarks.feature."""

from parley import Scenario, step
from parley_steps import additions, channels, rates, stamps
from parley_steps.figures import RATIO, Figure, distribution, report
from parley_steps.pieces import NUMBER, ROLE
from parley_steps.ring_process import RingProcess


@step(f"{ROLE}measures {NUMBER} of {NUMBER} round trips of {NUMBER} bytes")
def measure_round_trips(
    scenario: Scenario, role: str, measured: int, count: int, size: int
) -> None:
    client = channels.calling(scenario)
    if not 1 <= measured <= count:
        raise ValueError(
            f"{measured} of {count} round trips cannot be measured; "
            "measure at least 1 and at most all"
        )
    durations = [client.round_trip(size, scenario.cancelled) for _ in range(count)]
    report(scenario, f"round trip of {size} bytes", distribution(durations[-measured:]))


@step(
    f"{ROLE}reads frames {NUMBER} to {NUMBER} of {NUMBER} bytes and reports the rate against memcpy"
)
def read_against_memcpy(scenario: Scenario, role: str, first: int, last: int, size: int) -> None:
    rate = rates.measure(scenario, first, last, size)
    memcpy = rates.memcpy(size, (last - first + 1) * size)
    compared = [
        Figure("memcpy", memcpy, "MB/s"),
        Figure("of memcpy", rate.megabytes / memcpy, RATIO),
    ]
    report(scenario, rates.title(size), rate.figures() + compared)


@step(f"{ROLE}reports the ratio of its last two rates")
def report_ratio_of_rates(scenario: Scenario, role: str) -> None:
    reported = scenario.state(RingProcess).rates
    if len(reported) < 2:
        raise ValueError(
            f"this process has reported {len(reported)} rates; "
            "two steps that report one must come first"
        )
    before, last = reported[-2:]
    figures = [
        Figure("before", before, "frames/s"),
        Figure("last", last, "frames/s"),
        Figure("last of before", last / before, RATIO),
    ]
    report(scenario, "last rate against the one before", figures)


@step(f"{ROLE}measures {NUMBER} atomic additions against {NUMBER} plain ones")
def measure_additions(scenario: Scenario, role: str, atomically: int, plainly: int) -> None:
    title = f"{atomically} atomic and {plainly} plain additions"
    report(scenario, title, additions.measure(atomically, plainly))


@step(f"{ROLE}writes {NUMBER} time stamps, {NUMBER} a second")
def write_stamps(scenario: Scenario, role: str, count: int, rate: int) -> None:
    stamps.write(scenario, scenario.state(RingProcess).writer, count, rate)


@step(f"{ROLE}reads {NUMBER} time stamps and reports how long each was on its way")
def read_stamps(scenario: Scenario, role: str, count: int) -> None:
    delays = stamps.read(scenario, scenario.state(RingProcess).reader, count)
    report(scenario, f"{count} time stamps on their way", distribution(delays))
