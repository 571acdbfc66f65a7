"""Steps of features/05-corruption.feature."""

from parley import Scenario, step
from parley_steps.pieces import NUMBER, ROLE, TEXT
from parley_steps.ring_errors import refused
from parley_steps.ring_process import RingProcess


@step(f"{ROLE}fails to commit the acquired frame: {TEXT}")
def fail_to_commit(scenario: Scenario, role: str, expected: str) -> None:
    writer = scenario.state(RingProcess).writer
    with refused(expected, "commit the acquired frame"):
        writer.commit()


@step(f"{ROLE}fails to read the metadata: {TEXT}")
def fail_to_read_metadata(scenario: Scenario, role: str, expected: str) -> None:
    reader = scenario.state(RingProcess).reader.reader
    with refused(expected, "read the metadata"):
        reader.metadata()


@step(f"{ROLE}fails to read and release a frame: {TEXT}")
def fail_to_read_and_release(scenario: Scenario, role: str, expected: str) -> None:
    reader = scenario.state(RingProcess).reader
    with refused(expected, "read and release a frame"):
        reader.release(reader.read_any(scenario.cancelled).sequence)


@step(f"{ROLE}fails to write a frame of {NUMBER} bytes at once: {TEXT}")
def fail_to_write_at_once(scenario: Scenario, role: str, size: int, expected: str) -> None:
    writer = scenario.state(RingProcess).writer
    with refused(expected, f"write frame {writer.written + 1} of {size} bytes"):
        writer.write(size, scenario.cancelled, timeout=0)


@step(f"{ROLE}writes frames of {TEXT} bytes")
def write_listed(scenario: Scenario, role: str, sizes: str) -> None:
    writer = scenario.state(RingProcess).writer
    for size in _sizes(sizes):
        writer.write(size, scenario.cancelled)


@step(f"{ROLE}reads frames of {TEXT} bytes from frame {NUMBER} on")
def read_listed(scenario: Scenario, role: str, sizes: str, first: int) -> None:
    reader = scenario.state(RingProcess).reader
    for sequence, size in enumerate(_sizes(sizes), first):
        reader.read(sequence, size, scenario.cancelled)
        reader.release(sequence)


def _sizes(text: str) -> list[int]:
    """Sizes with commas between; nothing is no sizes."""
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    for part in parts:
        if not (part.isascii() and part.isdigit()):
            raise ValueError(
                f"'{part}' in '{text}' is no size; write sizes in bytes with commas between, "
                "such as '100, 200'"
            )
    return [int(part) for part in parts]
