"""The four objects of a buffer (ring protocol, Objects of a buffer, Create)."""

from __future__ import annotations

import errno
import fcntl
import gc
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from ring_helpers import Call, Child, exchange, leftovers

from parley_ring import (
    InUse,
    NoReader,
    NotFound,
    RingError,
    RingReader,
    RingWriter,
    System,
    WriterExists,
    inspect,
    objects,
)
from parley_ring import files as ring_files
from parley_ring.files import Draft

WHICH = range(4)
MakeChild = Callable[[], Child]


def test_the_objects_are_as_the_protocol_says(name: str) -> None:
    before = os.umask(0o777)
    try:
        reader = RingReader.create(name, metadata_size=100, payload_size=1000)
    finally:
        os.umask(before)
    assert objects(name) == (
        f"/dev/shm/{name}",
        f"/dev/shm/sem.sem-w-{name}",
        f"/dev/shm/sem.sem-r-{name}",
        f"/tmp/zerobuffer/{name}.lock",
    )
    for path, size in zip(objects(name), (128 + 128 + 1024, 32, 32, 0), strict=True):
        status = os.lstat(path)
        assert (stat.S_IMODE(status.st_mode), status.st_size) == (0o600, size), path
    assert os.stat(objects(name).segment).st_blocks * 512 >= 128 + 128 + 1024
    state = inspect(name)
    assert state.lock.exists
    assert state.lock.held
    with open(objects(name).lock, "r+b") as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    reader.close()
    reader.close()
    assert not leftovers(name)


@pytest.mark.parametrize("which", WHICH)
def test_an_obstacle_that_cannot_be_removed(name: str, which: int) -> None:
    RingReader.create(name, payload_size=64).close()
    path = Path(objects(name)[which])
    path.mkdir()
    with pytest.raises(System, match=str(path)):
        RingReader.create(name, metadata_size=64, payload_size=64)
    assert leftovers(name) == [str(path)]
    path.rmdir()
    RingReader.create(name, payload_size=64).close()


@pytest.mark.parametrize("which", WHICH)
def test_a_stray_object_is_replaced(name: str, which: int) -> None:
    RingReader.create(name, payload_size=64).close()
    Path(objects(name)[which]).write_bytes(b"stray")
    with RingReader.create(name, payload_size=64) as reader, RingWriter.connect(name) as writer:
        exchange(reader, writer, 10, 1)


def test_full_shared_memory_is_an_error(name: str) -> None:
    space = os.statvfs("/dev/shm")
    total = space.f_blocks * space.f_frsize
    if not 0 < total < 1 << 50:
        pytest.skip("/dev/shm has no limit")
    with pytest.raises(System, match="free space") as caught:
        RingReader.create(name, payload_size=total)
    assert caught.value.details == {"call": "fallocate", "errno": errno.ENOSPC}
    assert not leftovers(name)
    RingReader.create(name, payload_size=64).close()


@pytest.mark.parametrize(
    ("metadata", "payload"),
    [(-1, 64), (0, 0), (0, -1), (1 << 62, 1 << 62), (0, 2**63 - 1), (2**63 - 1, 64)],
)
def test_sizes_are_checked(name: str, metadata: int, payload: int) -> None:
    with pytest.raises(System):
        RingReader.create(name, metadata_size=metadata, payload_size=payload)
    assert not leftovers(name)


def test_a_draft_with_a_temporary_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file system has no files without a name."""
    monkeypatch.setattr(os, "O_TMPFILE", os.O_DIRECTORY)
    path = tmp_path / "published"
    draft = Draft("n", str(tmp_path), str(path))
    assert len(list(tmp_path.glob(".ring-*"))) == 1
    draft.publish()
    assert not list(tmp_path.glob(".ring-*"))
    assert draft.identity.at(str(path))
    other = Draft("n", str(tmp_path), str(path))
    with pytest.raises(System) as caught:
        other.publish()
    assert caught.value.errno == errno.EEXIST
    other.withdraw()
    assert path.exists(), "withdraw removed a file that is not its own"
    other.close()
    assert not list(tmp_path.glob(".ring-*"))
    draft.withdraw()
    draft.close()
    assert not path.exists()
    assert ring_files.identity_of(os.stat(tmp_path)).at(str(tmp_path))


@pytest.mark.parametrize("which", WHICH)
def test_an_object_that_is_replaced_meanwhile(
    name: str, which: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What took its place stays, and nothing else does."""
    paths = objects(name)
    publish = Draft.publish

    def and_then_replace(draft: Draft) -> None:
        publish(draft)
        if draft.path == paths.segment:
            Path(paths[which]).unlink()
            Path(paths[which]).write_bytes(b"another's")

    monkeypatch.setattr(Draft, "publish", and_then_replace)
    with pytest.raises(InUse, match="was replaced"):
        RingReader.create(name, payload_size=64)
    assert leftovers(name) == [paths[which]]
    Path(paths[which]).unlink()


