"""What a reader does with each frame that it has read, drawn from a seed."""

from __future__ import annotations

from collections import deque

from parley_ring import pattern


class Holds:
    """Draws how long a reader holds which frames, and how long it pauses; alike in every language.

    With x the next output of splitmix64: frames that were read `most` frames ago or earlier are
    released first, the oldest first, because space returns to the writer in order only, and what
    is held must not fill the ring. Then x mod (most + 1) frames may stay; the others are released,
    the oldest first if bit 8 of x is 0, the newest first otherwise. The pause is (x >> 16) mod
    (max_pause + 1) microseconds.
    """

    def __init__(self, seed: int, most: int, max_pause: int) -> None:
        """Begins with no frame.

        Args:
            seed: Where splitmix64 starts.
            most: How many frames are held at most while another one is read.
            max_pause: The longest pause, in microseconds.
        """
        self._random = pattern.splitmix64(seed)
        self._most = most
        self._pauses = max_pause + 1
        self._held: deque[int] = deque()

    def next(self, sequence: int) -> tuple[list[int], int]:
        """Is told that the frame with that number was read.

        Returns:
            The frames to release, in this order, and the pause after it in microseconds.
        """
        x = next(self._random)
        held = self._held
        held.append(sequence)
        release = []
        while held and held[0] + self._most <= sequence:
            release.append(held.popleft())
        while len(held) > x % (self._most + 1):
            release.append(held.pop() if x >> 8 & 1 else held.popleft())
        return release, (x >> 16) % self._pauses

    def rest(self) -> list[int]:
        """The frames that are still held, the oldest first; none is after."""
        rest = list(self._held)
        self._held.clear()
        return rest
