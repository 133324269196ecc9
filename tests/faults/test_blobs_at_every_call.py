"""Every call by which a content reaches the store fails, or is the last one of its process."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import blake3
import pytest
from tests.faults.disks import SmallDisk

from runfolio.errors import UsageError
from runfolio.format.blobs import BlobStore
from runfolio.format.disk import Disk
from runfolio.model.artifact import Kept
from runfolio.testing import Fault, FaultyFiles

T = TypeVar("T")
CONTENTS = [b"%d" % n * 50 for n in range(12)] + [os.urandom(5_000_000)]


class Killed(FaultyFiles):
    """A disk at whose n-th call the process is gone, before or after the work is done."""

    def __init__(self, at: int, *, after: bool) -> None:
        super().__init__()
        self.left, self.after = at, after

    def _do(self, call: str, name: str, work: Callable[[], T]) -> T:
        self.left -= 1
        if self.left == 0 and not self.after:
            os._exit(9)
        done = super()._do(call, name, work)
        if self.left == 0:
            os._exit(9)
        return done


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: thousands of syncs are another test's matter."""
    shared = Path("/dev/shm")
    beside = shared if os.access(shared, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(dir=beside, prefix="runfolio-") as folder:
        yield Path(folder)


def sources(folder: Path) -> list[Path]:
    folder.mkdir()
    for number, content in enumerate(CONTENTS):
        (folder / str(number)).write_bytes(content)
    return [folder / str(number) for number in range(len(CONTENTS))]


def check_that_nothing_is_wrong(store: Path, given: list[Path]) -> None:
    """Every name in the store is the hash of its content, and every content is somewhere."""
    held = [path for path in (store / ".blobs").rglob("*") if path.is_file()]
    named = {path.name for path in held if path.suffix != ".tmp"}
    for path in held:
        if path.name in named:
            assert blake3.blake3(path.read_bytes()).hexdigest() == path.name
    for path, content in zip(given, CONTENTS, strict=True):
        mine = path.exists() and path.read_bytes() == content
        assert mine or blake3.blake3(content).hexdigest() in named


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("move", [False, True])
@pytest.mark.parametrize("few", [False, True])
def test_a_process_killed_at_any_call_loses_no_file_and_leaves_no_wrong_one(
    memory: Path, *, few: bool, move: bool, after: bool
) -> None:
    fired = 0
    while True:
        given = sources(memory / f"given{fired}")
        store = memory / f"folio{fired}"
        child = os.fork()
        if child == 0:
            blobs = BlobStore(store, Killed(fired + 1, after=after))
            blobs.add_all(given[-3:] if few else given, move=move)
            os._exit(0)
        killed = os.waitpid(child, 0)[1] != 0
        check_that_nothing_is_wrong(store, given)
        if not killed:
            break
        fired += 1
    assert fired >= 6


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("move", [False, True])
def test_a_call_that_fails_is_told_and_nothing_is_left_behind(
    memory: Path, *, number: int, move: bool, done: bool
) -> None:
    fired = 0
    while True:
        given, store = sources(memory / f"given{fired}"), memory / f"folio{fired}"
        fault = Fault("", number, at=fired + 1, done=done)
        told: list[object] = []
        try:
            told = list(BlobStore(store, FaultyFiles(fault)).add_all(given, move=move))
        except OSError as error:
            told = [error]
        check_that_nothing_is_wrong(store, given)
        assert not list(store.rglob("*.tmp"))
        if not fault.fired:
            break
        assert [one for one in told if isinstance(one, OSError) and one.errno == number]
        fired += 1
    assert fired >= 12
    assert all(isinstance(one, Kept) for one in told)


def test_a_full_disk_is_told_and_gets_its_room_back(tmp_path: Path) -> None:
    with SmallDisk("size=2m") as disk:
        (tmp_path / "large").write_bytes(bytes(5_000_000))
        blobs = BlobStore(disk.path / "folio", Disk())
        with pytest.raises(OSError, match="No space left"):
            blobs.add(tmp_path / "large")
        (tmp_path / "small").write_bytes(bytes(1_000_000))
        assert blobs.add(tmp_path / "small").size == 1_000_000
        with pytest.raises(UsageError):
            blobs.add(disk.path)
