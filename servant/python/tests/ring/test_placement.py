"""Where frames are placed (ring protocol, Writing a frame, P1 and P2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley_ring.placement import place_frame

P = 1024


@pytest.mark.parametrize(
    ("position", "free", "size", "eager", "expected"),
    [
        pytest.param(0, P, 100, False, (0, 0, False), id="empty, at 0"),
        pytest.param(0, 116, 100, False, (0, 0, False), id="exactly the space"),
        pytest.param(0, 115, 100, False, None, id="one byte short"),
        pytest.param(0, P, 1008, False, (0, 0, False), id="the whole ring"),
        pytest.param(P, P, 1008, False, (0, 0, False), id="after an exact fit"),
        pytest.param(500, 800, 508, False, (500, 0, False), id="up to the end"),
        pytest.param(832, P, 300, False, (0, 192, False), id="wrap with a marker"),
        pytest.param(832, 507, 300, False, None, id="wrap, space short of the tail"),
        pytest.param(1008, 132, 100, False, (0, 16, False), id="wrap over a tail of 16"),
        pytest.param(800, P, P - 800 - 16 - 15, False, (0, 224, False), id="would leave 15"),
        pytest.param(800, P, P - 800 - 16 - 1, False, (0, 224, False), id="would leave 1"),
        pytest.param(800, P, P - 800 - 16 - 16, False, (800, 0, False), id="would leave 16"),
        pytest.param(0, P, 1000, False, (0, 0, False), id="leaves 8, but starts at 0"),
        pytest.param(1016, 900, 10, False, None, id="on a tail of 8, not empty"),
        pytest.param(1016, P, 10, False, (0, 0, True), id="on a tail of 8, empty"),
        pytest.param(600, 1000, 700, False, None, id="tail and frame exceed the ring"),
        pytest.param(600, P, 700, False, (0, 0, True), id="they exceed it, empty"),
        pytest.param(100, P, 100, True, (0, 0, True), id="empty, eager"),
        pytest.param(100, P - 1, 100, True, (100, 0, False), id="not empty, eager"),
        pytest.param(0, P, 100, True, (0, 0, False), id="empty at 0, eager"),
    ],
)
def test_places(
    position: int, free: int, size: int, eager: bool, expected: tuple[int, int, bool] | None
) -> None:
    place = place_frame(P, position, free, size, eager=eager)
    assert expected == (place and (place.start, place.wasted, place.rewind))


@given(st.integers(1, 64), st.data(), st.booleans())
def test_what_holds_for_every_place(blocks: int, data: st.DataObject, eager: bool) -> None:
    payload = 64 * blocks
    position = data.draw(st.integers(0, payload))
    free = data.draw(st.integers(0, payload))
    size = data.draw(st.integers(1, payload - 16))
    place = place_frame(payload, position, free, size, eager=eager)
    if place is None:
        assert free < payload, "an empty ring has no place"
        return
    end = place.start + 16 + size
    assert end <= payload
    assert free == payload or not place.rewind
    assert place.wasted + 16 + size <= free
    assert place.start in (0, position)
    assert place.wasted == 0 or place.wasted >= 16
    if place.start > 0:
        assert not 0 < payload - end < 16, "a tail without a marker is left"
    elif not place.rewind and position != 0:
        assert place.wasted == payload - position
