"""Who is writing a run, and whether they still are: segments, heartbeats, signs of life."""

from __future__ import annotations

import contextlib
import functools
import getpass
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.disk import SystemClock, no_stream, read_small
from runfolio.format.layout import PartName, RunPaths
from runfolio.model.ports import Files
from runfolio.model.run import Status

__all__ = [
    "HEARTBEAT_S",
    "Heartbeat",
    "claim_segment",
    "heartbeats",
    "judge",
    "last_heartbeat_ms",
    "this_process",
]

HEARTBEAT_S: Final = 2.0
"""The writer says this often that it is there."""

SILENT_AFTER_S: Final = 300.0
"""A run on another machine that was not heard of for so long is ``silent``."""

SKEW_S: Final = 3600.0
"""A time this far in the future is another machine's wrong clock, not a sign of life."""


class Heartbeat:
    """The file in which a writer says that it is there.

    Its content is the time, not its modification date: a copied folder keeps the truth.
    """

    def __init__(self, path: Path, fd: int) -> None:
        self._path = path
        self._fd = fd

    def beat(self, now_ms: int) -> None:
        """Write the time over the last one; a fixed width makes that one atomic call."""
        with contextlib.suppress(OSError):
            os.pwrite(self._fd, b"%013d\n" % now_ms, 0)

    def lies_where_it_began(self) -> bool:
        """Return whether the folder still holds this file, and is no link to another one.

        Where the file was removed from the folder, or is closed, nothing speaks against it.
        """
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._fd))
        except OSError:
            return not self._path.parent.is_symlink()

    def close(self) -> None:
        """Close the descriptor; the last time stays."""
        # First: its number may be a file of the user's the moment it is closed.
        fd, self._fd = self._fd, -1
        with contextlib.suppress(OSError):
            os.close(fd)


def claim_segment(folder: Path, files: Files, *, rank: int = 0) -> tuple[int, Heartbeat]:
    """Take the next free segment of a run for this process.

    The exclusive creation of the heartbeat file is the claim: of two processes that resume at
    once each gets a number of its own, on a network file system too.

    Returns
    -------
    tuple of int and Heartbeat
        The segment, from 1.
    """
    taken = [
        name.segment for name, _ in RunPaths(folder).parts("heartbeat", "") if name.rank == rank
    ]
    segment = max(taken, default=0)
    while True:
        segment += 1
        path = folder / PartName("heartbeat", rank, segment, ext="").filename
        try:
            os.close(files.create(path))
        except FileExistsError:
            continue
        # Appending descriptors ignore the offset of pwrite; the heartbeat is written in place.
        fd = os.open(path, os.O_WRONLY | getattr(os, "O_CLOEXEC", 0))
        return segment, Heartbeat(path, no_stream(fd))


def heartbeats(folder: Path) -> dict[tuple[int, int], int | None]:
    """Return ``(rank, segment)`` → the time that writer left last, in ms UTC.

    ``None`` stands for one that has claimed its segment and not yet said anything.
    """
    found: dict[tuple[int, int], int | None] = {}
    for name, path in RunPaths(folder).parts("heartbeat", ""):
        found[name.rank, name.segment] = None
        with contextlib.suppress(OSError, CorruptRecord, ValueError):
            found[name.rank, name.segment] = int(read_small(path, 64))
    return found


def last_heartbeat_ms(folder: Path) -> int | None:
    """Return the newest time any writer of the run left, in ms UTC."""
    return max((ms for ms in heartbeats(folder).values() if ms is not None), default=None)


@functools.cache
def _identity(pid: int) -> Mapping[str, Any]:
    user = None
    with contextlib.suppress(OSError, KeyError, ImportError):
        user = getpass.getuser()
    return {
        "host": socket.gethostname(),
        "boot_id": _boot_id(),
        "pid_namespace": _namespace(),
        "user": user,
        "pid": pid,
        "pid_started_at": started_at(pid),
    }


def this_process() -> Mapping[str, Any]:
    """Return what identifies this process for later readers: host, boot, pid, start."""
    return _identity(os.getpid())


def _boot_id() -> str | None:
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    import psutil

    return f"boot-{round(psutil.boot_time())}"


def _namespace() -> str | None:
    with contextlib.suppress(OSError, AttributeError):
        return str(Path("/proc/self/ns/pid").readlink())
    return None


def started_at(pid: int) -> str | None:
    """Return when a process was started, as text that is only good for comparing.

    ``None``: there is no such process (a zombie counts as gone).
    """
    proc = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        with contextlib.suppress(OSError, IndexError):
            # The command may hold spaces and brackets: fields count from behind the last one.
            fields = proc.read_text("utf-8", "replace").rpartition(")")[2].split()
            return None if fields[0] in "ZX" else fields[19]
        return None
    import psutil

    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return f"{process.create_time():.0f}"
    return None


def judge(
    manifest: Mapping[str, Any], heartbeat_ms: int | None, now_ms: int | None = None
) -> tuple[Status, str]:
    """Return how a run that calls itself running stands, and why.

    Parameters
    ----------
    manifest : mapping
        ``host``, ``boot_id``, ``pid_namespace``, ``pid``, ``pid_started_at`` are looked at.
    heartbeat_ms : int or None
        The newest heartbeat.

    Returns
    -------
    tuple of Status and str
        ``running``, ``crashed`` (this boot, the process is gone) or ``silent`` (from
        elsewhere, not heard of for five minutes).
    """
    mine = this_process()
    pid = manifest.get("pid")
    here = all(manifest.get(key) == mine[key] for key in ("host", "boot_id", "pid_namespace"))
    if here and isinstance(pid, int) and not isinstance(pid, bool):
        started = started_at(pid)
        if started is not None and started == manifest.get("pid_started_at"):
            return Status.RUNNING, ""
        return Status.CRASHED, "process gone"
    now_ms = SystemClock().time_ns() // 1_000_000 if now_ms is None else now_ms
    age_s = None if heartbeat_ms is None else (now_ms - heartbeat_ms) / 1000
    if age_s is not None and -SKEW_S < age_s < SILENT_AFTER_S:
        return Status.RUNNING, ""
    # Only now: two machines may bear one name.
    if manifest.get("host") == mine["host"] and manifest.get("boot_id") not in (
        None,
        mine["boot_id"],
    ):
        return Status.CRASHED, "machine restarted"
    if age_s is None or age_s < 0:
        return Status.SILENT, "no sign of life that this clock can place"
    return Status.SILENT, f"not heard of for {age_s / 60:.0f} min"
