"""Telling whether a run's manifests or edits changed, without reading them."""

from __future__ import annotations

import os
from typing import Final, TypeAlias

__all__ = ["Stamp", "is_hot", "stamp_of"]

Stamp: TypeAlias = tuple[int, ...]
"""Inodes, times and sizes; equal as long as nothing was written."""


_TICK_NS: Final = 20_000_000
"""The clock of a file system stands still between two ticks: two writes may bear one time."""


def stamp_of(folder: str | os.PathLike[str]) -> Stamp | None:
    """Return the stamp of a run directory, or ``None`` where there is no manifest.

    A file put back with its old date still differs in its change time, which nobody can set.
    """
    # Joined as text: this is done for every run of a store at each look.
    where = os.fspath(folder)
    try:
        manifest = os.lstat(f"{where}/run.json")
        # A manifest beside it, of another rank or of a process that joined, was put there.
        around = os.lstat(where)
    except OSError:
        return None
    seen = (manifest.st_ino, manifest.st_mtime_ns, manifest.st_ctime_ns, manifest.st_size,
            around.st_mtime_ns)  # fmt: skip
    try:
        edits = os.lstat(f"{where}/edits")
    except OSError:
        return seen
    return (*seen, edits.st_ino, edits.st_mtime_ns, edits.st_ctime_ns)


def is_hot(stamp: Stamp, now_ns: int) -> bool:
    """Return whether what was written may be written again with the same stamp.

    A time in the future is not waited for.
    """
    return any(0 <= now_ns - ns < _TICK_NS for ns in (stamp[2], stamp[4], *stamp[7:]))
