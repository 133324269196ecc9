"""Turning what a run left live into finished tables, by somebody who is not its writer.

A killed run, and one written where pyarrow is missing, leaves ``.jsonl`` files. Whoever comes by
may convert them, part by part and one process at a time, once nobody can be writing them any
more. Nothing that a reader finds in the run changes by it.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.cells import cells_notebook, executed_cells
from runfolio.format.claim import claim, fault_of
from runfolio.format.disk import SystemClock
from runfolio.format.finished import convert_part
from runfolio.format.layout import PartName, RunPaths
from runfolio.format.lease import heartbeats, judge
from runfolio.format.lines import Part, live_parts
from runfolio.format.manifest import put_back, read_manifest
from runfolio.format.seal import reseal
from runfolio.format.series import live_points
from runfolio.format.summaries import summary_from_json
from runfolio.format.tail import keep_tail
from runfolio.format.writers import WriterManifest, metrics_upto, other_writers
from runfolio.model.ports import Files
from runfolio.model.run import Status

__all__ = ["Conversion", "Converted", "convert_run", "convertible", "is_waiting", "nobody_writes"]

KINDS: Final = ("metrics", "system")

SETTLED_S: Final = 60.0
"""A run that ended is left to its writer, which may be converting it itself, for so long."""

UNKNOWN_S: Final = 3600.0
"""A writer of which nothing but a heartbeat is left counts as gone after so long."""

_TRIES: Final = 8

ABANDONED_S: Final = 7 * 86_400.0
"""A run of another machine that was not heard of for so long may be converted when asked for."""


@dataclass(frozen=True, slots=True)
class Converted:
    """One part that is a finished table now.

    Attributes
    ----------
    file : str
        The table's name.
    rows : int
    live_bytes, table_bytes : int
        What it took before and takes now.
    """

    file: str
    rows: int
    live_bytes: int
    table_bytes: int


@dataclass(slots=True)
class Conversion:
    """What was done to one run.

    Attributes
    ----------
    converted : list of Converted
    kept : list of (str, str)
        Live files that could not be converted, and why; they are as they were.
    cells : bool
        Whether ``code/cells.ipynb`` was made.
    """

    converted: list[Converted] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)
    cells: bool = False


class _Writers:
    """Who writes a run, and whether they are still there."""

    def __init__(self, folder: Path) -> None:
        self._others, _ = other_writers(folder)
        self._beats = heartbeats(folder)
        self._now_ms = SystemClock().time_ns() // 1_000_000
        try:
            body = read_manifest(folder)
            put_back(folder, body, [])
            self._owner = WriterManifest.of(body)
        except CorruptRecord:
            self._owner = WriterManifest(0, 0, {})

    @property
    def upto(self) -> dict[str, int]:
        """Live file → how far any manifest has counted."""
        return metrics_upto((self._owner, *self._others))

    def counting(self, name: PartName) -> WriterManifest:
        """Return the manifest whose figures hold a file's points."""
        return next((one for one in self._others if one.wrote(name)), self._owner)

    def counted_apart(self, name: PartName) -> bool:
        """Return whether a file belongs to a manifest beside ``run.json``."""
        return any(one.wrote(name) for one in self._others)

    def are_gone(self, name: PartName, *, abandoned: bool) -> bool:
        """Return whether the writer of a file is gone for good."""
        writer = self.counting(name)
        beat = self._beats.get((name.rank, name.segment))
        age_s = float("inf") if beat is None else abs(self._now_ms - beat) / 1000
        if not writer.wrote(name):
            return age_s >= UNKNOWN_S
        status, _ = judge(writer.body, beat, self._now_ms)
        if status is Status.CRASHED:
            return True
        if not writer.is_running:
            return age_s >= SETTLED_S
        return abandoned and status is Status.SILENT and ABANDONED_S <= age_s < float("inf")

    def all_gone(self) -> bool:
        """Return whether no writer of the run is left."""
        return all(
            self.are_gone(PartName("heartbeat", one.rank, one.segment), abandoned=False)
            for one in (self._owner, *self._others)
        )


def nobody_writes(folder: Path) -> bool:
    """Return whether every writer of a run has ended or is known to be gone."""
    return _Writers(folder).all_gone()


def convertible(folder: Path, *, abandoned: bool = False) -> list[Part]:
    """Return the live parts of a run that nobody writes any more, in order.

    Parameters
    ----------
    abandoned : bool
        Also those of a writer on another machine that was not heard of for a week. It can come
        back only from a sleep of that length, and would then write into a file that is gone.
    """
    parts = [part for kind in KINDS for part in live_parts(folder, kind)]
    if not parts:
        return []
    writers = _Writers(folder)
    return [
        part
        for part in parts
        if writers.are_gone(part.name, abandoned=abandoned) and not _is_open(part.path)
    ]


def is_waiting(folder: Path) -> bool:
    """Return whether a run has live parts to be converted; those known to be damaged do not count."""
    return any(not fault_of(folder, f"convert.{part.path.name}") for part in convertible(folder))


