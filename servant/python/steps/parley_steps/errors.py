"""Steps of features/03-errors.feature."""

from parley import Mismatch, Scenario, step, then
from parley_ring import NoMetadataBlock, pattern
from parley_steps.pieces import NUMBER, ROLE, TEXT
from parley_steps.ring_errors import refused
from parley_steps.ring_process import RingProcess


@step(f"{ROLE}fails to write {NUMBER} bytes of metadata: {TEXT}")
def fail_to_write_metadata(scenario: Scenario, role: str, size: int, expected: str) -> None:
    writer = scenario.state(RingProcess).writer.writer
    with refused(expected, f"write {size} bytes of metadata"):
        writer.write_metadata(pattern.metadata(size))


@then(f"{ROLE}finds no metadata", summary="Also passes for a buffer without a metadata block.")
def find_no_metadata(scenario: Scenario, role: str) -> None:
    try:
        metadata = scenario.state(RingProcess).reader.reader.metadata()
    except NoMetadataBlock:
        return
    if metadata is not None:
        raise Mismatch("metadata", expected="none", actual=f"{len(metadata)} bytes")
