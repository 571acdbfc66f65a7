"""Where the reader is, and what the next frame must be (ring protocol, Reading a frame)."""

from __future__ import annotations

import time
from typing import NamedTuple

from .counted import end_of_counted, most_pending
from .errors import Corrupt, SequenceGap
from .frame import HeldSpans
from .segment import (
    FIELDS,
    HEADER_SIZE,
    PAYLOAD_FREE,
    READ_COUNT,
    READ_POS,
    READER_PID,
    WRITE_POS,
    WRITER_PID,
    WRITTEN_COUNT,
    Segment,
)
from .waiting import PAUSE, SUSPICION, now

_MODULO = 1 << 64


class Place(NamedTuple):
    """Where the next frame is sought."""

    position: int
    #: how many counts the writer is ahead: frames and wrap markers
    pending: int
    #: the position is 0, which is not where the frame before ended
    moved: bool


class Located(NamedTuple):
    """The next frame, checked."""

    start: int
    size: int
    sequence: int
    #: the tail before a wrap, in bytes
    wasted: int
    #: how many counts the frame takes: 2 with a wrap marker
    counts: int
    #: the frame follows a wrap without a marker
    unmarked: bool

    @property
    def length(self) -> int:
        """How many bytes of the ring the frame takes, its wrap included."""
        return self.wasted + HEADER_SIZE + self.size


class Cursor:
    """The reader's position, counts and expectations.

    Attributes:
        position: What read_pos must be, unless the writer rewinds.
        count: What read_count must be.
        expected: The next sequence number.
        stream: The pid of the writer whose frames are read.
        departed: That writer closed.
        unmarked: How many wraps without a marker the writer may have counted.
    """

    def __init__(self, segment: Segment, held: HeldSpans, pid: int) -> None:
        self._segment = segment
        self._held = held
        self._load = segment.words.load
        self._pid = pid
        self.position = 0
        self.count = 0
        self.expected = 1
        self.stream = 0
        self.departed = False
        self.unmarked = 0

    def pending(self) -> int:
        """Give how many counts the writer is ahead: frames and wrap markers."""
        return (self._load(WRITTEN_COUNT) - self.count) % _MODULO

    def seek(self) -> Place:
        """Load the place of the next frame and check what only the reader writes.

        Raises:
            Corrupt: It was changed, or the counts cannot be true.
        """
        load, name = self._load, self._segment.name
        if load(READER_PID) != self._pid:
            raise Corrupt(name, FIELDS[READER_PID], load(READER_PID), self._pid)
        if load(READ_COUNT) != self.count:
            raise Corrupt(name, FIELDS[READ_COUNT], load(READ_COUNT), self.count)
        pending = self.pending()
        most = most_pending(self._segment.payload) + self.unmarked
        if pending > most:
            field = FIELDS[WRITTEN_COUNT]
            raise Corrupt(name, field, (self.count + pending) % _MODULO, self.count + most)
        position = self._segment.bounded(READ_POS, self._segment.payload)
        if position not in (self.position, 0):
            raise Corrupt(name, FIELDS[READ_POS], position, self.position)
        return Place(position, pending, position != self.position)

    def locate(self, place: Place) -> Located:
        """Find and check the frame at a place, and change nothing.

        Raises:
            Corrupt: There is no frame.
            SequenceGap: It is not the next one.
        """
        segment = self._segment
        payload = segment.payload
        start, wasted, counts, unmarked = place.position, 0, 1, False
        tail = payload - start
        if tail < HEADER_SIZE:
            start, wasted, unmarked = 0, tail, True
        size, sequence = segment.header(start)
        if size == 0 and sequence == 0 and start > 0 and place.pending >= 2:
            start, wasted, counts = 0, tail, 2
            size, sequence = segment.header(0)
        fits = 0 < size <= self._largest(start, wasted)
        if fits and (sequence == self.expected or self._restarted(size, sequence, place)):
            return Located(start, size, sequence, wasted, counts, unmarked)
        raise self._explained(start, wasted, size, sequence, place)

    def _largest(self, start: int, wasted: int) -> int:
        """Give how many bytes a frame may have.

        It ends with the ring, and was not written over frames that are held.
        """
        payload = self._segment.payload
        room = payload - self._held.bytes - wasted
        return max(min(payload - start, room) - HEADER_SIZE, 0)

    def _restarted(self, size: int, sequence: int, place: Place) -> bool:
        """Say whether the frame is the first of another writer (P5).

        A writer that reconnects under the same pid shows in nothing but its sequence numbers,
        which are believed where the next frame was expected, and at 0 where the writer rewound to.
        """
        return sequence == 1 and (
            not place.moved
            or self.departed
            or self._load(WRITER_PID) != self.stream
            or self._rewound(size)
        )

    def _rewound(self, size: int) -> bool:
        """Say whether nothing was unread when the position went back to the frame at 0.

        All that is counted then lies between 0 and write_pos. A writer that publishes meanwhile
        updates the two one after the other.
        """
        segment, start = self._segment, now()
        while True:
            target, others = self._load(WRITE_POS), (self.pending() - 1) % _MODULO
            end = end_of_counted(segment, HEADER_SIZE + size, target, others)
            if end is not None and end % segment.payload == target % segment.payload:
                return True
            if now() - start > SUSPICION:
                return False
            time.sleep(PAUSE)

    def _explained(
        self, start: int, wasted: int, size: int, sequence: int, place: Place
    ) -> Corrupt | SequenceGap:
        """Say why what was found cannot be the next frame."""
        name = self._segment.name
        limit = self._largest(start, wasted)
        fits = 0 < size <= limit
        if place.moved and fits:
            # The header is as good as any where no frame begins.
            return Corrupt(name, FIELDS[READ_POS], place.position, self.position)
        if not fits:
            return Corrupt(name, "frame_size", size, limit)
        return SequenceGap(name, self.expected, sequence)

    def pass_by(self, at: Located, place: Place) -> Place:
        """Go behind a frame, and give that place; the end of the ring is its beginning."""
        end = at.start + HEADER_SIZE + at.size
        if end == self._segment.payload:
            end = 0
            self.unmarked += 1
        elif at.unmarked:
            self.unmarked += 1
        self.count += at.counts
        self.position = end
        self.expected = at.sequence + 1
        if at.sequence == 1:
            self.stream, self.departed = self._load(WRITER_PID), False
        return Place(end, place.pending - at.counts, False)

    def more(self, place: Place) -> bool:
        """Say whether another frame follows those of a batch, which are held."""
        if place.pending <= 0 or self.unmarked == 0:
            return place.pending > 0
        payload = self._segment.payload
        # What is held keeps write_pos from passing the place.
        return place.position % payload != self._load(WRITE_POS) % payload

    def show(self) -> None:
        """Show the writer where the reader is."""
        store = self._segment.words.store
        store(READ_POS, self.position)
        store(READ_COUNT, self.count)

    def recount(self, held: int) -> None:
        """Believe written_count once the ring holds nothing but `held` bytes.

        Peers count a wrap without a marker, and a reader cannot see whether they did.
        """
        segment = self._segment
        written = self._load(WRITTEN_COUNT)
        if segment.bytes_pending() or self._load(PAYLOAD_FREE) != segment.payload - held:
            return
        if (written - self.count) % _MODULO <= self.unmarked:
            self.count, self.unmarked = written, 0
            segment.words.store(READ_COUNT, written)
