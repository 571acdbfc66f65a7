"""What a step says (servant contract, Result of executeStep: ``logs``, ``attachments``)."""

from __future__ import annotations

import binascii
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Notifier = Callable[[str, dict[str, object]], None]

# Size of all attachments of one step, in bytes. A result, in which they travel as base64, so stays
# below the limit of a frame.
MAX_ATTACHED = 32 << 20

# A result carries the last lines of a step's log; live notifications carry all of them.
MAX_LINES = 10_000
MAX_LOG = 4 << 20  # characters

TRACE, DEBUG, INFORMATION, WARNING, ERROR, CRITICAL = range(6)


class Recorder:
    """Collects log lines and attachments of one step, and tells the coordinator at once."""

    def __init__(self, step_id: str, notify: Notifier | None) -> None:
        """Begins empty.

        Args:
            step_id: Names the step in notifications.
            notify: Sends a notification; None when the coordinator takes none.
        """
        self._step_id = step_id
        self._notify = notify
        self._lock = threading.Lock()
        self._logs: deque[dict[str, object]] = deque()
        self._log_size = 0
        self._dropped = 0
        self._attachments: list[dict[str, object]] = []
        self._attached = 0

    def log(self, level: int, message: str) -> None:
        """Adds a line; levels are those of the contract, 0 to 5."""
        if len(message) > MAX_LOG:
            message = message[:MAX_LOG] + "… (cut)"
        entry: dict[str, object] = {"timestamp": _now(), "level": level, "message": message}
        with self._lock:
            self._logs.append(entry)
            self._log_size += len(message)
            while len(self._logs) > 1 and (len(self._logs) > MAX_LINES or self._log_size > MAX_LOG):
                self._log_size -= len(str(self._logs.popleft()["message"]))
                self._dropped += 1
        if self._notify is not None:
            self._notify("log", {**entry, "stepId": self._step_id})

    def progress(self, done: float, total: float, unit: str) -> None:
        """Tells how far the step has come."""
        # Without an id the coordinator could not tell whose progress it is.
        if self._notify is not None and self._step_id:
            self._notify(
                "progress", {"stepId": self._step_id, "done": done, "total": total, "unit": unit}
            )

    def attach(self, name: str, media_type: str, body: bytes) -> None:
        """Adds an attachment.

        Raises:
            ValueError: All attachments of the step together are above `MAX_ATTACHED` bytes.
        """
        encoded = binascii.b2a_base64(body, newline=False).decode("ascii")
        with self._lock:
            if self._attached + len(body) > MAX_ATTACHED:
                raise ValueError(
                    f"attachment {name!r}: {len(body)} bytes, and {self._attached} attached "
                    f"before, exceed the limit of {MAX_ATTACHED} bytes for one step"
                )
            self._attached += len(body)
            self._attachments.append({"name": name, "mediaType": media_type, "body": encoded})

    def logs(self) -> list[dict[str, object]]:
        """The last lines, preceded by one that counts those left out."""
        with self._lock:
            if not self._dropped:
                return list(self._logs)
            lines = "line" if self._dropped == 1 else "lines"
            left_out = f"{self._dropped} {lines} before this one left out"
            first = {"timestamp": self._logs[0]["timestamp"], "level": WARNING, "message": left_out}
            return [first, *self._logs]

    def attachments(self) -> list[dict[str, object]]:
        """All attachments, in order."""
        with self._lock:
            return list(self._attachments)


def _now() -> str:
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{nanoseconds // 1000:06d}Z"
