"""Steps of features/01-basic-communication.feature. Sizes are bytes."""

from parley import Mismatch, Scenario, step, then
from parley_ring import BufferFull, ErrorKind, pattern
from parley_steps.pieces import NUMBER, ROLE, TEXT
from parley_steps.reader_end import compare
from parley_steps.ring_errors import refused
from parley_steps.ring_process import RingProcess


@step(f"{ROLE}creates buffer {TEXT} with {NUMBER} bytes of metadata and {NUMBER} bytes of payload")
def create_buffer(scenario: Scenario, role: str, name: str, metadata: int, payload: int) -> None:
    process = scenario.state(RingProcess)
    process.use(process.create(scenario, name, metadata, payload))


@step(f"{ROLE}connects to buffer {TEXT}")
def connect_to_buffer(scenario: Scenario, role: str, name: str) -> None:
    process = scenario.state(RingProcess)
    process.close_writer()
    process.use(process.connect(scenario, name))


@step(f"{ROLE}waits at most {NUMBER} milliseconds for the other side")
def wait_at_most(scenario: Scenario, role: str, milliseconds: int) -> None:
    scenario.state(RingProcess).patience = milliseconds / 1000


@step(f"{ROLE}writes {NUMBER} bytes of metadata")
def write_metadata(scenario: Scenario, role: str, size: int) -> None:
    scenario.state(RingProcess).writer.writer.write_metadata(pattern.metadata(size))


@step(f"{ROLE}writes a frame of {NUMBER} bytes")
def write_frame(scenario: Scenario, role: str, size: int) -> None:
    scenario.state(RingProcess).writer.write(size, scenario.cancelled)


@step(f"{ROLE}writes a frame of {NUMBER} bytes without waiting")
def write_frame_without_waiting(scenario: Scenario, role: str, size: int) -> None:
    scenario.state(RingProcess).writer.write(size, scenario.cancelled, timeout=0)


@step(f"{ROLE}writes {NUMBER} frames of {NUMBER} bytes")
def write_frames(scenario: Scenario, role: str, frames: int, size: int) -> None:
    writer = scenario.state(RingProcess).writer
    for _ in range(frames):
        writer.write(size, scenario.cancelled)


@step(f"{ROLE}writes frames of {NUMBER} bytes until the buffer is full")
def write_until_full(scenario: Scenario, role: str, size: int) -> None:
    writer = scenario.state(RingProcess).writer
    try:
        while True:
            writer.write(size, scenario.cancelled)
    except BufferFull:
        return


@step(f"{ROLE}fails to write a frame of {NUMBER} bytes: {TEXT}")
def fail_to_write(scenario: Scenario, role: str, size: int, expected: str) -> None:
    writer = scenario.state(RingProcess).writer
    doing = f"write frame {writer.written + 1} of {size} bytes"
    with refused(expected, doing):
        writer.write(size, scenario.cancelled)


@then(f"{ROLE}has written {NUMBER} frames")
def has_written(scenario: Scenario, role: str, frames: int) -> None:
    written = scenario.state(RingProcess).writer.written
    if written != frames:
        raise Mismatch("frames written since the writer connected", expected=frames, actual=written)


@step(f"{ROLE}acquires a frame of {NUMBER} bytes")
def acquire_frame(scenario: Scenario, role: str, size: int) -> None:
    scenario.state(RingProcess).writer.acquire(size, scenario.cancelled)


@step(f"{ROLE}fills the acquired frame in place")
def fill_frame(scenario: Scenario, role: str) -> None:
    scenario.state(RingProcess).writer.fill()


@step(f"{ROLE}commits the acquired frame")
def commit_frame(scenario: Scenario, role: str) -> None:
    scenario.state(RingProcess).writer.commit()


@step(f"{ROLE}abandons the acquired frame")
def abandon_frame(scenario: Scenario, role: str) -> None:
    scenario.state(RingProcess).writer.abandon()


@then(f"{ROLE}finds {NUMBER} bytes of metadata")
def find_metadata(scenario: Scenario, role: str, size: int) -> None:
    metadata = scenario.state(RingProcess).reader.reader.metadata()
    if metadata is None:
        raise Mismatch("bytes of metadata", expected=size, actual="none written")
    if len(metadata) != size:
        raise Mismatch("bytes of metadata", expected=size, actual=len(metadata))
    compare("the metadata", pattern.metadata(size), metadata)


@then(f"{ROLE}finds no frame waiting")
def find_no_frame(scenario: Scenario, role: str) -> None:
    reader = scenario.state(RingProcess).reader
    with refused(ErrorKind.READ_TIMEOUT.value, "look for a frame", reader.describe_last):
        reader.read_any(scenario.cancelled, timeout=0)


@step(f"{ROLE}reads frame {NUMBER} of {NUMBER} bytes")
def read_frame(scenario: Scenario, role: str, sequence: int, size: int) -> None:
    scenario.state(RingProcess).reader.read(sequence, size, scenario.cancelled)


@step(f"{ROLE}releases frame {NUMBER}")
def release_frame(scenario: Scenario, role: str, sequence: int) -> None:
    scenario.state(RingProcess).reader.release(sequence)


@step(f"{ROLE}reads and releases frame {NUMBER} of {NUMBER} bytes")
def read_and_release_frame(scenario: Scenario, role: str, sequence: int, size: int) -> None:
    _read_and_release(scenario, sequence, sequence, size)


@step(f"{ROLE}reads frames {NUMBER} to {NUMBER} of {NUMBER} bytes")
def read_frames(scenario: Scenario, role: str, first: int, last: int, size: int) -> None:
    _read_and_release(scenario, first, last, size)


@step(
    f"{ROLE}reads frames {NUMBER} to {NUMBER} of {NUMBER} bytes, "
    f"taking {NUMBER} milliseconds over each"
)
def read_frames_slowly(
    scenario: Scenario, role: str, first: int, last: int, size: int, milliseconds: int
) -> None:
    _read_and_release(scenario, first, last, size, milliseconds / 1000)


def _read_and_release(
    scenario: Scenario, first: int, last: int, size: int, pause: float = 0
) -> None:
    if first > last:
        raise ValueError(
            f"frames {first} to {last} are none; the first number must not be above the second"
        )
    reader = scenario.state(RingProcess).reader
    for sequence in range(first, last + 1):
        reader.read(sequence, size, scenario.cancelled)
        if pause:
            scenario.sleep(pause)
            # The writer must not have touched it meanwhile.
            reader.check(sequence)
        reader.release(sequence)
