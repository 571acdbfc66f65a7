"""Steps of features/06-synchronization.feature."""

from parley import Scenario, step
from parley_steps.pieces import NUMBER, ROLE
from parley_steps.ring_process import RingProcess


@step(f"{ROLE}writes {NUMBER} frames of {NUMBER} bytes without waiting")
def write_frames_without_waiting(scenario: Scenario, role: str, frames: int, size: int) -> None:
    writer = scenario.state(RingProcess).writer
    for _ in range(frames):
        writer.write(size, scenario.cancelled, timeout=0)
