"""Steps that create as many buffers as they can, one number after the other."""

import itertools

from parley import Mismatch, Scenario, step, then
from parley_ring import RingError, RingWriter
from parley_steps.pieces import NUMBER, ROLE, TEXT
from parley_steps.ring_errors import ExpectedError
from parley_steps.ring_process import RingProcess
from parley_steps.stress import PASSING_METADATA, PASSING_PAYLOAD
from parley_steps.writer_end import WriterEnd

# Connecting needs descriptors too: before frames are written, a few of the buffers are destroyed.
SPARE_BUFFERS = 4

FRAME_SIZE = 64


@step(rf"{ROLE}creates buffers '([^']*)1', '([^']*)2' and so on until it is refused: {TEXT}")
def create_until_refused(
    scenario: Scenario, role: str, prefix: str, again: str, expected: str
) -> None:
    if prefix != again:
        raise ValueError(
            f"'{prefix}1' and '{again}2' are not the first two of one series; they must differ in "
            "the number only, such as 'many-1', 'many-2'"
        )
    process = scenario.state(RingProcess)
    wanted = ExpectedError(expected)
    for number in itertools.count(1):
        scenario.sleep(0)
        name = f"{prefix}{number}"
        try:
            created = process.create(scenario, name, PASSING_METADATA, PASSING_PAYLOAD)
        except RingError as error:
            wanted.check(f"create buffer '{name}'", error)
            return
        process.many.append(created)


@then(f"{ROLE}has created at least {NUMBER} of them, and each carries a frame")
def has_created_at_least(scenario: Scenario, role: str, least: int) -> None:
    process = scenario.state(RingProcess)
    created = len(process.many)
    if created < least:
        raise Mismatch("buffers created", expected=f"at least {least}", actual=created)
    for _ in range(min(SPARE_BUFFERS, created)):
        process.many.pop().close()
    for reader in process.many:
        with RingWriter.connect(reader.reader.name, timeout=process.patience) as connected:
            writer = WriterEnd(connected)
            writer.write(FRAME_SIZE, scenario.cancelled)
            reader.read(1, FRAME_SIZE, scenario.cancelled)
            reader.release(1)


@step(f"{ROLE}closes all of them")
def close_all(scenario: Scenario, role: str) -> None:
    process = scenario.state(RingProcess)
    while process.many:
        process.many.pop().close()
