"""What this process and all that it started use together: processor, memory, disk."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    import psutil

__all__ = ["ProcessTree", "Usage"]

_PROC: Final = "/proc"
# Places in /proc/<pid>/stat behind the program's name, which may hold anything.
_PARENT, _TIMES, _RESIDENT = 1, slice(11, 15), 21


class Usage(NamedTuple):
    """What a process tree uses.

    Attributes
    ----------
    memory_bytes : int
        Resident memory of all; pages that several of them share count for each.
    cpu_s : float or None
        Processor time since the look before; ``None`` at the first one.
    read_bytes, written_bytes : int or None
        What storage moved for it since the look before; ``None`` where the system does not tell.
    """

    memory_bytes: int
    cpu_s: float | None
    read_bytes: int | None
    written_bytes: int | None


@dataclass(frozen=True, slots=True)
class _Process:
    """Counters of one process, each since it began."""

    parent: int
    memory_bytes: int
    cpu_s: float
    read_bytes: int | None
    written_bytes: int | None


class _Source(Protocol):
    """Where the processes of a tree are read.

    Attributes
    ----------
    inherits : bool
        Whether the counters of a process take up those of its children when they end.
    """

    inherits: bool

    def processes(self) -> dict[int, _Process]:
        """Return those there are now; the first of them is always among them."""
        ...


class ProcessTree:
    """The own process and its descendants, looked at again and again.

    Parameters
    ----------
    through_psutil : bool
        Whether psutil is asked even where there is ``/proc``; that takes several times as long.

    Raises
    ------
    ImportError
        It is needed here and missing.
    """

    def __init__(self, *, through_psutil: bool = False) -> None:
        self._root = os.getpid()
        through_psutil = through_psutil or sys.platform != "linux"
        self._source: _Source = _Psutil(self._root) if through_psutil else _Proc(self._root)
        self._before: Mapping[int, _Process] | None = None

    def look(self) -> Usage:
        """Return what the tree uses by now.

        Raises
        ------
        OSError
            This process itself cannot be read.
        """
        now, before = self._source.processes(), self._before
        self._before = now
        memory = sum(one.memory_bytes for one in now.values())
        if before is None:
            return Usage(memory, None, None, None)
        kept = [one for pid, one in before.items() if self._still_counts(pid, before, now)]
        # An orphan that ends takes its counters along: that is no negative use.
        cpu_s = sum(one.cpu_s for one in now.values()) - sum(one.cpu_s for one in kept)
        if now[self._root].read_bytes is None:
            return Usage(memory, max(0.0, cpu_s), None, None)
        read = _total(one.read_bytes for one in now.values())
        written = _total(one.written_bytes for one in now.values())
        read -= _total(one.read_bytes for one in kept)
        written -= _total(one.written_bytes for one in kept)
        return Usage(memory, max(0.0, cpu_s), max(0, read), max(0, written))

    def _still_counts(
        self, pid: int, before: Mapping[int, _Process], now: Mapping[int, _Process]
    ) -> bool:
        """Return whether the counters of now hold what a process had used by then."""
        for _ in before:
            if pid in now:
                return True
            if pid not in before or not self._source.inherits:
                return False
            pid = before[pid].parent  # who waited for it has its counters now
        return False


def _total(counts: Iterable[int | None]) -> int:
    return sum(count or 0 for count in counts)


class _Proc:
    """Linux: read from ``/proc``, where of foreign processes only new ones are looked at.

    psutil asks for the parent of every process of the machine each time, and in three files for
    what one of them tells: with 50 children that is four times the processor time allowed.

    Parameters
    ----------
    root : int
        The process whose tree it is.
    """

    inherits = True

    def __init__(self, root: int) -> None:
        self._root = root
        self._members = {root}
        self._foreign: set[int] = set()
        self._tick_s = 1.0 / os.sysconf("SC_CLK_TCK")
        self._page = os.sysconf("SC_PAGE_SIZE")

    def processes(self) -> dict[int, _Process]:
        """Return those there are now; an orphan stays one of them."""
        found = {self._root: self._read(self._root)}
        self._look_for_new_ones()
        for pid in self._members - {self._root}:
            with contextlib.suppress(OSError, ValueError, IndexError):  # it has just ended
                found[pid] = self._read(pid)
        self._members = set(found)
        return found

    def _look_for_new_ones(self) -> None:
        there = {int(name) for name in os.listdir(_PROC) if name.isdigit()}  # noqa: PTH208 - faster
        parents: dict[int, int] = {}
        for pid in there - self._members - self._foreign:
            with contextlib.suppress(OSError, ValueError, IndexError):
                parents[pid] = int(_stat(pid)[_PARENT])
        ours = self._members
        while found := {pid for pid, parent in parents.items() if parent in ours}:
            ours = found
            self._members |= found
            for pid in found:
                del parents[pid]
        # A number that was given to another process is looked at anew.
        self._foreign = (self._foreign & there) | parents.keys()

    def _read(self, pid: int) -> _Process:
        stat = _stat(pid)
        read, written = _moved(pid)
        return _Process(
            int(stat[_PARENT]),
            int(stat[_RESIDENT]) * self._page,
            sum(map(int, stat[_TIMES])) * self._tick_s,
            read,
            written,
        )


def _stat(pid: int) -> list[bytes]:
    content = _content(f"{_PROC}/{pid}/stat")
    return content[content.rindex(b")") + 2 :].split()


def _moved(pid: int) -> tuple[int | None, int | None]:
    """Return bytes read from and written to storage; that of another user's is not told."""
    try:
        told = dict(line.split(b": ") for line in _content(f"{_PROC}/{pid}/io").splitlines())
        return int(told[b"read_bytes"]), int(told[b"write_bytes"])
    except (OSError, ValueError, LookupError):
        return None, None


def _content(path: str) -> bytes:
    # Three calls of the system; a file object takes more of them, and twice the time.
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(fd, 4096)
    finally:
        os.close(fd)


class _Psutil:
    """Other systems: read by psutil.

    Parameters
    ----------
    root : int
        The process whose tree it is.
    """

    inherits = False

    def __init__(self, root: int) -> None:
        import psutil

        self._psutil = psutil
        self._root = psutil.Process(root)

    def processes(self) -> dict[int, _Process]:
        """Return those there are now."""
        psutil, found = self._psutil, dict[int, _Process]()
        for process in (self._root, *self._root.children(recursive=True)):
            try:
                found[process.pid] = self._read(process)
            except psutil.Error as error:
                if process is self._root:
                    raise OSError(str(error)) from error
        return found

    def _read(self, process: psutil.Process) -> _Process:
        with process.oneshot():
            times, moved = process.cpu_times(), None
            # macOS does not tell what a process reads and writes.
            with contextlib.suppress(self._psutil.Error, AttributeError, OSError):
                moved = process.io_counters()
            return _Process(
                process.ppid(),
                process.memory_info().rss,
                times.user + times.system,
                moved.read_bytes if moved else None,
                moved.write_bytes if moved else None,
            )
