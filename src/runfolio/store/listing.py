"""What a store lists: each run as its files tell it, read again only where they changed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from runfolio.errors import RunNotFound
from runfolio.format.manifest import read_record
from runfolio.model.run import RunRecord, Status
from runfolio.store.packing import Packed, microseconds, pack, unpacked
from runfolio.store.scan import Entry, scan
from runfolio.store.stamp import Stamp, clock_ns, is_lasting, stamp_of

if TYPE_CHECKING:
    from runfolio.store.index import Index, Row

__all__ = ["Listed", "Listing"]

WORTH_AN_INDEX: Final = 100
"""Fewer runs are read as quickly as an index, and need no file in the user's cache."""

MANY: Final = 500
"""As many runs are written to the index only when the answer is given."""

_ANSWERED_S: Final = 1.0

_FIRST: Final = microseconds(datetime.min.replace(tzinfo=UTC)) or 0


class Listed(NamedTuple):
    """A run of a store, in the order of its start.

    Attributes
    ----------
    created_us : int
        Start in microseconds UTC; that of a run without one lies before all others.
    settled : bool
        Whether it can change only together with its stamp.
    """

    created_us: int
    name: str
    record: RunRecord
    stamp: Stamp | None
    settled: bool


class Listing:
    """Keeps what was read of a store, in this process and, where there is an index, for the next.

    Parameters
    ----------
    store : Path
    index : Index, optional
        By default the one that the settings name, where the store has a hundred runs.
    """

    def __init__(self, store: Path, index: Index | None = None) -> None:
        self._store = store
        self._index = index
        self._kept: dict[str, Listed] | None = None

    def refresh(self) -> list[Listed]:
        """Return every run, in no order.

        Raises
        ------
        StoreUnusable
            The folder is there but cannot be listed.
        """
        entries = list(scan(self._store))
        index = self._index_for(len(entries))
        before = self._kept or {}
        rows = index.load() if index is not None and self._kept is None else {}
        read: list[Listed] = []
        found = list(self._looked_at(entries, before, rows, read))
        self._kept = {one.name: one for one in found if one.settled}
        if index is not None:
            gone = [name for name in (rows or before) if name not in self._kept]
            _write(index, read, gone)
        return found

    def _index_for(self, runs: int) -> Index | None:
        if self._index is None and runs >= WORTH_AN_INDEX:
            from runfolio.store.index import Index  # loads SQLite

            self._index = Index.of(self._store)
        return self._index

    def _looked_at(
        self,
        entries: list[Entry],
        before: Mapping[str, Listed],
        rows: Mapping[str, Row],
        read: list[Listed],
    ) -> Iterator[Listed]:
        """Yield each run as it was known, or as it is read now; what is read is added to `read`."""
        where = str(self._store)
        for entry in entries:
            name = entry.name
            known = before.get(name)
            if known is None and name in rows:
                indexed, packed = rows[name]
                start = _FIRST if packed.created_us is None else packed.created_us
                record = unpacked(where, name, packed)
                known = Listed(start, name, record, indexed, settled=True)
            # Taken before reading: a change in between is seen the next time.
            stamp = None if entry.fault else stamp_of(entry.where, known.stamp if known else None)
            if known is not None and known.stamp == stamp:
                yield known
                continue
            then_ns = clock_ns()
            try:
                record = _no_run(entry) if entry.fault else read_record(entry.path)
            except RunNotFound:  # removed since the folder was listed
                continue
            us = microseconds(record.created_at)
            settled = stamp is not None and _is_settled(record) and is_lasting(stamp, then_ns)
            read.append(Listed(_FIRST if us is None else us, name, record, stamp, settled))
            yield read[-1]


def _write(index: Index, read: Iterable[Listed], gone: Sequence[str]) -> None:
    """Let the index hold what was read, but for what may change and keep its stamp."""
    lasting = [
        (one.name, one.stamp, pack(one.record))
        for one in read
        if one.settled and one.stamp is not None
    ]
    if len(lasting) >= MANY:
        with contextlib.suppress(RuntimeError):  # no thread can be started
            # None that dies with the process: who only lists runs would never have an index.
            threading.Thread(
                target=_write_afterwards, args=(index, lasting, gone), name="runfolio-index"
            ).start()
    elif lasting or gone:
        index.update(((name, stamp, later()) for name, stamp, later in lasting), gone)


def _write_afterwards(
    index: Index,
    lasting: Sequence[tuple[str, bytes, Callable[[], Packed | None]]],
    gone: Sequence[str],
) -> None:
    """Write when whoever asked has the answer: it takes a while, and the interpreter."""
    threading.main_thread().join(_ANSWERED_S)  # at once where the process ends
    index.update(((name, stamp, later()) for name, stamp, later in lasting), gone)


def _no_run(entry: Entry) -> RunRecord:
    return RunRecord(
        id=entry.name,
        path=entry.path,
        name=entry.name,
        status=Status.CRASHED,
        note=f"not a run: {entry.fault}",
        problems=(f"not a run: {entry.fault}",),
    )


def _is_settled(record: RunRecord) -> bool:
    """Return whether the record can change only together with the files of its stamp.

    Running, silent and crashed are found anew each time, from the process and the log.
    """
    ended = record.status.ended and record.status is not Status.CRASHED
    return ended and not record.unsettled
