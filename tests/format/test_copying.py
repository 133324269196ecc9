"""However a file has to be copied, its content lies in the store under its own hash, or nothing does."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import blake3
import pytest
from tests.faults.disks import SmallDisk

from runfolio import _hashing
from runfolio.errors import UsageError
from runfolio.format import kernel_copy
from runfolio.format.blobs import BlobStore
from runfolio.format.disk import Disk
from runfolio.testing import Fault, FaultyFiles

LARGE = 17_000_003
PIECE = 8 << 20


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "model.bin"
    path.write_bytes(os.urandom(LARGE))
    return path


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "folio")


def check_that_it_is_kept(blobs: BlobStore, source: Path) -> None:
    content = source.read_bytes()
    kept = blobs.add(source)
    assert (kept.blake3, kept.size) == (blake3.blake3(content).hexdigest(), len(content))
    assert blobs.path_of(kept.blake3).read_bytes() == content


def lying(blobs: BlobStore) -> list[Path]:
    return [path for path in blobs.root.rglob("*") if path.is_file()]


def refusing(number: int) -> Callable[..., int]:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    return refuse


NOT_THIS_WAY = [errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM,
                errno.EACCES, errno.ETXTBSY, errno.EOVERFLOW]  # fmt: skip


@pytest.mark.parametrize("number", NOT_THIS_WAY, ids=errno.errorcode.get)
def test_a_system_that_does_not_copy_by_itself_is_helped(
    blobs: BlobStore, source: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "copy_file_range", refusing(number), raising=False)
    check_that_it_is_kept(blobs, source)


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT], ids=errno.errorcode.get)
def test_a_fault_of_the_disk_is_told_and_leaves_nothing(
    blobs: BlobStore, source: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "copy_file_range", refusing(number), raising=False)
    with pytest.raises(OSError) as told:  # noqa: PT011 - the number tells
        blobs.add(source)
    assert told.value.errno == number
    assert lying(blobs) == []


def test_a_system_without_the_call_copies_through_memory(
    blobs: BlobStore, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "copy_file_range", raising=False)
    monkeypatch.setattr(kernel_copy, "_function", lambda _: None)
    check_that_it_is_kept(blobs, source)


def test_from_one_file_system_to_another_it_is_copied(blobs: BlobStore, tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system")
    source = memory / f"runfolio-{os.getpid()}-{os.urandom(4).hex()}"
    try:
        source.write_bytes(os.urandom(LARGE))
        check_that_it_is_kept(blobs, source)
        back = BlobStore(memory / f"{source.name}-folio")
        (tmp_path / "disk").write_bytes(os.urandom(LARGE))
        try:
            check_that_it_is_kept(back, tmp_path / "disk")
        finally:
            for path in lying(back):
                path.unlink()
            for folder in (*back.root.iterdir(), back.root, back.root.parent):
                folder.rmdir()
    finally:
        source.unlink(missing_ok=True)


@pytest.mark.parametrize("most", [1, 4095, 1_000_003])
def test_what_is_copied_in_short_pieces_is_whole(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    real, calls = getattr(os, "copy_file_range", None), 0

    def short(one: int, other: int, count: int, at: int, to: int) -> int:
        nonlocal calls
        calls += 1
        if real is None or calls > 50:
            raise OSError(errno.EXDEV, "no longer this way")
        return int(real(one, other, min(count, most), at, to))

    monkeypatch.setattr(os, "copy_file_range", short, raising=False)
    check_that_it_is_kept(BlobStore(tmp_path / "folio"), source)
    assert calls > 16


def test_a_disk_that_takes_less_than_it_is_given_is_asked_again(
    tmp_path: Path, source: Path
) -> None:
    files = FaultyFiles(Fault("copy", taken=1_234_567, times=1000))
    check_that_it_is_kept(BlobStore(tmp_path / "folio", files), source)
    assert files.fired > 10


def test_a_system_that_says_nothing_is_left_is_not_believed(
    blobs: BlobStore, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As older kernels said of files of /proc, and some network disks of any."""
    monkeypatch.setattr(os, "copy_file_range", lambda *_: 0, raising=False)
    check_that_it_is_kept(blobs, source)