def convert_run(
    folder: Path, files: Files, *, abandoned: bool = False, again: bool = True
) -> Conversion:
    """Convert every live part of a run whose writer is gone.

    Parameters
    ----------
    abandoned : bool
        As `convertible` takes it.
    again : bool
        Whether to try a part that was found damaged before.

    Returns
    -------
    Conversion
        A part that is damaged, or for which the disk has no room, is kept live and named.
    """
    done = Conversion()
    blocked: set[tuple[str, int, int]] = set()
    for part in convertible(folder, abandoned=abandoned):
        writer = (part.name.kind, part.name.rank, part.name.segment)
        work = f"convert.{part.path.name}"
        if writer in blocked or (not again and fault_of(folder, work)):
            continue
        why, fault = _convert_alone(folder, part, work, files, done)
        if why:
            done.kept.append((part.path.name, why))
            if not fault:
                break  # the disk refuses: what follows would be refused, too
            if part.limit is not None:
                # The next part says from where on this one does not count, while it is live.
                blocked.add(writer)
    _make_cells(folder, files, done)
    _reseal(folder, files, done)
    return done


def _convert_alone(
    folder: Path, part: Part, work: str, files: Files, done: Conversion
) -> tuple[str, bool]:
    """Convert one part unless another process does; return as `_convert`."""
    try:
        held = claim(folder, work, files)
        if held is None:
            return "", False
        why, fault = _convert(folder, part, files, done)
        if fault:
            held.keep_fault(why)
        else:
            held.release()
    except OSError as error:
        return _refusal(error), False
    return why, fault


def _convert(folder: Path, part: Part, files: Files, done: Conversion) -> tuple[str, bool]:
    """Convert one part; return why it could not be, and whether the fault lies in the part."""
    try:
        live_bytes = part.path.stat().st_size
        _keep_figures(folder, part, files)
        rows = convert_part(part, files, first_row=_first_row(folder, part))
        table = part.path.with_name(part.name.with_ext("parquet").filename)
        done.converted.append(Converted(table.name, rows, live_bytes, table.stat().st_size))
    except FileNotFoundError:
        return "", False  # another process was faster
    except CorruptRecord as error:
        return str(error), True
    except OSError as error:
        return _refusal(error), False
    return "", False


def _refusal(error: OSError) -> str:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return "the disk is full" if full else str(error.strerror or error)


def _keep_figures(folder: Path, part: Part, files: Files) -> None:
    """Keep what no manifest has counted: once the lines are gone, nobody can count it."""
    if part.name.kind != "metrics":
        return
    writers = _Writers(folder)
    writer = writers.counting(part.name)
    found = writer.body.get("metrics")
    metrics = {
        key: summary_from_json(one)
        for key, one in (found.items() if isinstance(found, Mapping) else ())
        if isinstance(one, Mapping)
    }

    def of(name: PartName) -> bool:
        if writers.counted_apart(part.name):
            return writer.wrote(name)
        return not writers.counted_apart(name)

    keep_tail(folder, part, metrics, writers.upto, files, of=of)


def _first_row(folder: Path, part: Part) -> int:
    """Return the number of a part's first row: how many the writer's earlier parts hold."""
    for _ in range(_TRIES):
        # Another process may convert one of those meanwhile: then it is looked at again.
        with contextlib.suppress(FileNotFoundError):
            return _rows_before(folder, part.name)
    return _rows_before(folder, part.name)


def _rows_before(folder: Path, name: PartName) -> int:
    rows = 0
    live = {one.name: one for one in live_parts(folder, name.kind)}
    finished = {
        one.with_ext("jsonl"): path for one, path in RunPaths(folder).parts(name.kind, "parquet")
    }
    for one in sorted(live.keys() | finished.keys()):
        if (one.rank, one.segment) == (name.rank, name.segment) and one.part < name.part:
            if one in live:
                rows += live_points(live[one])[1]
            else:
                rows = max(rows, _last_row(finished[one]) + 1)
    return rows


def _last_row(path: Path) -> int:
    """Return the largest row number of a table, as its footer tells it; -1 for an empty one."""
    from runfolio.format.parquet import COLUMNS, open_table

    meta: Any = open_table(path).metadata
    groups = [meta.row_group(n) for n in range(meta.num_row_groups)]
    stats = [group.column(COLUMNS.index("seq")).statistics for group in groups]
    return max((one.max for one in stats if one is not None and one.has_min_max), default=-1)


def _make_cells(folder: Path, files: Files, done: Conversion) -> None:
    """Make the notebook of executed cells, as the run itself does at its end."""
    target = RunPaths(folder).code / "cells.ipynb"
    if not done.converted or target.exists() or not nobody_writes(folder):
        return
    with contextlib.suppress(OSError):
        cells = executed_cells(folder)
        if cells and not target.parent.is_symlink():
            target.parent.mkdir(exist_ok=True)
            files.replace(target, cells_notebook(cells))
            done.cells = True


def _reseal(folder: Path, files: Files, done: Conversion) -> None:
    with contextlib.suppress(OSError, CorruptRecord):
        tables = [one.file for one in done.converted]
        gone = {name for table in tables for name in _live_names(table)}
        if tables:
            reseal(folder, files, gone=gone, new=tables)


def _live_names(table: str) -> Iterator[str]:
    name = PartName.parse(table)
    if name is not None:
        yield from (name.with_ext(ending).filename for ending in ("jsonl", "sums"))


def _is_open(path: Path) -> bool:
    """Return whether a process of this machine has a file open for writing, where that can be told.

    Also one that is stopped, or that lives in a container of its own: Linux gives no read lease
    on a file that somebody may write to.
    """
    try:
        import fcntl

        lease, signal_of, urgent = fcntl.F_SETLEASE, fcntl.F_SETSIG, 23
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (ImportError, AttributeError, OSError):
        return False
    try:
        # If somebody opened the file right now, the default signal would end this process.
        fcntl.fcntl(fd, signal_of, urgent)
        fcntl.fcntl(fd, lease, fcntl.F_RDLCK)
        fcntl.fcntl(fd, lease, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(fd)
    return False