def test_racing_creators(name: str, child: MakeChild) -> None:
    """Several processes create the same buffer: exactly one wins."""
    children = [child(), child(), child()]
    for attempt in range(20):
        if attempt % 2:
            dead = child()
            dead.do("create", name, 64, 64)
            dead.kill()
        for one in children:
            one.send("create", name, 0, 1024)
        winners: list[Child | RingReader] = []
        with suppress(InUse):
            winners.append(RingReader.create(name, payload_size=1024))
        for one in children:
            answer = one.answer()
            assert answer == "ok" or answer.startswith("InUse"), answer
            if answer == "ok":
                winners.append(one)
        assert len(winners) == 1
        with RingWriter.connect(name) as writer:
            writer.write(bytes(700))
        winner = winners[0]
        if isinstance(winner, Child):
            winner.do("close")
        else:
            winner.close()


def test_a_writer_sees_a_whole_buffer_or_none(name: str) -> None:
    done: list[bool] = []
    connected = 0

    def connect() -> None:
        nonlocal connected
        while not done:
            try:
                writer = RingWriter.connect(name)
            except (NotFound, NoReader):
                continue
            connected += 1
            with writer, suppress(NoReader):
                writer.write(b"x")

    connecting = Call(connect)
    for _ in range(100):
        RingReader.create(name, metadata_size=64, payload_size=64).close()
    with RingReader.create(name, payload_size=64, timeout=30) as reader:
        reader.wait_writer()
    done.append(True)
    connecting.result()
    assert connected


def test_nothing_leaks(name: str) -> None:
    def open_things() -> int:
        # What earlier tests left in cycles would go in between.
        gc.collect()
        maps = Path("/proc/self/maps").read_text(encoding="utf-8")
        return len(os.listdir("/proc/self/fd")) + maps.count(name)

    def cycle() -> None:
        with (
            RingReader.create(name, metadata_size=64, payload_size=64) as reader,
            RingWriter.connect(name) as writer,
        ):
            with pytest.raises(WriterExists):
                RingWriter.connect(name)
            with pytest.raises(InUse):
                RingReader.create(name, payload_size=64)
            exchange(reader, writer, 20, 1)
        with pytest.raises(NotFound):
            RingWriter.connect(name)

    cycle()
    before = open_things()
    for _ in range(50):
        cycle()
    assert open_things() == before


def test_a_create_without_descriptors_leaves_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each call that opens something fails in turn."""
    real = os.open
    failed = 0
    while True:
        calls = 0

        def scarce(*args: object, budget: int = failed, **more: object) -> int:
            nonlocal calls
            calls += 1
            if calls > budget:
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            return real(*args, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(os, "open", scarce)
        try:
            reader = RingReader.create(name, payload_size=64)
        except RingError as error:
            assert isinstance(error, System)
            assert error.errno == errno.EMFILE
            assert not leftovers(name)
            failed += 1
            continue
        reader.close()
        break
    assert failed > 4


@pytest.mark.parametrize("what", ["fifo", "link", "directory"])
def test_what_is_no_segment_neither_hangs_nor_leads_elsewhere(name: str, what: str) -> None:
    path = Path(objects(name).segment)
    match what:
        case "fifo":
            os.mkfifo(path)
        case "link":
            path.symlink_to("/etc/passwd")
        case _:
            path.mkdir()
    for call in (RingWriter.connect, inspect):
        with pytest.raises(RingError) as caught:
            call(name)
        assert not isinstance(caught.value, NotFound)
    if what == "directory":
        path.rmdir()
    else:
        path.unlink()


def test_connect_to_nothing(name: str) -> None:
    with pytest.raises(NotFound):
        RingWriter.connect(name)
    with pytest.raises(NotFound):
        RingWriter.connect_wait(name, wait=0.02)
    with pytest.raises(NotFound):
        inspect(name)
