"""Creating a buffer without descriptors to spare (ring protocol, Create)."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

import pytest
from ring_helpers import Child

from parley_ring import InUse, RingError, RingReader, RingWriter, System, objects

MakeChild = Callable[[], Child]


def test_a_create_without_descriptors_keeps_a_live_writer(
    name: str, child: MakeChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be looked at, for want of a descriptor, may be alive."""
    reader = child()
    reader.do("create", name, 0, 64)
    writer = RingWriter.connect(name)
    reader.kill()
    shared = objects(name)[:3]
    before = [os.stat(path).st_ino for path in shared]
    real = os.open
    failed = 0
    while True:
        calls = 0

        def scarce(*args: object, budget: int = failed, **more: object) -> int:
            nonlocal calls
            calls += 1
            if calls > budget:
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            return real(*args, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(os, "open", scarce)
        with pytest.raises(RingError) as caught:
            RingReader.create(name, payload_size=64)
        assert [os.stat(path).st_ino for path in shared] == before
        if isinstance(caught.value, InUse):
            break
        assert isinstance(caught.value, System)
        assert caught.value.errno == errno.EMFILE
        failed += 1
    monkeypatch.undo()
    assert failed > 1
    writer.close()
    RingReader.create(name, payload_size=64).close()
