"""Any mix of calls behaves as a queue."""

from __future__ import annotations

import itertools
import os
from contextlib import ExitStack

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from parley_ring import (
    BufferFull,
    Frame,
    ReadTimeout,
    RingReader,
    RingWriter,
    Slot,
    inspect,
    pattern,
)

SIZES = st.one_of(st.integers(1, 4096), st.integers(1, 40))
_numbers = itertools.count(1)


class RingMachine(RuleBasedStateMachine):
    """A ring next to a list of what was written.

    Every held frame keeps its bytes, no frame that fits an empty ring is refused when it is empty,
    and the counters add up at every step.
    """

    def __init__(self) -> None:
        super().__init__()
        self.name = f"pyring-{os.getpid()}-model-{next(_numbers)}"
        self.sides = ExitStack()
        self.sizes: list[int] = []
        self.read_frames = 0
        self.held: list[Frame] = []
        self.slot: Slot | None = None

    @initialize(payload=st.sampled_from([64, 128, 192, 1024, 4096]))
    def create(self, payload: int) -> None:
        self.payload = payload
        self.reader = self.sides.enter_context(
            RingReader.create(self.name, payload_size=payload, timeout=0)
        )
        self.writer = self.sides.enter_context(RingWriter.connect(self.name, timeout=0))

    def teardown(self) -> None:
        self.sides.close()

    def content(self, size: int, ahead: int = 0) -> bytes:
        """Give the frame that comes next, or `ahead` frames later, cut to the ring."""
        return pattern.frame(min(size, self.payload - 16), len(self.sizes) + 1 + ahead)

    def full(self) -> None:
        """Accept a refusal only where something is in the ring."""
        assert self.held or len(self.sizes) > self.read_frames, "an empty ring is full"

    @precondition(lambda self: self.slot is None)
    @rule(size=SIZES)
    def write(self, size: int) -> None:
        content = self.content(size)
        try:
            self.writer.write(content)
        except BufferFull:
            self.full()
        else:
            self.sizes.append(len(content))

    @precondition(lambda self: self.slot is None)
    @rule(sizes=st.lists(SIZES, min_size=1, max_size=6))
    def write_batch(self, sizes: list[int]) -> None:
        contents = [self.content(size, i) for i, size in enumerate(sizes)]
        published = len(contents)
        try:
            self.writer.write_batch(contents)
        except BufferFull as error:
            published = error.published
        self.sizes += [len(content) for content in contents[:published]]
        if published < len(contents):
            self.full()

    @precondition(lambda self: self.slot is None)
    @rule(size=SIZES)
    def acquire(self, size: int) -> None:
        content = self.content(size)
        try:
            self.slot = self.writer.acquire(len(content))
        except BufferFull:
            self.full()
        else:
            self.slot.data[:] = content

    @precondition(lambda self: self.slot is not None)
    @rule(commit=st.booleans())
    def end_slot(self, commit: bool) -> None:
        assert self.slot is not None
        if commit:
            self.sizes.append(len(self.slot.data))
            self.slot.commit()
        else:
            self.slot.abandon()
        self.slot = None

    @rule(limit=st.integers(1, 5))
    def read(self, limit: int) -> None:
        waiting = len(self.sizes) - self.read_frames
        try:
            frames = self.reader.read_batch(limit)
        except ReadTimeout:
            assert waiting == 0
            return
        assert len(frames) == min(limit, waiting)
        for frame in frames:
            assert frame.size == self.sizes[self.read_frames]
            self.read_frames += 1
            assert frame.sequence == self.read_frames
        self.held += frames

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        frame = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        frame.release()
        frame.release()

    @invariant()
    def held_frames_keep_their_bytes(self) -> None:
        for frame in self.held:
            assert pattern.wrong_byte_of_frame(frame.data, frame.sequence) is None

    @invariant()
    def the_counters_add_up(self) -> None:
        state = inspect(self.name)
        assert state.payload_free_bytes <= self.payload
        assert state.payload_write_pos <= self.payload
        assert state.payload_read_pos < self.payload
        waiting = len(self.sizes) - self.read_frames
        # A batch may have taken tokens for frames that it left to the next.
        assert state.sem_w.value <= waiting
        tail = self.payload - state.payload_write_pos
        if 0 < tail < 16:
            assert self.sizes[-1] == self.payload - tail - 16, "a tail is left"
        if waiting == 0 and not self.held:
            assert state.payload_free_bytes == self.payload
            assert state.payload_read_count == state.payload_written_count
        assert state.sem_r.value <= 1


TestModel = RingMachine.TestCase
TestModel.settings = settings(
    max_examples=60, stateful_step_count=60, deadline=None, derandomize=True, database=None
)
