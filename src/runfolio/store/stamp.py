"""Telling whether a run's manifests or edits changed, without reading them."""

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
        # A manifest beside it, of another rank or of a process that joined, was put there.
        around = os.lstat(folder)
    except OSError:
        return None
    seen = [manifest.st_ino, manifest.st_mtime_ns, manifest.st_ctime_ns, manifest.st_size,
            around.st_mtime_ns]  # fmt: skip
    try:
        edits = os.lstat(paths.edits)
    except OSError:
        return tuple(seen)
    return (*seen, edits.st_ino, edits.st_mtime_ns, edits.st_ctime_ns)
