"""Waiting for a buffer (ring protocol, Creating, connecting, closing)."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
from ring_helpers import LIMIT, Call, Outside, exchange

from parley_ring import Corrupt, RingReader, RingWriter, VersionMismatch, objects


@pytest.mark.parametrize("size", [0, 100, 4096])
def test_a_buffer_that_a_peer_is_still_creating_is_waited_for(name: str, size: int) -> None:
    """Its segment is too short, or all zeros, at first."""
    path = Path(objects(name).segment)
    path.write_bytes(bytes(size))
    start, wait = time.monotonic(), 0.02
    with pytest.raises(Corrupt):
        RingWriter.connect_wait(name, wait=wait)
    assert time.monotonic() - start >= wait, "it gave up before its time"
    connecting = Call(lambda: RingWriter.connect_wait(name, wait=LIMIT))
    path.unlink()
    with RingReader.create(name, payload_size=64) as reader, connecting.result() as writer:
        exchange(reader, writer, 10, 1)


def test_another_version_is_not_waited_for(name: str) -> None:
    with RingReader.create(name, payload_size=64):
        Outside(name).put(4, b"\2")
        with pytest.raises(VersionMismatch):
            RingWriter.connect_wait(name, wait=math.inf)
