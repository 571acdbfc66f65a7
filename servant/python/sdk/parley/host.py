"""A servant as a process."""

from __future__ import annotations

import atexit
import faulthandler
import io
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from parley import logs
from parley.channel import claim_standard_streams
from parley.definitions import DefinitionError
from parley.registry import Registry
from parley.server import Server
from parley.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parley.channel import Channel
    from parley.failures import FailureNames

_USAGE = "a servant takes no words but --list, which prints its step definitions"

# What the exit functions of user code may take, in seconds.
_EXIT_FUNCTIONS_GRACE = 2.0


def serve(
    *modules: str, failure_names: FailureNames | None = None, words: Sequence[str] | None = None
) -> NoReturn:
    """Runs this process as a servant and exits it (servant contract, Life of a servant).

    Standard input and output become the protocol's before a module is imported: from then on
    descriptor 1 leads to standard error and descriptor 0 to /dev/null. The exit status is 0 after
    shutdown and at the end of input, 143 after SIGTERM, 130 after SIGINT, 2 for unknown words, and
    1 for a wrong step definition or when the connection or the clean-up failed; standard error
    then says why.

    Args:
        modules: Names of the modules that hold step definitions, or of packages, all modules of
            which are imported.
        failure_names: Gives exceptions of some classes a kind of failure, ``failure.type``.
        words: The command line; `sys.argv` without its first word by default. ``--list`` prints the
            definitions, each with its place, instead of serving them.
    """
    words = sys.argv[1:] if words is None else words
    if words not in ([], ["--list"]):
        _complain(f"unexpected {words[0]!r}: {_USAGE}")
        sys.exit(2)
    try:
        if words:
            _list(Registry.of_modules(modules))
            sys.exit(0)
        channel = claim_standard_streams()
        _adapt_streams()
        registry = Registry.of_modules(modules)
    except DefinitionError as error:
        _complain(str(error))
        sys.exit(1)
    _exit(_serve(registry, channel, failure_names or {}))


def _serve(registry: Registry, channel: Channel, failure_names: FailureNames) -> int:
    session = Session(registry, str(os.getpid()), failure_names)
    server = Server(
        registry,
        session,
        channel,
        platform=os.environ.get("PARLEY_PLATFORM") or "python",
        # A coordinator of contract 1.0 sets its own variables and none of 1.1.
        bare_health="HARMONY_HOST_PID" in os.environ and "PARLEY_ROLE" not in os.environ,
    )
    logs.listen(lambda: session.running)
    for number in (signal.SIGTERM, signal.SIGINT):
        # The byte on the descriptor is what counts; without a handler there is none.
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(server.wake_fd, warn_on_full_buffer=False)
    return server.run()


def _adapt_streams() -> None:
    faulthandler.enable()
    # A print belongs to the step that runs, not to the one during which a buffer is full.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")


def _list(registry: Registry) -> None:
    for definition in registry.definitions:
        definition.matcher()
        summary = f"  {definition.summary}" if definition.summary else ""
        sys.stdout.write(
            f"{definition.kind:5} {definition.pattern}\n      {definition.source}{summary}\n"
        )


def _exit(status: int) -> NoReturn:
    """Exits without waiting for threads that steps may hold for ever."""
    functions = threading.Thread(target=atexit._run_exitfuncs, daemon=True)
    functions.start()
    functions.join(_EXIT_FUNCTIONS_GRACE)
    # Whoever read them may be gone.
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def _complain(message: str) -> None:
    sys.stderr.write(f"servant: {message}\n")
