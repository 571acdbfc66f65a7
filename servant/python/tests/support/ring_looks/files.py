"""The objects of a buffer: segment, semaphores and lock as files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from parley import Mismatch, Scenario, step
from parley_ring import LockState
from ring_looks.views import BUFFER, OBJECT, OBJECTS, expect, look, paths


class Obstacle:
    """A directory that takes the name of an object."""

    path: Path | None = None

    def taken(self) -> Path:
        assert self.path is not None, "there is no obstacle"
        return self.path

    def close(self) -> None:
        if self.path is not None:
            self.path.rmdir()
            self.path = None


@step(rf"{BUFFER} is gone")
def is_gone(scenario: Scenario, name: str) -> None:
    expect("files", [], there(scenario, name))


@step(rf"{BUFFER} still exists")
def still_exists(scenario: Scenario, name: str) -> None:
    missing = [path for path in list(paths(scenario, name).values())[:3] if not path.exists()]
    expect("missing files", [], missing)


@step("no buffer exists")
def no_buffer_exists(scenario: Scenario) -> None:
    folders = {path.parent for path in paths(scenario, "x").values()}
    prefix = scenario.resource("")
    found = [path for folder in folders if folder.exists() for path in folder.glob(f"*{prefix}*")]
    expect("files", [], found)


@step(rf"every object of {BUFFER} is at its place with mode '(0[0-7]{{3}})'")
def every_object(scenario: Scenario, name: str, mode: str) -> None:
    for what, path in paths(scenario, name).items():
        found = path.lstat().st_mode
        expect(f"mode of the {what}", stat.S_IFREG | int(mode, 8), found)


@step(rf"the {OBJECT} of {BUFFER} is removed")
def remove_object(scenario: Scenario, what: str, name: str) -> None:
    paths(scenario, name)[what].unlink()


@step(rf"the name of the {OBJECT} of {BUFFER} is taken by a directory")
def take_name(scenario: Scenario, what: str, name: str) -> None:
    obstacle = scenario.state(Obstacle)
    assert obstacle.path is None, "there is an obstacle already"
    path = paths(scenario, name)[what]
    if not path.parent.exists():
        path.parent.mkdir()
        path.parent.chmod(0o1777)
    path.mkdir(0o700)
    obstacle.path = path


@step(rf"nothing but the obstacle is left of {BUFFER}")
def only_the_obstacle(scenario: Scenario, name: str) -> None:
    path = scenario.state(Obstacle).taken()
    expect("files", [path], there(scenario, name))
    assert path.is_dir(), f"{path} is no directory any more"


@step("the obstacle is removed")
def remove_obstacle(scenario: Scenario) -> None:
    obstacle = scenario.state(Obstacle)
    obstacle.taken()
    obstacle.close()


@step(rf"the lock of {BUFFER} is held")
def lock_is_held(scenario: Scenario, name: str) -> None:
    expect("lock", LockState(exists=True, held=True), look(scenario, name).lock)


@step(rf"the lock of {BUFFER} is there and not held")
def lock_is_there(scenario: Scenario, name: str) -> None:
    expect("lock", LockState(exists=True, held=False), look(scenario, name).lock)


@step(rf"the semaphores of {BUFFER} are those of glibc")
def semaphores_of_glibc(scenario: Scenario, name: str) -> None:
    for what in OBJECTS[1:3]:
        block = paths(scenario, name)[what].read_bytes()
        expect(f"bytes of the {what}", 32, len(block))
        value, private = (int.from_bytes(block[at : at + 4], "little") for at in (0, 8))
        if value >= 1 << 31:
            raise Mismatch(f"value of the {what}", expected="below 2^31", actual=value)
        expect(f"private of the {what}", 128, private)
        expect(f"unused bytes of the {what}", bytes(20), block[12:])


def there(scenario: Scenario, name: str) -> list[Path]:
    return [path for path in paths(scenario, name).values() if os.path.lexists(path)]