def test_a_file_with_holes_is_kept_as_it_reads(blobs: BlobStore, tmp_path: Path) -> None:
    with (tmp_path / "holes").open("wb") as file:
        file.seek(PIECE + 5)
        file.write(b"between")
        file.truncate(3 * PIECE)
    check_that_it_is_kept(blobs, tmp_path / "holes")


@pytest.mark.parametrize(
    "name", ["/proc/self/status", "/sys/kernel/mm/transparent_hugepage/enabled"]
)
def test_what_the_system_makes_up_is_refused_and_says_why(blobs: BlobStore, name: str) -> None:
    if not os.path.exists(name):  # noqa: PTH110 - Linux alone has them
        pytest.skip(f"there is no {name}")
    with pytest.raises(UsageError, match=r"the system makes it up\. Copy it"):
        blobs.add(Path(name))
    assert lying(blobs) == []


class Meddling(Disk):
    """A disk that lets a program at the file once its first piece is copied."""

    def __init__(self, meddle: Callable[[], object]) -> None:
        self.meddle: Callable[[], object] | None = meddle

    def copy(self, source: int, target: int, at: int, count: int, *, soon: bool) -> int:
        done = super().copy(source, target, at, count, soon=soon)
        meddle, self.meddle = self.meddle, None
        if meddle is not None:
            meddle()
        return done


@pytest.mark.parametrize("left", [0, 5, PIECE, PIECE + 1, LARGE - 1])
def test_a_file_cut_short_while_it_is_copied_is_refused(
    tmp_path: Path, source: Path, left: int
) -> None:
    blobs = BlobStore(tmp_path / "folio", Meddling(lambda: os.truncate(source, left)))
    with pytest.raises(UsageError, match="changed while it was kept"):
        blobs.add(source)
    assert lying(blobs) == []


def test_what_is_written_is_what_is_named_though_nobody_sees_the_change(
    tmp_path: Path, source: Path
) -> None:
    """A program writes to what is not copied yet, and to what is, and puts the dates back."""
    was = source.stat()

    def meddle() -> None:
        with source.open("r+b") as file:
            for place in (100, PIECE + 100):
                file.seek(place)
                file.write(b"another")
        os.utime(source, ns=(was.st_atime_ns, was.st_mtime_ns))

    blobs = BlobStore(tmp_path / "folio", Meddling(meddle))
    kept = blobs.add(source)
    content = blobs.path_of(kept.blake3).read_bytes()
    assert blake3.blake3(content).hexdigest() == kept.blake3
    assert content != source.read_bytes()


def test_a_disk_without_room_is_told_before_it_is_filled(source: Path) -> None:
    with SmallDisk("size=12m") as disk:
        (disk.path / "metrics").write_bytes(bytes(1_000_000))
        blobs = BlobStore(disk.path / "folio", FaultyFiles(copies := Fault("copy", errno.EIO)))
        with pytest.raises(OSError, match="No space left"):
            blobs.add(source)
        assert copies.seen == 0
        assert lying(blobs) == []


def test_room_that_cannot_be_set_aside_is_no_fault() -> None:
    read, write = os.pipe()
    try:
        kernel_copy.reserve(write, 1 << 30)
        kernel_copy.begin_writing(write, 0, 1 << 30)
    finally:
        os.close(read)
        os.close(write)


