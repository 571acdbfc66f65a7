"""The protocol's two descriptors (servant contract, Framing)."""

from __future__ import annotations

import os
import threading

from parley.frames import frame

_CHUNK = 64 << 10


class Channel:
    """Where requests come from and answers go. Sending is safe for several threads."""

    def __init__(self, input_fd: int, output_fd: int) -> None:
        """Takes two descriptors over."""
        self.input_fd = input_fd
        self._output_fd = output_fd
        self._lock = threading.Lock()

    def read(self) -> bytes:
        """Waits for bytes; none at the end of the input."""
        try:
            return os.read(self.input_fd, _CHUNK)
        except ConnectionError:
            return b""

    def send(self, body: bytes) -> None:
        """Sends a message whole; drops it if nobody reads any more, as the input ends then too."""
        data = memoryview(frame(body))
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._output_fd, data) :]
            except (BrokenPipeError, ConnectionError):
                return

    def close(self) -> None:
        """Closes both descriptors."""
        os.close(self.input_fd)
        os.close(self._output_fd)


def claim_standard_streams() -> Channel:
    """Moves the protocol to private descriptors that children do not inherit.

    From here on descriptor 1 leads to standard error and descriptor 0 to /dev/null, for this
    process and its children: neither a print nor a read of user code can touch the protocol.
    """
    null = os.open(os.devnull, os.O_RDONLY)
    channel = Channel(_claim(0, null), _claim(1, 2))
    os.close(null)
    # A fork without exec has them all the same, and would hide our end from the coordinator.
    os.register_at_fork(after_in_child=channel.close)
    return channel


def _claim(descriptor: int, replacement: int) -> int:
    private = os.dup(descriptor)
    os.dup2(replacement, descriptor, inheritable=True)
    return private
