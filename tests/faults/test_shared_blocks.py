"""On a file system whose files can share blocks a version takes no room, and stands for itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import blake3
import pytest
from tests.faults.disks import SharingDisk

from runfolio.errors import UsageError
from runfolio.format import taking
from runfolio.format.blobs import BlobStore

SIZE = 32 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with SharingDisk(tmp_path) as made:
        yield made.path


@pytest.fixture
def weights(disk: Path) -> Path:
    path = disk / "weights"
    path.write_bytes(os.urandom(1 << 20) * (SIZE >> 20))
    os.sync()
    os.utime(path, (1, 1))
    return path


def free(disk: Path) -> int:
    os.sync()
    about = os.statvfs(disk)
    return about.f_bavail * about.f_frsize


def test_a_file_shares_its_blocks_and_keeps_what_it_was(disk: Path, weights: Path) -> None:
    store, before, content = BlobStore(disk / "store"), free(disk), weights.read_bytes()

    kept = store.add(weights)

    assert (kept.how, kept.blake3) == ("shared", blake3.blake3(content).hexdigest())
    assert before - free(disk) < SIZE // 4
    with weights.open("r+b") as file:
        file.write(b"other")
    assert store.path_of(kept.blake3).read_bytes() == content


@pytest.mark.parametrize("is_old", [True, False])
def test_one_that_was_just_written_is_hashed_as_it_was_taken(
    is_old: bool, disk: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_old:
        os.utime(weights)
    asked: list[int] = []
    monkeypatch.setattr(taking, "hash_of_open", lambda fd: asked.append(fd) or "0" * 64)

    BlobStore(disk / "store").add(weights)

    assert bool(asked) is is_old


def test_one_that_is_written_to_while_it_is_hashed_is_refused(
    disk: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = taking.hash_of_open

    def hashed(fd: int) -> str:
        digest = plain(fd)
        with weights.open("r+b") as file:
            file.write(b"other")
        return digest

    monkeypatch.setattr(taking, "hash_of_open", hashed)

    with pytest.raises(UsageError, match="changed while it was kept"):
        BlobStore(disk / "store").add(weights)
    assert not [path for path in (disk / "store").rglob("*") if path.is_file()]
