"""Upkeep of a store: what killed runs left is put in order, and what nobody needs goes."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from runfolio.format import artifact_versions, blobs
from runfolio.format.claim import all_claims, claim, fault_of, is_stale
from runfolio.format.conversion import convert_run, convertible, is_waiting
from runfolio.format.disk import Disk
from runfolio.format.folding import fold, foldable, spent_edits
from runfolio.format.layout import RunPaths
from runfolio.format.lease import started_at
from runfolio.model.ports import Files
from runfolio.store import trash
from runfolio.store.deed import Deed
from runfolio.store.gc_contents import sweep_contents
from runfolio.store.scan import scan
from runfolio.store.usage import usage

__all__ = ["Deed", "convert_waiting", "put_in_order"]

STRAY_S: Final = 3600.0
"""A temporary file is older than this before it counts as left behind."""

DRAFT_S: Final = 86_400.0
"""What an artifact is made of waits from ``add_file`` to ``log_artifact``: long, in a long training."""

_STRAY: Final = re.compile(r"\..*?(?:\.(?P<pid>[0-9]+)-[0-9a-f]+)?\.tmp\Z", re.DOTALL)
_LEFT: Final = "left by a process that is gone"
_CLAIM: Final = ".gc"
"""Work in the background is one process's per store."""


def put_in_order(
    store: Path,
    *,
    dry_run: bool = False,
    trash_older_than_s: float | None = None,
    files: Files | None = None,
) -> Iterator[Deed]:
    """Convert, fold and sweep in every run of a store, and yield what was done.

    Parameters
    ----------
    dry_run : bool
        Only say what would be done.
    trash_older_than_s : float, optional
        Delete what has lain in the trash for so long; without it the trash is left alone.

    Raises
    ------
    StoreUnusable
        The store cannot be listed.
    """
    files = files or Disk()
    for entry in sorted(scan(store), key=lambda entry: entry.name):
        if not entry.fault:
            yield from _convert(entry.path, files, dry_run=dry_run)
            yield from _fold(entry.path, files, dry_run=dry_run)
            yield from _sweep(entry.path, entry.name, files, dry_run=dry_run)
    yield from _sweep(store, "", files, dry_run=dry_run)
    for folder in (store / blobs.FOLDER, store / artifact_versions.FOLDER):
        for path in [] if folder.is_symlink() else _strays(folder, deep=True, older_s=DRAFT_S):
            yield _remove(store, "", path, _LEFT, files, dry_run=dry_run)
    yield from sweep_contents(store, dry_run=dry_run)
    if trash_older_than_s is not None:
        for path in trash.lying(store, trash_older_than_s):
            yield _empty(path, dry_run=dry_run)


def convert_waiting(store: Path, most: int, files: Files | None = None) -> Iterator[Deed]:
    """Convert what killed runs left, unless another process is at it in this store.

    Parameters
    ----------
    most : int
        So many runs are looked after at a time.
    """
    files = files or Disk()
    held = claim(store, _CLAIM, files)
    if held is None:
        return
    try:
        found = (entry.path for entry in scan(store) if not entry.fault and is_waiting(entry.path))
        for folder in itertools.islice(found, most):
            yield from _done(folder, files, again=False)
    finally:
        held.release()


def _convert(folder: Path, files: Files, *, dry_run: bool) -> Iterator[Deed]:
    if not dry_run:
        yield from _done(folder, files, again=True)
        return
    for part in convertible(folder, abandoned=True):
        yield Deed("converted", folder.name, part.path.name)


def _done(folder: Path, files: Files, *, again: bool) -> Iterator[Deed]:
    # In the background nothing is taken from a machine that is merely not heard of.
    done = convert_run(folder, files, abandoned=again, again=again)
    for one in done.converted:
        freed = one.live_bytes - one.table_bytes
        yield Deed("converted", folder.name, one.file, freed, f"{one.rows:,} rows")
    if done.cells:
        yield Deed("cells", folder.name, "code/cells.ipynb")
    for name, why in done.kept:
        yield Deed("kept", folder.name, name, why=why)


def _fold(folder: Path, files: Files, *, dry_run: bool) -> Iterator[Deed]:
    try:
        for edit in foldable(folder) if dry_run else fold(folder, files):
            yield Deed(
                "folded", folder.name, f"edits/{edit.id}.json", why=f"{edit.op} {edit.field}"
            )
    except OSError as error:
        yield Deed("kept", folder.name, "run.json", why=str(error.strerror or error))
        return
    for path in spent_edits(folder):
        yield _remove(folder, folder.name, path, "its edit is in run.json", files, dry_run=dry_run)


def _sweep(folder: Path, run_id: str, files: Files, *, dry_run: bool) -> Iterator[Deed]:
    """Yield what was left behind in a run, or at the top of the store."""
    for path in _strays(folder, deep=bool(run_id)):
        yield _remove(folder, run_id, path, _LEFT, files, dry_run=dry_run)
    for path in all_claims(folder):
        if is_stale(path) and not fault_of(folder, path.name.removesuffix(".claim")):
            yield _remove(folder, run_id, path, "nobody works under it", files, dry_run=dry_run)
    for path in _spent_sums(folder):
        yield _remove(folder, run_id, path, "its file is a table now", files, dry_run=dry_run)


def _strays(folder: Path, *, deep: bool, older_s: float = STRAY_S) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, followlinks=False):
        if not deep:
            folders.clear()
        left = names
        if Path(parent).parent.name == "artifacts":
            # Versions: what lies in them is the user's, whatever it is called.
            left = [*names, *(name for name in folders if _STRAY.match(name))]
            folders.clear()
        for name in left:
            match = _STRAY.match(name)
            if match is None:
                continue
            path = Path(parent, name)
            with contextlib.suppress(OSError):
                old = time.time() - path.lstat().st_mtime >= older_s
                if old and not (match["pid"] and started_at(int(match["pid"][:9]))):
                    yield path


def _spent_sums(folder: Path) -> Iterator[Path]:
    """Yield sums of files that are tables now; those that part a file still live stay."""
    found = RunPaths(folder).parts("metrics", "jsonl", "parquet", "sums")
    found += RunPaths(folder).parts("system", "jsonl", "parquet", "sums")
    names = {name for name, _ in found}
    live = {(name.kind, name.rank, name.segment) for name in names if name.ext == "jsonl"}
    for name, path in found:
        if (
            name.ext == "sums"
            and name.with_ext("parquet") in names
            and (name.kind, name.rank, name.segment) not in live
        ):
            yield path


def _remove(
    folder: Path, run_id: str, path: Path, why: str, files: Files, *, dry_run: bool
) -> Deed:
    name = path.relative_to(folder).as_posix()
    try:
        is_folder = path.is_dir() and not path.is_symlink()
        freed = sum(usage(path).values()) if is_folder else path.lstat().st_size
        if not dry_run:
            shutil.rmtree(path) if is_folder else files.unlink(path)
    except OSError as error:
        return Deed("kept", run_id, name, why=str(error.strerror or error))
    return Deed("removed", run_id, name, freed, why)


def _empty(path: Path, *, dry_run: bool) -> Deed:
    try:
        freed = sum(usage(path).values())
        if not dry_run:
            trash.empty(path)
    except OSError as error:
        return Deed("kept", path.name, ".trash", why=str(error.strerror or error))
    return Deed("emptied", path.name, ".trash", freed)
