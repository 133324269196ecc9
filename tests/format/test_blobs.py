"""Contents lie once, under their hash, read-only; a user's file is never linked unless it is given away."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import blake3
import pytest

from runfolio.errors import UsageError
from runfolio.format.blobs import BlobStore
from runfolio.format.disk import Disk
from runfolio.model.artifact import Kept
from runfolio.testing import Fault, FaultyFiles

LARGE = 9_000_001


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "folio")


def made(path: Path, content: bytes = b"weights") -> Path:
    path.write_bytes(content)
    return path


def lying(blobs: BlobStore) -> list[Path]:
    return [path for path in sorted(blobs.root.rglob("*")) if path.is_file()]


@pytest.mark.parametrize("size", [0, 1, 4096, 1 << 20, (1 << 20) + 1, 4 << 20, LARGE, 17 << 20])
def test_a_file_lies_whole_under_its_hash_and_cannot_be_written_to(
    blobs: BlobStore, tmp_path: Path, size: int
) -> None:
    content = os.urandom(size)
    kept = blobs.add(made(tmp_path / "a", content))
    path = blobs.path_of(kept.blake3)
    assert (kept.blake3, kept.size) == (blake3.blake3(content).hexdigest(), size)
    assert path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o444
    assert lying(blobs) == [path]


def test_a_file_overwritten_in_place_leaves_its_content_as_it_was(
    blobs: BlobStore, tmp_path: Path
) -> None:
    source = made(tmp_path / "a")
    kept = blobs.add(source)
    with source.open("r+b") as file:
        file.write(b"damaged")
    assert blobs.path_of(kept.blake3).read_bytes() == b"weights"
    assert source.stat().st_ino != blobs.path_of(kept.blake3).stat().st_ino


def test_the_same_content_lies_once_and_is_young_again(blobs: BlobStore, tmp_path: Path) -> None:
    first = blobs.add(made(tmp_path / "a"))
    path = blobs.path_of(first.blake3)
    os.utime(path, (0, 0))
    again = blobs.add(made(tmp_path / "b"))
    assert again == Kept(first.blake3, 7, "there")
    assert lying(blobs) == [path]
    assert path.stat().st_mtime > 1e9


def test_a_content_cut_short_is_made_whole_by_the_next_that_has_it(
    blobs: BlobStore, tmp_path: Path
) -> None:
    path = blobs.path_of(blobs.add(made(tmp_path / "a")).blake3)
    path.unlink()
    path.touch()
    assert blobs.add(tmp_path / "a").how != "there"
    assert path.read_bytes() == b"weights"


def test_a_file_given_away_is_the_stores_own(blobs: BlobStore, tmp_path: Path) -> None:
    source = made(tmp_path / "a")
    number = source.stat().st_ino
    kept = blobs.add(source, move=True)
    assert kept.how == "moved"
    assert blobs.path_of(kept.blake3).stat().st_ino == number
    assert not source.exists()


def test_one_with_a_second_name_is_copied_though_it_is_given_away(
    blobs: BlobStore, tmp_path: Path
) -> None:
    source = made(tmp_path / "a")
    os.link(source, tmp_path / "other")
    kept = blobs.add(source, move=True)
    assert kept.how in {"copied", "shared"}
    (tmp_path / "other").write_bytes(b"damaged")
    assert blobs.path_of(kept.blake3).read_bytes() == b"weights"


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM, errno.EMLINK])
def test_where_no_second_name_is_given_a_copy_is_made_and_told(tmp_path: Path, number: int) -> None:
    blobs = BlobStore(tmp_path / "folio", FaultyFiles(Fault("link", number)))
    kept = blobs.add(made(tmp_path / "a"), move=True)
    assert kept.how in {"copied", "shared"}
    assert not (tmp_path / "a").exists()


def test_a_file_that_shares_its_blocks_is_hashed_as_it_lies_in_the_store(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path / "folio", Sharing())
    kept = blobs.add(made(tmp_path / "a"))
    assert kept == Kept(blake3.blake3(b"weights").hexdigest(), 7, "shared")


class Sharing(Disk):
    """A disk as of a file system that shares blocks, which few machines have."""

    def share(self, source: Path, path: Path) -> bool:
        path.write_bytes(source.read_bytes())
        return True


class Meddling(Disk):
    """A disk that lets a program write to the file while it is kept."""

    def __init__(self, source: Path, content: bytes) -> None:
        self.source, self.content = source, content

    def append(self, fd: int, data: memoryview) -> None:
        super().append(fd, data)
        self._write()

    def copy(self, source: int, target: int, at: int, count: int, *, soon: bool) -> int:
        done = super().copy(source, target, at, count, soon=soon)
        self._write()
        return done

    def _write(self) -> None:
        with self.source.open("ab") as file:
            file.write(self.content)


@pytest.mark.parametrize("size", [10, LARGE])
@pytest.mark.parametrize("more", [b"x", b""], ids=["grows", "stays"])
def test_a_file_that_changes_meanwhile_is_told_and_not_kept(
    tmp_path: Path, size: int, more: bytes
) -> None:
    source = made(tmp_path / "a", bytes(size))
    blobs = BlobStore(tmp_path / "folio", Meddling(source, more))
    if more:
        with pytest.raises(UsageError, match="changed while it was kept"):
            blobs.add(source)
    else:
        blobs.add(source)
    assert len(lying(blobs)) == (not more)


@pytest.mark.timeout(20)
def test_what_is_no_regular_file_is_refused_and_nobody_waits(
    blobs: BlobStore, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for odd in (tmp_path / "pipe", tmp_path, Path(os.devnull)):
        with pytest.raises(UsageError, match="no regular file"):
            blobs.add(odd)
    assert lying(blobs) == []


def test_of_many_files_those_that_cannot_be_kept_take_none_along(
    blobs: BlobStore, tmp_path: Path
) -> None:
    sources = [made(tmp_path / str(n), b"%d" % (n % 40)) for n in range(60)]
    sources[7].unlink()
    done = blobs.add_all(sources)
    assert [n for n, one in enumerate(done) if not isinstance(one, Kept)] == [7]
    assert isinstance(done[7], FileNotFoundError)
    assert len(lying(blobs)) == 40


@pytest.mark.parametrize("text", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n"])
def test_no_hash_leads_elsewhere(blobs: BlobStore, text: str) -> None:
    with pytest.raises(UsageError, match="no blake3 hash"):
        blobs.path_of(text)


def test_two_processes_that_keep_the_same_content_both_have_it(tmp_path: Path) -> None:
    made(tmp_path / "a", os.urandom(LARGE))
    program = (
        "import sys; from pathlib import Path; from runfolio.format.blobs import BlobStore\n"
        "for n in range(20): print(BlobStore(Path('folio')).add(Path('a')).blake3)"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    said = {line for one in both for line in one.communicate()[0].split()}
    assert [one.returncode for one in both] == [0, 0]
    (path,) = lying(BlobStore(tmp_path / "folio"))
    assert said == {path.name.encode()}
    assert blake3.blake3(path.read_bytes()).hexdigest() == path.name


def test_without_a_thread_to_be_had_it_is_copied_all_the_same(
    blobs: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    content = os.urandom(LARGE)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    kept = blobs.add(made(tmp_path / "a", content))
    assert blobs.path_of(kept.blake3).read_bytes() == content
