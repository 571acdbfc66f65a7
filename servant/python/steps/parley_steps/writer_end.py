"""A buffer that this process is connected to, and the frame that it has acquired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley_ring import RingWriter, Slot, pattern

if TYPE_CHECKING:
    import threading


class WriterEnd:
    """The writer's end of a buffer, for steps.

    Attributes:
        writer: The writer.
        written: The frames written since it connected: the next one has this number plus 1. Counted
            here, not asked of the ring, whose own count the reader checks against it.
    """

    def __init__(self, writer: RingWriter) -> None:
        """Takes a writer over."""
        self.writer = writer
        self.written = 0
        self._slot: Slot | None = None

    def write(self, size: int, cancelled: threading.Event, timeout: float | None = None) -> None:
        """Writes the next frame.

        Args:
            size: Its size in bytes.
            cancelled: Ends the wait.
            timeout: How long to wait in seconds; the writer's own timeout by default.

        Raises:
            RingError: The ring refused it.
        """
        self.write_content(pattern.frame(size, self.written + 1), cancelled, timeout)

    def write_content(
        self, content: bytes, cancelled: threading.Event, timeout: float | None = None
    ) -> None:
        """Writes a frame of other content than the test pattern; as `write`."""
        self.writer.write(content, timeout=timeout, cancel=cancelled)
        self.written += 1

    def acquire(self, size: int, cancelled: threading.Event) -> memoryview:
        """Acquires the next frame, of size bytes, and gives its place in shared memory."""
        self._slot = self.writer.acquire(size, cancel=cancelled)
        return self._slot.data

    def fill(self) -> None:
        """Fills the acquired frame in the shared memory itself."""
        pattern.fill_frame(self._acquired().data, self.written + 1)

    def commit(self) -> None:
        """Commits the acquired frame."""
        slot, self._slot = self._acquired(), None
        slot.commit()
        self.written += 1

    def abandon(self) -> None:
        """Abandons the acquired frame."""
        slot, self._slot = self._acquired(), None
        slot.abandon()

    def close(self) -> None:
        """Abandons an acquired frame and closes the writer."""
        if self._slot is not None:
            self.abandon()
        self.writer.close()

    def _acquired(self) -> Slot:
        if self._slot is None:
            raise AssertionError(
                "this process has acquired no frame; a step that acquires one must come first"
            )
        return self._slot
