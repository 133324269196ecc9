"""Upkeep of runs: the files of versions that were dropped go from the runs that hold them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from runfolio.errors import CorruptRecord
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.below import folder_below, opened_below
from runfolio.format.blobs import BlobStore
from runfolio.format.disk import NO_LINK
from runfolio.format.fetching import fetch
from runfolio.model.artifact import ArtifactVersion, Entry
from runfolio.store.deed import Deed
from runfolio.store.scan import scan

__all__ = ["sweep_copies"]


def sweep_copies(
    store: Path,
    dropped: Iterable[ArtifactVersion],
    going: dict[tuple[int, int], int],
    *,
    dry_run: bool,
) -> Iterator[Deed]:
    """Remove the files of dropped versions from runs that made them; others in their folders stay."""
    by_folder = {f"{version.name}/v{version.number}": version for version in dropped}
    for entry in sorted(scan(store), key=lambda entry: entry.name) if by_folder else ():
        if not entry.fault:
            for folder, version in _kept_in(entry.path, by_folder):
                yield from _emptied(entry.path, folder, version, going, dry_run=dry_run)


def _kept_in(
    run: Path, by_folder: Mapping[str, ArtifactVersion]
) -> Iterator[tuple[Path, ArtifactVersion]]:
    """Yield the folders in which a run keeps these versions; none behind a link."""
    for own in (run, *sorted(run.glob("rank[0-9]*"))):
        top = own / "artifacts"
        if own.is_symlink() or top.is_symlink() or not top.is_dir():
            continue
        for below in sorted(by_folder):
            folder = top / below
            if not (folder.parent.is_symlink() or folder.is_symlink()) and folder.is_dir():
                yield folder, by_folder[below]


def _emptied(
    run: Path,
    folder: Path,
    version: ArtifactVersion,
    going: dict[tuple[int, int], int],
    *,
    dry_run: bool,
) -> Iterator[Deed]:
    below, freed, gone = folder.relative_to(run).as_posix(), 0, list[Entry]()
    try:
        for entry in version.entries:
            with contextlib.suppress(FileNotFoundError, CorruptRecord):
                with opened_below(folder, entry.path) as (_, info):
                    key = (info.st_dev, info.st_ino)
                if not dry_run:
                    _unlink(folder, entry.path)
                going[key] = going.get(key, 0) + 1
                freed += info.st_size if info.st_nlink - (going[key] - 1) * dry_run == 1 else 0
                gone.append(entry)
        if gone and not dry_run and _is_wanted_again(run.parent, version):
            gone = _given_back(run.parent, folder, version, gone)
    except OSError as error:
        yield Deed("kept", run.name, below, why=str(error.strerror or error))
    if gone:
        why = f"v{version.number} was dropped, {len(gone)} file{'' if len(gone) == 1 else 's'}"
        yield Deed("removed", run.name, below, freed, why)
        if not dry_run:
            _prune(folder)


def _is_wanted_again(store: Path, version: ArtifactVersion) -> bool:
    now = ArtifactVersions(store, version.name).standing()
    return version.number not in now.dropped


def _given_back(
    store: Path, folder: Path, version: ArtifactVersion, gone: Iterable[Entry]
) -> list[Entry]:
    """Put files of a version that is wanted again back into a run; those that are there stay."""
    blobs = BlobStore(store)
    for entry in gone:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with folder_below(folder, entry.path, make=True) as fd:
                name = entry.path.rpartition("/")[2]
                os.link(blobs.path_of(entry.blake3), name, dst_dir_fd=fd, follow_symlinks=False)
        except FileExistsError:
            continue
        except OSError as error:
            if error.errno not in NO_LINK:
                raise
            fetch(store, version, folder, entries=[entry])
    return []


def _unlink(folder: Path, path: str) -> None:
    with folder_below(folder, path) as fd:
        os.unlink(path.rpartition("/")[2], dir_fd=fd)


def _prune(folder: Path) -> None:
    """Remove folders that are empty now, from the innermost out."""
    for parent, _, _ in os.walk(folder, topdown=False, followlinks=False):
        with contextlib.suppress(OSError):
            os.rmdir(parent)  # noqa: PTH106 - a path as text
