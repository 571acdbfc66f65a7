"""Waiting for a frame (ring protocol, Reading a frame)."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from .cursor import Cursor
from .errors import Closed, Corrupt, ReadTimeout, SequenceGap
from .presence import WriterPresence
from .segment import FIELDS, PAYLOAD_FREE, READ_POS, WRITE_POS, WRITTEN_COUNT
from .waiting import PAUSE, SLICE, SUSPICION, Spinner, check_cancelled, now

if TYPE_CHECKING:
    from .creation import Creation
    from .frame import HeldSpans

_VALUE: Final = (1 << 32) - 1


class Intake:
    """The frames that come in: their tokens, and what to make of a writer that was killed.

    A writer that is killed while it publishes leaves some of its stores undone. A frame without
    its token is read without one; space that was taken for a frame which was never counted is
    returned (ring protocol, Writing a frame).

    Attributes:
        tokens: How many were taken whose frames are not read yet.
        closed: The reader is closed: a wait ends.
    """

    def __init__(self, own: Creation, cursor: Cursor, held: HeldSpans, spin: float) -> None:
        self._segment = own.segment
        self._sem_w = own.sem_w
        self._sem_r = own.sem_r
        self._cursor = cursor
        self._held = held
        self._spinner = Spinner(spin)
        self._suspected = 0.0
        self.settling = threading.Lock()
        self.presence = WriterPresence(own.segment, cursor)
        self.tokens = 0
        self.closed = False

    def wait(self, most: int, timeout: float, cancel: threading.Event | None) -> None:
        """Wait until at least one token is there whose frame is, and take up to `most`.

        Tokens without a frame, such as the one a closing writer posts, are dropped on the way.

        Raises:
            Closed: The reader is closed.
            Cancelled: `cancel` is set.
            ReadTimeout: No frame came within `timeout` seconds.
            WriterDead: The writer's process ended, and every frame is read.
            WriterGone: The writer closed, and every frame is read.
            Corrupt: The counters contradict each other.
        """
        self._go_on(cancel)
        if self.tokens and self._empty():
            self.tokens, self.presence.joined = 0, True
        if self.tokens or self._arrived(most):
            return
        start = now()
        if timeout > 0 and self._spinner.until(start, lambda: self.closed or self._arrived(most)):
            self._spinner.woke()
            self._go_on(None)
            return
        with self._sem_w:
            while not self._settled(most, start, cancel):
                left = timeout - (now() - start)
                if left <= 0:
                    raise ReadTimeout(self._segment.name, timeout)
                self._sem_w.sleep(min(left, SLICE))

    def _go_on(self, cancel: threading.Event | None) -> None:
        if self.closed:
            raise Closed(self._segment.name)
        check_cancelled(cancel, self._segment.name, "read")

    def _settled(self, most: int, start: float, cancel: threading.Event | None) -> bool:
        """Look at everything that may end a wait that sleeps."""
        self._go_on(cancel)
        # The writer's state comes first: it posts before it goes.
        absence = self.presence.absence()
        if self._arrived(most):
            self._spinner.slept(start)
            return True
        if (absence or now() - start > SLICE) and self._whole():
            self.tokens = 1
            return True
        if self.presence.unclaimed:
            self._reclaim()
        if absence:
            raise absence
        self._check_counters()
        return False

    def _empty(self) -> bool:
        """Say whether every frame that is counted was read."""
        cursor = self._cursor
        if cursor.unmarked and not self._segment.bytes_pending():
            with self.settling:
                cursor.recount(self._held.bytes)
        return cursor.pending() == 0

    def _arrived(self, most: int) -> bool:
        """Take up to `most` tokens that have frames."""
        seen = self._sem_w.load()
        if seen & _VALUE == 0:
            return False
        if self._empty():
            # A token posted since was not seen and stays. While bytes are pending the counters
            # lag or lie, and the tokens are kept.
            if not self._segment.bytes_pending() and self._sem_w.drop(seen):
                self.presence.joined = True
            return False
        self.tokens = self._sem_w.take(most)
        return self.tokens > 0

    def _whole(self) -> bool:
        """Say whether the next frame is there, whatever the tokens say."""
        with self.settling:
            try:
                place = self._cursor.seek()
                if place.pending == 0:
                    return False
                at = self._cursor.locate(place)
            except (Corrupt, SequenceGap):
                return False
            free = self._segment.words.load(PAYLOAD_FREE)
            return free + self._held.bytes + at.length <= self._segment.payload

    def _reclaim(self) -> None:
        """Return the space that a dead writer took for a frame it never counted.

        While a writer lives, it may be publishing, and shows it by a write_pos that is ahead,
        unless the frame takes the whole ring.
        """
        words, presence = self._segment.words, self.presence
        with self.settling:
            free, whole = words.load(PAYLOAD_FREE), self._segment.payload - self._held.bytes
            if self._cursor.pending() or words.load(WRITE_POS) != words.load(READ_POS):
                return
            if free == whole:
                presence.unclaimed = False
                return
            # A writer that connects after the look at the free bytes changes them before it
            # counts, and the exchange fails.
            claimable = free > 0 or presence.absence() is not None
            if not claimable or free > whole or self._cursor.pending():
                return
            if words.exchange(PAYLOAD_FREE, free, whole):
                presence.unclaimed = False
                self._sem_r.nudge()

    def _check_counters(self) -> None:
        """Check that written_count does not deny a frame whose token and bytes are there.

        Raises:
            Corrupt: It has done so for too long.
        """
        segment = self._segment
        if self._sem_w.value == 0 or self._cursor.pending() or not segment.bytes_pending():
            self._suspected = 0.0
            return
        self._suspected = self._suspected or now()
        if now() - self._suspected > SUSPICION:
            segment.bounded(WRITE_POS, segment.payload)
            segment.bounded(READ_POS, segment.payload)
            written = segment.words.load(WRITTEN_COUNT)
            raise Corrupt(segment.name, FIELDS[WRITTEN_COUNT], written, self._cursor.count + 1)
        time.sleep(PAUSE)
