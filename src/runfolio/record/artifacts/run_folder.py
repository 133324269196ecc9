"""The files of a version in the run that made it: ``artifacts/<name>/v<N>/``, second names of blobs."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.blobs import NO_LINK, BlobStore
from runfolio.format.disk import Disk, copy_file
from runfolio.model.artifact import ArtifactVersion, Entry

if TYPE_CHECKING:
    from runfolio.record.life import Life

__all__ = ["put_into_run", "take_out_of_run"]


def put_into_run(
    life: Life, versions: ArtifactVersions, version: ArtifactVersion, blobs: BlobStore
) -> None:
    """Have the files of a version in the run's folder, read-only, with what the version says.

    Raises
    ------
    OSError
        The disk refuses, or the run's folder was moved.
    """
    if life.heartbeat is None or not life.heartbeat.lies_where_it_began():
        return
    place = life.paths.artifacts / version.name
    target = place / f"v{version.number}"
    if target.is_dir():
        return
    beside = place / f".v{version.number}.{os.getpid()}-{os.urandom(3).hex()}.tmp"
    try:
        beside.mkdir(parents=True)
        _link_all((e for e in version.entries if e.blake3 and not e.uri), beside, blobs)
        with contextlib.suppress(OSError):
            os.rename(beside, target)  # noqa: PTH104 - never onto one that is there
        said = place / f"v{version.number}.json"
        if not said.exists():
            _copy(versions.folder / said.name, said)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


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
        _link(blobs.path_of(entry.blake3), path)


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
