"""Steps that wait, or try for long, end when they are cancelled, and leave nothing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from parley import StepCancelledError
from parley_ring import Cancelled

if TYPE_CHECKING:
    from roles import Roles

CONNECTS = (
    "'writer' connects to buffer 'none' and closes it '3' times, "
    "told nothing but 'NotFound' in between"
)


@pytest.mark.parametrize(
    "step",
    [
        "'reader' creates and destroys buffer 'k' '1' times, keeping it for '3600000' milliseconds",
        CONNECTS,
        "'reader' creates buffers 'm1', 'm2' and so on until it is refused: 'System'",
        "'writer' writes '3600' time stamps, '1' a second",
        "'reader' reads frames '1' to '1' of '5' bytes, taking '3600000' milliseconds over each",
        "'reader' reads frame '2' of '5' bytes",
    ],
)
def test_steps_that_are_cancelled(roles: Roles, step: str) -> None:
    roles.perform("'writer' writes a frame of '5' bytes")
    for role in "reader", "writer":
        roles.perform(f"'{role}' waits at most '3600000' milliseconds for the other side")
    if "frame '2'" in step:
        roles.perform("'reader' reads and releases frame '1' of '5' bytes")
    ended: list[BaseException] = []

    def perform() -> None:
        try:
            roles.perform(step)
        except (StepCancelledError, Cancelled) as error:
            ended.append(error)

    thread = threading.Thread(target=perform)
    thread.start()
    # Whether it has begun by then or not, it must end.
    for each in roles.reader, roles.writer:
        each.cancelled.set()
    thread.join(20)
    assert not thread.is_alive()
    assert len(ended) == 1


def test_how_often_it_had_connected(roles: Roles) -> None:
    roles.writer.cancelled.set()
    with pytest.raises(StepCancelledError, match=r"buffer 'none' was connected to 0 of 3 times$"):
        roles.perform(CONNECTS)
