"""Fetching the files of a version into a folder of the user: verified, resumed, never outside of it."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import blake3

from runfolio._hashing import hasher
from runfolio.errors import CorruptRecord, StoreError, UsageError
from runfolio.format.below import entry_of, folder_below, opened_below, opened_in
from runfolio.format.blobs import BlobStore
from runfolio.format.disk import Disk
from runfolio.format.layout import is_run_id
from runfolio.format.lease import started_at, this_process
from runfolio.format.piping import copy_hashed
from runfolio.model.artifact import ArtifactVersion, Entry
from runfolio.model.ports import BlobFiles

__all__ = ["Fetched", "copies_in", "fetch", "local_path"]

_NEW: Final = (
    os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
)
_cleared: Final = dict[tuple[int, int], float]()
_CLEAR_S: Final = 10.0
_REMEMBERED: Final = 65536
# The hash takes several threads only for large pieces.
_CHUNK: Final = 4 << 20
_LEFT: Final = re.compile(
    r"\.runfolio\.(?P<host>[0-9a-f]{8})\.(?P<pid>[0-9]{1,9})-[0-9a-f]+\.tmp\Z"
)


@dataclass(slots=True)
class Fetched:
    """What became of each file of a version.

    Attributes
    ----------
    root : Path
    written, there : list of str
        Fetched now · there already with the right content.
    left_out : list of (str, str)
        Files that stand for an address and were not fetched, and why.
    """

    root: Path
    written: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def fetch(
    store: Path,
    version: ArtifactVersion,
    root: Path,
    *,
    entries: Sequence[Entry] | None = None,
    copies: Iterable[Path] = (),
    replace: bool = False,
    lenient: bool = False,
    files: BlobFiles | None = None,
) -> Fetched:
    """Fetch a version into a folder, which is made where it is missing.

    Each file is hashed while it is copied, and gets its name only then. A file that is there with
    the right content is left; so a fetch that was cut short goes on where it was. What one that
    was killed had begun is removed.

    Parameters
    ----------
    entries : sequence of Entry, optional
        Those of its files that are wanted; by default all.
    copies : iterable of Path
        Folders that hold the version, too: what is damaged in the store is taken from there.
    replace : bool
        Also where a file of another content stands.
    lenient : bool
        What an address means on this machine is copied without a hash, too, and what it means is
        left out where it is not there.

    Raises
    ------
    UsageError
        A file of another content stands under a name, or something that is no file.
    CorruptRecord
        A link leads out of the folder; or a content is not there any more, or damaged. The
        other files are there then.
    OSError
        The folder cannot be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(
            f"{root} is no folder, or lies below a file; fetch into a folder."
        ) from error
    copies, done, missing = list(copies), Fetched(root), list[Entry]()
    into = _Into(root, files or Disk(), replace=replace)
    for entry in version.entries if entries is None else entries:
        if why := _not_fetched(entry, lenient=lenient):
            done.left_out.append((entry.path, why))
        elif into.has(entry):
            done.there.append(entry.path)
        elif any(into.takes(source, entry) for source in _sources(store, copies, entry)):
            done.written.append(entry.path)
        else:
            missing.append(entry)
    if missing:
        raise _not_whole(version, missing)
    return done


def _not_whole(version: ArtifactVersion, missing: Sequence[Entry]) -> CorruptRecord:
    named = ", ".join(f"{e.path} ({e.uri[:200]})" if e.uri else e.path for e in missing[:3])
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    away = all(entry.uri for entry in missing)
    fault = "is not what it was." if away else "is not what was kept. The verb check names what is."
    return CorruptRecord(
        f"{version.name}:v{version.number} is not whole: the content of {named}{more} is missing, or "
        f"{fault}"
    )


def copies_in(runs: Iterable[Path], version: ArtifactVersion) -> list[Path]:
    """Return the folders in which runs keep a version; none behind a link."""
    below = Path("artifacts", version.name, f"v{version.number}")
    return [
        folder / below
        for run in runs
        if is_run_id(run.name) and not run.is_symlink() and run.is_dir()
        for folder in (run, *sorted(run.glob("rank[0-9]*")))
        if not any(part.is_symlink() for part in _steps(folder, below)) and (folder / below).is_dir()
    ]  # fmt: skip


def _steps(folder: Path, below: Path) -> Iterator[Path]:
    yield folder
    for n in range(1, len(below.parts) + 1):
        yield folder.joinpath(*below.parts[:n])


