"""Telling whether a run's manifests or edits changed, without reading them."""

from __future__ import annotations

import contextlib
import os
import struct
import time
from typing import Final, TypeAlias

__all__ = ["Stamp", "clock_ns", "date_of", "is_lasting", "stamp_of"]

Stamp: TypeAlias = bytes
"""Inodes, times and sizes; equal as long as nothing was written."""

_TICK_NS: Final = 20_000_000
"""The clock of a file system stands still between two ticks: two writes may bear one time."""

_BEHIND_NS: Final = 2_000_000_000

_COARSE: Final = 5  # CLOCK_REALTIME_COARSE, for which Python has no name

# Of the manifest inode, dates and size; the dates of the folder; inode and dates of edits.
_RUN: Final = struct.Struct("=Qqqqqq")
_EDITS: Final = struct.Struct("=Qqq")


def stamp_of(folder: str | os.PathLike[str], before: Stamp | None = None) -> Stamp | None:
    """Return the stamp of a run directory, or ``None`` where there is no manifest.

    A file put back with its old date still differs in its change time, which nobody can set.

    Parameters
    ----------
    before : bytes, optional
        A stamp it had: while its folder is as it was then, what it lacked is not looked for.
    """
    # Joined as text: this is done for every run of a store at each look.
    where = os.fspath(folder)
    try:
        manifest = os.lstat(f"{where}/run.json")
        # A manifest beside it, of another rank or of a process that joined, was put there.
        around = os.lstat(where)
        seen = _RUN.pack(
            manifest.st_ino, manifest.st_mtime_ns, manifest.st_ctime_ns, manifest.st_size,
            around.st_mtime_ns, around.st_ctime_ns,
        )  # fmt: skip
    except (OSError, struct.error):  # a date that no clock of ours will show
        return None
    if seen == before:
        return before
    try:
        edits = os.lstat(f"{where}/edits")
    except OSError:
        return seen
    try:
        return seen + _EDITS.pack(edits.st_ino, edits.st_mtime_ns, edits.st_ctime_ns)
    except struct.error:
        return None


def date_of(stamp: Stamp) -> int:
    """Return when the manifest was written, in nanoseconds."""
    return int(_RUN.unpack_from(stamp)[1])


def clock_ns() -> int:
    """Return the time as a file would bear it that is written now, or one before it."""
    now_ns = time.time_ns()
    with contextlib.suppress(AttributeError, OSError):  # only Linux has it
        # The clock of its file systems, which a busy machine may leave behind the true time.
        now_ns = min(now_ns, time.clock_gettime_ns(_COARSE))
    return now_ns


def is_lasting(stamp: Stamp, then_ns: int) -> bool:
    """Return whether what was read at a time cannot be written again under the same stamp.

    Parameters
    ----------
    then_ns : int
        `clock_ns` after the stamp was taken, before the files were read.

    Notes
    -----
    It can where the last write is so fresh that the next one may bear the same date; a date far
    in the future, of a server whose clock is ahead, is not waited for. And it can where folders
    keep their first date, as some drives of the cloud have it: a manifest is put into its
    folder, which is then no older.
    """
    _, written_ns, changed_ns, _, *folder_ns = _RUN.unpack_from(stamp)
    edited_ns = _EDITS.unpack_from(stamp, _RUN.size)[1:] if len(stamp) > _RUN.size else ()
    is_hot = any(abs(then_ns - ns) < _TICK_NS for ns in (changed_ns, *folder_ns, *edited_ns))
    return not is_hot and bool(written_ns - folder_ns[0] < _BEHIND_NS)
