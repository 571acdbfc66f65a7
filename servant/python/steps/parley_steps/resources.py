"""Steps of features/07-resources.feature."""

from parley import Scenario, step
from parley_steps import records
from parley_steps.pieces import NUMBER, ROLE, TEXT
from parley_steps.ring_errors import refused
from parley_steps.ring_process import RingProcess


@step(
    f"{ROLE}fails to create buffer {TEXT} with {NUMBER} bytes of metadata "
    f"and {NUMBER} bytes of payload: {TEXT}"
)
def fail_to_create(
    scenario: Scenario, role: str, name: str, metadata: int, payload: int, expected: str
) -> None:
    with refused(expected, f"create buffer '{name}'"):
        scenario.state(RingProcess).create(scenario, name, metadata, payload).close()


@step(f"{ROLE}writes {NUMBER} records of {NUMBER} fields in place")
def write_records(scenario: Scenario, role: str, count: int, fields: int) -> None:
    writer = scenario.state(RingProcess).writer
    for _ in range(count):
        data = writer.acquire(fields * records.FIELD_SIZE, scenario.cancelled)
        records.fill(data, writer.written + 1)
        writer.commit()


@step(f"{ROLE}reads {NUMBER} records of {NUMBER} fields in place")
def read_records(scenario: Scenario, role: str, count: int, fields: int) -> None:
    reader = scenario.state(RingProcess).reader
    size = fields * records.FIELD_SIZE
    for _ in range(count):
        frame = reader.expect(reader.last + 1, size, scenario.cancelled)
        records.check(frame.data, frame.sequence)
        reader.release(frame.sequence)
