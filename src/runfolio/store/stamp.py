"""Telling whether a run's manifest or edits changed, without reading them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

from runfolio.format.layout import RunPaths

__all__ = ["Stamp", "stamp_of"]

Stamp: TypeAlias = tuple[int, ...]
"""Inodes, times and sizes; equal as long as nothing was written."""


def stamp_of(folder: Path) -> Stamp | None:
    """Return the stamp of a run directory, or ``None`` where there is no manifest.

    A file put back with its old date still differs in its change time, which nobody can set.
    """
    paths = RunPaths(folder)
    try:
        manifest = os.lstat(paths.manifest)
    except OSError:
        return None
    # The folder's own time stays out: a new file in it is no change of the record.
    seen = [manifest.st_ino, manifest.st_mtime_ns, manifest.st_ctime_ns, manifest.st_size]
    try:
        edits = os.lstat(paths.edits)
    except OSError:
        return tuple(seen)
    return (*seen, edits.st_ino, edits.st_mtime_ns, edits.st_ctime_ns)