def test_a_large_file_has_its_room_before_it_is_written(tmp_path: Path) -> None:
    if not hasattr(os, "posix_fallocate"):
        pytest.skip("the system sets no room aside")
    appending = os.open(tmp_path / "probe", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    fd = Disk().make(tmp_path / "new")
    try:
        os.posix_fallocate(appending, 0, 4096)  # of such a file it is never emulated by writing
        kernel_copy.reserve(fd, 5_000_000)
        assert os.fstat(fd).st_blocks * 512 >= 5_000_000
    except OSError:
        pytest.skip("the file system sets no room aside")
    finally:
        os.close(fd)
        os.close(appending)


# What is there already -----------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 7, 1 << 20])
def test_a_small_content_that_is_there_is_written_no_second_time(
    blobs: BlobStore, tmp_path: Path, size: int
) -> None:
    (tmp_path / "a").write_bytes(os.urandom(size))
    first = blobs.add(tmp_path / "a")
    again = BlobStore(blobs.root.parent, FaultyFiles(Fault("make", errno.EIO)))
    assert again.add(tmp_path / "a").blake3 == first.blake3
    assert len(lying(blobs)) == 1


def test_a_large_content_that_is_expected_is_written_no_second_time(
    blobs: BlobStore, source: Path
) -> None:
    first = blobs.add(source)
    again = BlobStore(blobs.root.parent, FaultyFiles(Fault("make", errno.EIO)))
    staged = again.stage(source, likely=first.blake3)
    assert again.place([staged]) == [type(first)(first.blake3, LARGE, "there")]
    assert len(lying(blobs)) == 1


def test_another_content_than_is_expected_is_kept_as_it_is(blobs: BlobStore, source: Path) -> None:
    first = blobs.add(source)
    source.write_bytes(os.urandom(LARGE))
    staged = blobs.stage(source, likely=first.blake3)
    (kept,) = blobs.place([staged])
    assert not isinstance(kept, Exception)
    assert blobs.path_of(kept.blake3).read_bytes() == source.read_bytes()
    assert len(lying(blobs)) == 2


@pytest.mark.parametrize("size", [7, LARGE])
def test_a_content_that_is_swept_while_it_waits_is_kept_all_the_same(
    blobs: BlobStore, source: Path, size: int
) -> None:
    os.truncate(source, size)
    first = blobs.add(source)
    staged = blobs.stage(source, likely=first.blake3)
    blobs.path_of(first.blake3).unlink()
    (kept,) = blobs.place([staged])
    assert not isinstance(kept, Exception)
    assert blobs.path_of(kept.blake3).read_bytes() == source.read_bytes()
    assert len(lying(blobs)) == 1


@pytest.mark.parametrize("size", [7, LARGE])
def test_a_content_that_is_expected_is_young_while_it_waits(
    blobs: BlobStore, source: Path, size: int
) -> None:
    os.truncate(source, size)
    path = blobs.path_of(blobs.add(source).blake3)
    os.utime(path, (0, 0))
    staged = blobs.stage(source, likely=path.name)
    assert staged.temp.stat().st_mtime > 1e9
    assert path.stat().st_mtime > 1e9


@pytest.mark.parametrize("number", [errno.EPERM, errno.EMLINK], ids=errno.errorcode.get)
def test_without_second_names_what_is_there_is_copied_and_lies_once(
    blobs: BlobStore, source: Path, number: int
) -> None:
    first = blobs.add(source)
    again = BlobStore(blobs.root.parent, FaultyFiles(Fault("link", number)))
    (kept,) = again.place([again.stage(source, likely=first.blake3)])
    assert kept == type(first)(first.blake3, LARGE, "there")
    assert len(lying(blobs)) == 1


def test_many_that_are_all_there_wait_for_no_disk(blobs: BlobStore, tmp_path: Path) -> None:
    sources = [tmp_path / str(n) for n in range(20)]
    for n, path in enumerate(sources):
        path.write_bytes(b"%d" % n)
    blobs.add_all(sources)
    again = BlobStore(blobs.root.parent, FaultyFiles(Fault("settle", errno.EIO)))
    assert {getattr(one, "how", one) for one in again.add_all(sources)} == {"there"}


@pytest.mark.parametrize(("cores", "beside", "most"), [(2, 1, 1), (2, 0, -1), (3, 1, -1)])
def test_with_one_core_left_the_hash_takes_that_one_alone(
    monkeypatch: pytest.MonkeyPatch, cores: int, beside: int, most: int
) -> None:
    class Told:
        AUTO = -1

        def __init__(self, start: bytes, *, max_threads: int) -> None:
            self.most = max_threads

    monkeypatch.setattr(_hashing, "threads", lambda: cores)
    monkeypatch.setattr(blake3, "blake3", Told)
    assert vars(_hashing.hasher(beside=beside)) == {"most": most}