def local_path(uri: str) -> Path | None:
    """Return the path that an address means on this machine; ``None`` where it means none."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    path = unquote(parts.path)
    return Path(path) if path.startswith("/") and "\0" not in path else None


def _not_fetched(entry: Entry, *, lenient: bool) -> str:
    if not entry.uri:
        return ""
    local = local_path(entry.uri)
    if local is None or (lenient and not local.is_file()):
        return (
            f"it stands for {entry.uri}, which is not on this machine, and nothing is fetched from "
            "elsewhere"
        )
    if lenient or entry.blake3:
        return ""
    return f"it stands for {entry.uri}, which was kept without a hash, so nothing tells what it was"


def _sources(store: Path, copies: Iterable[Path], entry: Entry) -> Iterator[tuple[Path, str]]:
    """Yield where a content may lie, the likeliest first: a folder, and the path below it.

    From the folder on no link is followed.
    """
    if not entry.uri:
        blob = BlobStore(store).path_of(entry.blake3)
        yield blob.parent, blob.name
        yield from ((folder, entry.path) for folder in copies)
    elif (local := local_path(entry.uri)) is not None:
        real = local.resolve()
        yield real.parent, real.name


class _Into:
    """The folder that is fetched into; no link in it is followed."""

    def __init__(self, root: Path, files: BlobFiles, *, replace: bool) -> None:
        self._root, self._files, self._replace = root, files, replace
        host = blake3.blake3(str(this_process()["host"]).encode()).hexdigest()[:8]
        self._host = host

    def has(self, entry: Entry) -> bool:
        """Return whether a file is there with the right content; raise where another may not go."""
        name = entry.path.rpartition("/")[2]
        with contextlib.suppress(FileNotFoundError), folder_below(self._root, entry.path) as fd:
            self._clear(fd)
            info = entry_of(name, fd)
            if info is None:
                return False
            if stat.S_ISDIR(info.st_mode):
                raise UsageError(f"{self._root / entry.path} is a folder; fetch into another one.")
            if stat.S_ISREG(info.st_mode) and info.st_size == entry.size:
                with opened_in(fd, entry.path) as (file, _):
                    if _hash(file) == entry.blake3:
                        return True
            if not self._replace:
                raise UsageError(
                    f"{self._root / entry.path} is there with another content; fetch into another "
                    "folder, or say replace."
                )
        return False

    def takes(self, source: tuple[Path, str], entry: Entry) -> bool:
        """Copy a file to its place if it has the right content."""
        try:
            with opened_below(*source) as (fd, info):
                is_sized = entry.size in (None, info.st_size) or not entry.blake3
                return is_sized and self._copied(fd, info.st_size, entry)
        except (FileNotFoundError, NotADirectoryError, CorruptRecord, StoreError):
            return False

    def _copied(self, source: int, size: int, entry: Entry) -> bool:
        with folder_below(self._root, entry.path, make=True) as folder:
            beside = f".runfolio.{self._host}.{os.getpid()}-{os.urandom(6).hex()}.tmp"
            target = os.open(beside, _NEW, 0o666, dir_fd=folder)
            try:
                try:
                    if self._files.share_open(source, target):
                        digest, count = _hash(target), os.fstat(target).st_size
                    else:
                        digest, count = copy_hashed(source, size, target, self._files)
                finally:
                    self._files.close(target)
                if entry.blake3 and (digest, count) != (entry.blake3, entry.size):
                    return False
                os.rename(
                    beside, entry.path.rpartition("/")[2], src_dir_fd=folder, dst_dir_fd=folder
                )
            finally:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(beside, dir_fd=folder)
        return True

    def _clear(self, folder: int) -> None:
        """Remove what a fetch by a process that is gone from this machine had begun.

        Not each time: a program may ask for one file of very many after the other.
        """
        info, now = os.fstat(folder), time.monotonic()
        if now - _cleared.get((info.st_dev, info.st_ino), -_CLEAR_S) < _CLEAR_S:
            return
        if len(_cleared) >= _REMEMBERED:
            _cleared.clear()
        _cleared[info.st_dev, info.st_ino] = now
        for name in os.listdir(folder):
            left = _LEFT.match(name)
            if left and left["host"] == self._host and not started_at(int(left["pid"])):
                with contextlib.suppress(OSError):
                    os.unlink(name, dir_fd=folder)


def _hash(fd: int) -> str:
    # Not mapped into memory: a file of the user may be cut short meanwhile.
    into, room = hasher(), memoryview(bytearray(min(os.fstat(fd).st_size + 1, _CHUNK)))
    os.lseek(fd, 0, os.SEEK_SET)
    while n := os.readv(fd, [room]):
        into.update(room[:n])
    return str(into.hexdigest())
