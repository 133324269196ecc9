"""Reading one run: what it holds by now, while it is written or long after."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, TypeVar

from runfolio.errors import CorruptRecord
from runfolio.format.cells import cells_from
from runfolio.format.codec import loads
from runfolio.format.layout import PartName, RunPaths
from runfolio.format.lines import live_parts
from runfolio.format.manifest import read_record
from runfolio.format.series import resolve
from runfolio.model.context import CellExecution
from runfolio.model.run import RunRecord, Status
from runfolio.model.series import Points, Series
from runfolio.model.vocabulary import Vocabulary
from runfolio.store.points import FinishedPart, LivePart
from runfolio.store.stamp import Stamp, stamp_of
from runfolio.store.tail import LineTail
from runfolio.store.words import in_words, logged_names, named, project_words

__all__ = ["RunReader"]

_TRIES = 8
Answer = TypeVar("Answer")


class RunReader:
    """What reads one run directory again and again; each time only what is new.

    Use it from one thread at a time.

    Parameters
    ----------
    path : Path
        The run directory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._record: tuple[Stamp | None, RunRecord] | None = None
        self._kinds: dict[str, _Kind] = {}
        self._events: dict[PartName, tuple[LineTail, list[dict[str, Any]]]] = {}

    def __repr__(self) -> str:
        return f"RunReader({str(self.path)!r})"

    @property
    def record(self) -> RunRecord:
        """The run as its manifest and edits tell it by now, metrics by the project's names.

        Raises
        ------
        RunNotFound
            The folder is gone.
        """
        return in_words(self._read_record(), project_words(self.path.parent))

    def _read_record(self) -> RunRecord:
        stamp = stamp_of(self.path)
        if self._record is not None and stamp is not None:
            before, record = self._record
            # A crash is found from the log, which a stamp does not cover.
            settled = record.status.ended and not record.unsettled
            if before == stamp and settled and record.status is not Status.CRASHED:
                return record
        record = read_record(self.path)
        self._record = stamp, record
        return record

    def keys(self, kind: str = "metrics") -> list[str]:
        """Return the names of the metrics, sorted.

        Parameters
        ----------
        kind : str
            ``metrics`` or ``system``.
        """
        found = self._logged(kind)
        renamed = project_words(self.path.parent).renamed(found) if kind == "metrics" else {}
        return sorted(renamed.get(key, key) for key in found) if renamed else found

    def series(
        self, keys: Collection[str] | None = None, kind: str = "metrics"
    ) -> dict[str, Series]:
        """Return the points by metric, sorted by name: one value per step, the one logged last.

        Parameters
        ----------
        keys : collection of str, optional
            Only these; names that the run does not have are left out.
        kind : str
            ``metrics`` or ``system``.

        Raises
        ------
        CorruptRecord
            A finished table cannot be read, and its live file is gone.
        """
        words = project_words(self.path.parent) if kind == "metrics" else Vocabulary()
        if not words.aliases:
            return self._followed(lambda: self._kind(kind).series(keys))
        wanted, renamed = logged_names(self._logged(kind), keys, words)
        return named(self._followed(lambda: self._kind(kind).series(wanted)), renamed)

    def _logged(self, kind: str) -> list[str]:
        return self._followed(lambda: self._kind(kind).keys())

    def events(self) -> list[dict[str, Any]]:
        """Return everything that happened and is not a number, in order of writer, then of time.

        A damaged line is passed over; ``check`` names it.
        """
        return self._followed(self._read_events)

    def cells(self) -> list[CellExecution]:
        """Return the notebook cells that ran, in order; empty outside a notebook."""
        return cells_from(self.events())

    def _kind(self, kind: str) -> _Kind:
        return self._kinds.setdefault(kind, _Kind(self.path, kind))

    def _followed(self, read: Callable[[], Answer]) -> Answer:
        # Whoever finishes the run swaps a live file for its Parquet meanwhile: then look again.
        for _ in range(_TRIES):
            with contextlib.suppress(FileNotFoundError):
                return read()
        return read()

    def _read_events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for part in live_parts(self.path, "events"):
            if part.name not in self._events:
                kept: list[dict[str, Any]] = []
                self._events[part.name] = LineTail(kept.clear), kept
            tail, kept = self._events[part.name]
            for line in tail.read(part):
                with contextlib.suppress(CorruptRecord):
                    event = loads(line, part.path.name)
                    if isinstance(event, dict):
                        kept.append(event)
            found += kept
        return found


class _Kind:
    """The points of one kind, part by part: finished tables and live files."""

    def __init__(self, path: Path, kind: str) -> None:
        self._path = path
        self._kind = kind
        self._live: dict[PartName, LivePart] = {}
        self._finished: dict[PartName, FinishedPart] = {}
        self._resolved: dict[str, tuple[int, Series]] = {}

    def keys(self) -> list[str]:
        """Return the names of the metrics, sorted."""
        return sorted(set().union(*(part.names for part in self._parts())))

    def series(self, keys: Collection[str] | None) -> dict[str, Series]:
        """Return the points by metric, resolved."""
        pieces: dict[str, list[Points]] = {}
        for part in self._parts():
            for key, points in part.points(keys).items():
                pieces.setdefault(key, []).extend(points)
        return {key: self._one(key, pieces[key]) for key in sorted(pieces)}

    def _one(self, key: str, pieces: list[Points]) -> Series:
        # Parts only grow, or start again with their own number of points.
        logged = sum(map(len, pieces))
        before = self._resolved.get(key)
        if before is not None and before[0] == logged:
            return before[1]
        series = resolve(key, pieces)
        self._resolved[key] = logged, series
        return series

    def _parts(self) -> Iterable[LivePart | FinishedPart]:
        # In this order: whoever converts a part makes the Parquet before the live file goes.
        live = {part.name: part for part in live_parts(self._path, self._kind)}
        finished = {
            name.with_ext("jsonl"): path
            for name, path in RunPaths(self._path).parts(self._kind, "parquet")
        }
        rows: dict[tuple[int, int], int] = {}
        found: list[LivePart | FinishedPart] = []
        for name in sorted(live.keys() | finished.keys()):
            if name in finished and self._take_finished(
                name, finished[name], has_live=name in live
            ):
                found.append(self._finished[name])
                continue
            writer = (name.rank, name.segment)
            part = self._live.setdefault(name, LivePart(rows.get(writer, 0), self._resolved.clear))
            part.follow(live[name])
            rows[writer] = rows.get(writer, 0) + part.rows
            found.append(part)
        return found

    def _take_finished(self, name: PartName, path: Path, *, has_live: bool) -> bool:
        """Return whether the finished table counts; a damaged one does not beside its live file."""
        part = self._finished.get(name)
        if part is None or not part.is_current():
            part = FinishedPart(path, name)
            try:
                part.open()
            except CorruptRecord:
                if has_live:
                    return False
                raise
            if name in self._finished:
                self._resolved.clear()
            self._finished[name] = part
            self._live.pop(name, None)
        return True
