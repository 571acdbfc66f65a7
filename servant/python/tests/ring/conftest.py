"""Fixtures of the ring's tests."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from ring_helpers import Child, MakePair, Pair, leftovers, sweep

from parley_ring import RingReader, RingWriter

_numbers = itertools.count(1)


@pytest.fixture
def name() -> Iterator[str]:
    """A name that nothing else uses, and that must be free at the end."""
    unique = f"pyring-{os.getpid()}-{next(_numbers)}-"
    yield unique
    left = leftovers(unique)
    sweep(unique)
    assert not left, "left behind"


@pytest.fixture
def abandoned() -> Iterator[str]:
    """A name whose reader is killed for good, and cannot clean up."""
    unique = f"pyring-{os.getpid()}-{next(_numbers)}-"
    yield unique
    sweep(unique)


@pytest.fixture
def pair(name: str) -> Iterator[MakePair]:
    """Makes a ring with both sides in this process."""
    with ExitStack() as both:

        def make(
            payload: int, metadata: int = 0, *, timeout: float = 30.0, spin: float = 150e-6
        ) -> Pair:
            reader = both.enter_context(
                RingReader.create(
                    name, metadata_size=metadata, payload_size=payload, timeout=timeout, spin=spin
                )
            )
            writer = both.enter_context(RingWriter.connect(name, timeout=timeout, spin=spin))
            return reader, writer

        yield make


@pytest.fixture
def child() -> Iterator[Callable[[], Child]]:
    """Makes child processes, which do not survive the test."""
    children: list[Child] = []

    def make() -> Child:
        children.append(Child())
        return children[-1]

    yield make
    for one in children:
        one.kill()
