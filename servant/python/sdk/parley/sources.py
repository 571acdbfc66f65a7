"""Names source files as people would type them (servant contract, discover: ``source``)."""

from __future__ import annotations

import os
from functools import lru_cache


def relative(file: str) -> str:
    """Shortens a path to one relative to the project's root, which is the folder with ``.git``.

    Without such a folder it is relative to the working folder; a file in neither keeps its path.
    """
    # os.path, not pathlib: that import is a tenth of a servant's start.
    file = os.path.abspath(file)
    root = _root(os.path.dirname(file)).rstrip("/") + "/"
    return file.removeprefix(root)


@lru_cache(maxsize=256)
def _root(folder: str) -> str:
    at = folder
    while at != "/":
        if os.path.exists(at + "/.git"):
            return at
        at = os.path.dirname(at)
    return os.getcwd()
