"""Telling whether a run's manifests or edits changed, without reading them."""

from __future__ import annotations

import contextlib
import os
import time
from typing import Final, TypeAlias

__all__ = ["Stamp", "clock_ns", "is_hot", "stamp_of"]

Stamp: TypeAlias = tuple[int, ...]
"""Inodes, times and sizes; equal as long as nothing was written."""


_TICK_NS: Final = 20_000_000
"""The clock of a file system stands still between two ticks: two writes may bear one time."""

_COARSE: Final = 5  # CLOCK_REALTIME_COARSE, for which Python has no name


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


def clock_ns() -> int:
    """Return the time as a file would bear it that is written now, or one before it."""
    now_ns = time.time_ns()
    with contextlib.suppress(AttributeError, OSError):  # only Linux has it
        # The clock of its file systems, which a busy machine may leave behind the true time.
        now_ns = min(now_ns, time.clock_gettime_ns(_COARSE))
    return now_ns


def is_hot(stamp: Stamp, then_ns: int) -> bool:
    """Return whether what was read at a time may have been written again with the same stamp.

    Parameters
    ----------
    then_ns : int
        `clock_ns` after the stamp was taken, before the files were read.

    Notes
    -----
    A time far in the future, of a server whose clock is ahead, is not waited for.
    """
    return any(abs(then_ns - ns) < _TICK_NS for ns in (stamp[2], stamp[4], *stamp[7:]))
