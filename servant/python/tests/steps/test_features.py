"""Performs the project's features in process, all roles in Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_bdd import scenarios

from parley.registry import Registry

FEATURES = Path(__file__).parents[4] / "features"


@pytest.fixture(scope="session")
def parley_definitions(ring_steps: Registry) -> Registry:
    return ring_steps


@pytest.fixture(scope="session")
def parley_looks() -> Registry:
    """What the coordinator's ring pack looks at."""
    return Registry.of_modules(["ring_looks"])


scenarios(str(FEATURES))
