"""What the machine must offer for a scenario."""

from __future__ import annotations

import os
import sys

from parley import Scenario, Skip, step
from ring_looks.views import paths


@step("this machine runs '([^']+)'")
def runs(scenario: Scenario, system: str) -> None:
    if system != sys.platform:
        raise Skip(f"needs {system}, this machine runs {sys.platform}")


@step("shared memory has a limit")
def has_a_limit(scenario: Scenario) -> None:
    folder = paths(scenario, "x")["segment"].parent
    if not os.statvfs(folder).f_blocks:
        raise Skip(f"needs shared memory with a limit, {folder} has none here")
