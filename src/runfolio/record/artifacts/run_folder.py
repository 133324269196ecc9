"""The files of a version in the run that made it: ``artifacts/<name>/v<N>/``, second names of blobs."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.below import entry_of, folder_below
from runfolio.format.blobs import BlobStore
from runfolio.format.disk import NO_LINK, Disk, copy_file
from runfolio.model.artifact import ArtifactVersion, Entry
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from runfolio.record.life import Life

__all__ = ["held_in_run", "put_into_run", "take_out_of_run"]

# Whoever removes the folder of a dropped version may be at it while its files come back.
_ROUNDS = 3


@contextlib.contextmanager
def held_in_run(
    life: Life, name: str, entries: Sequence[Entry], blobs: BlobStore
) -> Iterator[Path | None]:
    """Hold contents in a folder of the run, read-only, while a version of them is made.

    So they are there whatever becomes of those in the store meanwhile. Yields the folder, or
    ``None`` where the disk refuses or the run's folder was moved; what is left in it goes.
    """
    place = life.paths.artifacts / name
    beside = place / f".new.{os.getpid()}-{os.urandom(3).hex()}.tmp"
    held = None
    try:
        if life.heartbeat is not None and life.heartbeat.lies_where_it_began():
            with guard(f"putting the artifact {name!r} into the run"):
                beside.mkdir(parents=True)
                _link_all([e for e in entries if e.blake3 and not e.uri], beside, blobs)
                held = beside
        yield held
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        for folder in (place, place.parent):
            with contextlib.suppress(OSError):
                folder.rmdir()  # where no version came of it


def put_into_run(versions: ArtifactVersions, version: ArtifactVersion, held: Path) -> None:
    """Give what is held in the run its place there, beside what the version says.

    Raises
    ------
    OSError
        The disk refuses.
    """
    target = held.parent / f"v{version.number}"
    for _ in range(_ROUNDS):
        with contextlib.suppress(FileNotFoundError):
            _move(held, target, version)
            break
    said = held.parent / f"v{version.number}.json"
    if not said.exists():
        _copy(versions.folder / said.name, said)


def _move(held: Path, target: Path, version: ArtifactVersion) -> None:
    with contextlib.suppress(OSError):
        os.rename(held, target)  # noqa: PTH104 - never onto one that holds files
        return
    if target.is_symlink():
        return  # `check` names it
    for entry in version.entries:
        if not entry.blake3 or entry.uri:
            continue
        name = entry.path.rpartition("/")[2]
        with folder_below(target, entry.path, make=True) as folder:
            if entry_of(name, folder) is None and (held / entry.path).exists():
                os.rename(held / entry.path, name, dst_dir_fd=folder)


def take_out_of_run(life: Life, version: ArtifactVersion) -> None:
    """Remove the files of a dropped version from the run, so that its room can come back."""
    if life.heartbeat is not None and life.heartbeat.lies_where_it_began():
        folder = life.paths.artifacts / version.name / f"v{version.number}"
        if not folder.is_symlink() and not folder.parent.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)


def _link_all(entries: Iterable[Entry], folder: Path, blobs: BlobStore) -> None:
    made = {folder}
    for entry in entries:
        path = folder.joinpath(*PurePosixPath(entry.path).parts)
        if path.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(path.parent)
        source = blobs.path_of(entry.blake3)
        try:
            _link(source, path)
        except FileNotFoundError:
            if not blobs.ask({entry.blake3: entry.size or 0}):  # a sweep had moved it aside
                _link(source, path)


def _link(source: Path, path: Path) -> None:
    try:
        Disk().link(source, path)
    except OSError as error:
        if error.errno not in NO_LINK:
            raise
        _copy(source, path)


def _copy(source: Path, path: Path) -> None:
    copy_file(source, path)
    with contextlib.suppress(OSError):
        path.chmod(0o444)
