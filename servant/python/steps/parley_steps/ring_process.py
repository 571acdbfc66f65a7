"""What this process has open in one scenario."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from parley_ring import DEFAULT_TIMEOUT, RingReader, RingWriter
from parley_steps.reader_end import ReaderEnd
from parley_steps.writer_end import WriterEnd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parley import Scenario
    from parley_steps.client_end import ClientEnd
    from parley_steps.server_end import ServerEnd


class RingProcess:
    """The ends of buffers that steps act on; the scenario's end closes all, the last one first.

    Attributes:
        won: The buffers that this process created in a race.
        many: The buffers of a series that this process has open.
        channel: The end of a duplex channel that this process has open.
        rates: What this process has measured, in frames a second.
    """

    def __init__(self) -> None:
        """Has nothing open."""
        self.won: list[ReaderEnd] = []
        self.many: list[ReaderEnd] = []
        self.channel: ServerEnd | ClientEnd | None = None
        self.rates: list[float] = []
        self._patience = DEFAULT_TIMEOUT
        self._open: list[ReaderEnd | WriterEnd] = []

    @property
    def reader(self) -> ReaderEnd:
        """The reader that steps act on: the one created last."""
        for end in reversed(self._open):
            if isinstance(end, ReaderEnd):
                return end
        raise AssertionError(
            "this process has created no buffer, or has closed it; "
            "a step that creates one must come first"
        )

    @property
    def writer(self) -> WriterEnd:
        """The writer that steps act on: the one connected last."""
        for end in reversed(self._open):
            if isinstance(end, WriterEnd):
                return end
        raise AssertionError(
            "this process is connected to no buffer; a step that connects must come first"
        )

    @property
    def patience(self) -> float:
        """How long calls wait for the other side, in seconds; set, it concerns what is open too."""
        return self._patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self._patience = seconds
        for end in self._open:
            side = end.reader if isinstance(end, ReaderEnd) else end.writer
            side.timeout = seconds
        if self.channel is not None:
            self.channel.set_timeout(seconds)

    def create(self, scenario: Scenario, name: str, metadata: int, payload: int) -> ReaderEnd:
        """Creates a buffer by its plain name, without making it the one that steps act on.

        Raises:
            RingError: The ring refused it.
        """
        reader = RingReader.create(
            scenario.resource(name),
            metadata_size=metadata,
            payload_size=payload,
            timeout=self._patience,
        )
        return scenario.track(ReaderEnd(reader))

    def connect(self, scenario: Scenario, name: str) -> WriterEnd:
        """Connects to a buffer by its plain name, without making it the one that steps act on.

        Raises:
            RingError: The ring refused it.
        """
        writer = RingWriter.connect(scenario.resource(name), timeout=self._patience)
        return scenario.track(WriterEnd(writer))

    @contextmanager
    def passing(self, scenario: Scenario, name: str, metadata: int, payload: int) -> Iterator[None]:
        """Creates a buffer by its plain name, and closes it at the end of the block."""
        # Not tracked: what comes and goes many times must leave nothing, not even its names.
        with RingReader.create(
            scenario.resource(name),
            metadata_size=metadata,
            payload_size=payload,
            timeout=self._patience,
        ):
            yield

    def try_connecting(self, scenario: Scenario, name: str) -> None:
        """Connects to a buffer by its plain name and closes it again.

        Raises:
            RingError: The ring refused it.
        """
        RingWriter.connect(scenario.resource(name), timeout=self._patience).close()

    def use(self, end: ReaderEnd | WriterEnd) -> None:
        """Has steps act on an end."""
        self._open.append(end)

    def describe_open(self) -> list[str]:
        """Names what is open, in words."""
        ends = {
            "a buffer that it created": any(isinstance(end, ReaderEnd) for end in self._open),
            "a buffer that it is connected to": any(
                isinstance(end, WriterEnd) for end in self._open
            ),
            "an end of a channel": self.channel is not None,
            "further buffers": bool(self.won or self.many),
        }
        return [what for what, is_open in ends.items() if is_open]

    def close_writer(self) -> None:
        """Closes the writer that steps act on, if there is one."""
        writers = [end for end in self._open if isinstance(end, WriterEnd)]
        if writers:
            self._open.remove(writers[-1])
            writers[-1].close()

    def close_last(self) -> None:
        """Closes the end that was created or connected last."""
        if not self._open:
            raise AssertionError(
                "this process has no buffer open; a step that creates or connects must come first"
            )
        self._open.pop().close()
