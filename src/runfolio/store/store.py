"""A store: the folder that holds runs, as a reader sees it."""

from __future__ import annotations

import contextlib
import functools
import gc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from runfolio import settings
from runfolio.errors import RunNotFound, UsageError, did_you_mean
from runfolio.format.layout import check_run_id
from runfolio.format.manifest import created_order, read_record
from runfolio.model.run import RunRecord, Status
from runfolio.store import trash
from runfolio.store.reader import RunReader
from runfolio.store.scan import Entry, scan
from runfolio.store.stamp import Stamp, stamp_of
from runfolio.store.words import in_words, project_words

__all__ = ["Store"]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A record that was read, and what its files looked like then."""

    stamp: Stamp
    record: RunRecord


class Store:
    """The runs in a folder. Looking at a store never creates or changes anything in it.

    Parameters
    ----------
    path : path
        The folder ``folio/``; it need not exist.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._kept: dict[str, _Kept] = {}

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    @staticmethod
    def default() -> Store:
        """Return the store of this process, where the settings say it is.

        It is the same object each time, so that a notebook's second table reads only what changed.
        """
        return _store_at(settings.store_dir())

    def hint(self) -> str:
        """Return a sentence for a store without runs, else an empty text."""
        if any(True for _ in scan(self.path)):
            return ""
        where = f"in {self.path}" if self.path.is_dir() else f"yet: {self.path} does not exist"
        return (
            f"There is no run {where}. Start one with runfolio.init(), or set RUNFOLIO_DIR to the "
            "folder that holds them."
        )

    def records(self) -> list[RunRecord]:
        """Return every run, newest first; a store that does not exist has none.

        What cannot be read is listed, too, with what is wrong in ``problems``. A second call
        reads only what changed.

        Raises
        ------
        StoreUnusable
            The folder is there but cannot be listed.
        """
        kept: dict[str, _Kept] = {}
        found: list[RunRecord] = []
        with _collector_paused():
            for entry in scan(self.path):
                record = self._record(entry, kept)
                if record is not None:
                    found.append(record)
        self._kept = kept
        found.sort(key=created_order, reverse=True)
        words = project_words()
        return found if words.is_empty else [in_words(record, words) for record in found]

    def _record(self, entry: Entry, kept: dict[str, _Kept]) -> RunRecord | None:
        if entry.fault:
            return _no_run(entry)
        # Taken before reading: a change in between is seen the next time.
        stamp = stamp_of(entry.path)
        before = self._kept.get(entry.name)
        if before is not None and before.stamp == stamp:
            kept[entry.name] = before
            return before.record
        try:
            record = read_record(entry.path)
        except RunNotFound:  # removed since the folder was listed
            return None
        if stamp is not None and _is_settled(record):
            kept[entry.name] = _Kept(stamp, record)
        return record

    def record(self, run_id: str) -> RunRecord:
        """Return one run by its whole id.

        Raises
        ------
        UsageError
            The text cannot be an id.
        RunNotFound
            There is no such run.
        """
        return in_words(read_record(self._folder(run_id)), project_words())

    def reader(self, run_id: str) -> RunReader:
        """Return what reads the points and events of a run, live or finished.

        Raises
        ------
        UsageError, RunNotFound
            As `record`.
        """
        return RunReader(self._folder(run_id))

    def trash(self, run_id: str, *, force: bool = False) -> Path:
        """Move a run out of sight and return where it lies now; nothing is deleted.

        Parameters
        ----------
        force : bool
            Also a run that is, or may be, still written.

        Raises
        ------
        UsageError
            The run is still written and `force` is not set.
        RunNotFound
            There is no such run.
        OSError
            The folder cannot be moved.
        """
        record = self.record(run_id)
        if not (record.status.ended or force):
            raise UsageError(
                f"The run {run_id} is still {record.status.value}. Stop it first, or use force."
            )
        return trash.put(self.path, run_id)

    def restore(self, run_id: str) -> Path:
        """Bring a run back from the trash and return its folder.

        Raises
        ------
        RunNotFound
            It is not in the trash.
        UsageError
            A run with its id stands in the store.
        OSError
            The folder cannot be moved.
        """
        return trash.take_back(self.path, check_run_id(run_id))

    def trashed(self) -> list[RunRecord]:
        """Return the runs in the trash, newest first; of one id the one trashed last."""
        found: dict[str, RunRecord] = {}
        for folder in trash.layers(self.path):
            for entry in scan(folder):
                if not entry.fault and entry.name not in found:
                    with contextlib.suppress(RunNotFound):
                        found[entry.name] = read_record(entry.path)
        return sorted(found.values(), key=created_order, reverse=True)

    def _folder(self, run_id: str) -> Path:
        folder = self.path / check_run_id(run_id)
        if folder.is_symlink() or not folder.is_dir():
            what = "is a link, which is not followed" if folder.is_symlink() else "is not there"
            raise RunNotFound(
                f"The run {run_id} {what}.{did_you_mean(run_id, _names(scan(self.path)))}"
            )
        return folder


@functools.lru_cache(maxsize=1)
def _store_at(path: Path) -> Store:
    return Store(path)


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """Let the garbage collector rest.

    Thousands of records are hundreds of thousands of new objects and hardly any garbage: to
    look through all of them again and again takes as long as to read them.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _names(entries: Iterable[Entry]) -> list[str]:
    return [entry.name for entry in entries if not entry.fault]


def _no_run(entry: Entry) -> RunRecord:
    return RunRecord(
        id=entry.name,
        path=entry.path,
        name=entry.name,
        status=Status.CRASHED,
        note="not a run",
        problems=(entry.fault,),
    )


def _is_settled(record: RunRecord) -> bool:
    """Return whether the record can change only together with the files of its stamp.

    Running, silent and crashed are found anew each time, from the process and the log.
    """
    ended = record.status.ended and record.status is not Status.CRASHED
    return ended and not record.unsettled
