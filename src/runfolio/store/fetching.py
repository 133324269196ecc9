"""Fetching the files of a version into a folder of the user: verified, resumed, never outside of it."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from runfolio._hashing import hasher
from runfolio.errors import CorruptRecord, StoreError, UsageError
from runfolio.format.below import entry_of, folder_below, opened_below
from runfolio.format.blobs import BlobStore
from runfolio.format.disk import Disk
from runfolio.format.layout import is_run_id
from runfolio.format.piping import copy_hashed
from runfolio.model.artifact import ArtifactVersion, Entry
from runfolio.model.ports import BlobFiles
from runfolio.store import trash

__all__ = ["Fetched", "copies_of", "fetch"]

_NEW: Final = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | os.O_APPEND
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_CHUNK: Final = 1 << 20


@dataclass(slots=True)
class Fetched:
    """What became of each file of a version.

    Attributes
    ----------
    root : Path
    written, there : list of str
        Fetched now · there already with the right content.
    left_out : list of (str, str)
        Addresses that were not fetched, and why.
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
    replace: bool = False,
    files: BlobFiles | None = None,
) -> Fetched:
    """Fetch a version into a folder, which is made where it is missing.

    Each file is hashed while it is copied, and gets its name only then. A file that is there with
    the right content is left; so a fetch that was cut short goes on where it was.

    Parameters
    ----------
    replace : bool
        Also where a file of another content stands.

    Raises
    ------
    UsageError
        A file of another content stands under a name, or something that is no file.
    CorruptRecord
        A link leads out of the folder; or a content is not in the store any more, or damaged. The
        other files are there then.
    OSError
        The folder cannot be written.
    """
    files = files or Disk()
    root.mkdir(parents=True, exist_ok=True)
    done, missing = Fetched(root), list[str]()
    for entry in version.entries:
        if why := _not_fetched(entry):
            done.left_out.append((entry.path, why))
        elif _is_there(root, entry, replace=replace):
            done.there.append(entry.path)
        elif any(_taken(source, entry, root, files) for source in _sources(store, version, entry)):
            done.written.append(entry.path)
        else:
            missing.append(entry.path)
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise CorruptRecord(
            f"{version.name}:v{version.number} is not whole: the content of {', '.join(missing[:3])}"
            f"{more} is missing or damaged. The verb check names what is."
        )
    return done


def copies_of(store: Path, version: ArtifactVersion) -> list[Path]:
    """Return the folders in which the run that made a version keeps it, in the trash, too."""
    if not is_run_id(version.run_id):
        return []
    runs = [store / version.run_id, *(layer / version.run_id for layer in trash.layers(store))]
    below = Path("artifacts", version.name, f"v{version.number}")
    return [
        folder / below
        for run in runs
        if not run.is_symlink() and run.is_dir()
        for folder in (run, *sorted(run.glob("rank[0-9]*")))
        if not any(part.is_symlink() for part in _steps(folder, below)) and (folder / below).is_dir()
    ]  # fmt: skip


def _steps(folder: Path, below: Path) -> Iterator[Path]:
    yield folder
    for n in range(1, len(below.parts) + 1):
        yield folder.joinpath(*below.parts[:n])


def _not_fetched(entry: Entry) -> str:
    if not entry.uri:
        return ""
    if _local(entry.uri) is None:
        return f"{entry.uri} is an address; nothing is fetched from elsewhere"
    return (
        "" if entry.blake3 else f"{entry.uri} was kept without a hash, so nothing tells what it was"
    )


def _local(uri: str) -> Path | None:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    path = unquote(parts.path)
    return Path(path) if path.startswith("/") and "\0" not in path else None


def _sources(store: Path, version: ArtifactVersion, entry: Entry) -> Iterator[Path]:
    """Yield where a content may lie, the likeliest first."""
    if entry.uri:
        local = _local(entry.uri)
        if local is not None:
            yield local.resolve()
        return
    yield BlobStore(store).path_of(entry.blake3)
    for folder in copies_of(store, version):
        yield folder / entry.path


def _is_there(root: Path, entry: Entry, *, replace: bool) -> bool:
    with contextlib.suppress(FileNotFoundError), folder_below(root, entry.path) as folder:
        info = entry_of(entry.path.rpartition("/")[2], folder)
        if info is None:
            return False
        if stat.S_ISDIR(info.st_mode):
            raise UsageError(f"{root / entry.path} is a folder; fetch into another one.")
        if stat.S_ISREG(info.st_mode) and info.st_size == entry.size:
            with opened_below(root, entry.path) as (fd, _):
                if _hash(fd) == entry.blake3:
                    return True
        if not replace:
            raise UsageError(
                f"{root / entry.path} is there with another content; fetch into another folder, or "
                "say replace."
            )
    return False


def _hash(fd: int) -> str:
    into = hasher()
    while chunk := os.read(fd, _CHUNK):
        into.update(chunk)
    return str(into.hexdigest())


def _taken(source: Path, entry: Entry, root: Path, files: BlobFiles) -> bool:
    """Copy a file to its place if it has the right content."""
    try:
        with _opened(source, entry) as (fd, size):
            return size == entry.size and _copied(fd, entry, root, files)
    except (FileNotFoundError, CorruptRecord, StoreError):
        return False


@contextlib.contextmanager
def _opened(source: Path, entry: Entry) -> Iterator[tuple[int, int]]:
    # From the folder of the version on, no link is followed; of a content, none at all.
    depth = entry.path.count("/") if not entry.uri and source.name != entry.blake3 else 0
    root = source.parents[depth]
    with opened_below(root, source.relative_to(root).as_posix()) as (fd, info):
        yield fd, info.st_size


def _copied(source: int, entry: Entry, root: Path, files: BlobFiles) -> bool:
    with folder_below(root, entry.path, make=True) as folder:
        beside = f".runfolio.{os.getpid()}-{os.urandom(6).hex()}.tmp"
        target = os.open(beside, _NEW, 0o666, dir_fd=folder)
        try:
            try:
                digest, size = copy_hashed(source, entry.size or 0, target, files)
            finally:
                files.close(target)
            if (digest, size) != (entry.blake3, entry.size):
                return False
            os.rename(beside, entry.path.rpartition("/")[2], src_dir_fd=folder, dst_dir_fd=folder)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(beside, dir_fd=folder)
    return True
