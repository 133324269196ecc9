"""A store: the folder that holds runs, as a reader sees it."""

from __future__ import annotations

import contextlib
import functools
import operator
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from runfolio import settings
from runfolio.errors import RunNotFound, UsageError, did_you_mean
from runfolio.format.layout import check_run_id
from runfolio.format.manifest import created_order, read_record
from runfolio.model.run import RunRecord
from runfolio.model.vocabulary import Vocabulary
from runfolio.store import trash
from runfolio.store.collector import collector_paused
from runfolio.store.listing import Listing
from runfolio.store.reader import RunReader
from runfolio.store.scan import Entry, is_run_folder, scan
from runfolio.store.words import Wording, in_words, project_words

if TYPE_CHECKING:
    from runfolio.store.index import Index

__all__ = ["Store"]

_START: Final = operator.attrgetter("created_us")
_NAME: Final = operator.attrgetter("name")


class Store:
    """The runs in a folder. Looking at a store never creates or changes anything in it.

    Parameters
    ----------
    path : path
        The folder ``folio/``; it need not exist.
    index : Index, optional
        Where to keep what was read, for the next process; by default as the settings say, and
        for none of fewer than a hundred runs.
    """

    def __init__(self, path: Path | str, *, index: Index | None = None) -> None:
        self.path = Path(path)
        self._listing = Listing(self.path, index)
        self._wording = Wording(Vocabulary())

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
        reads only what changed, and so does the first one of a process where an index is at hand.

        Raises
        ------
        StoreUnusable
            The folder is there but cannot be listed.
        """
        with collector_paused():
            found = self._listing.refresh()
            # One after the other: to compare pairs takes three times as long.
            found.sort(key=_NAME, reverse=True)
            found.sort(key=_START, reverse=True)
            words = project_words(self.path)
            if words is not self._wording.words:
                self._wording = Wording(words)
            if words.is_empty:
                return [listed.record for listed in found]
            return [self._wording.record(listed.record) for listed in found]

    def run_records(self) -> list[RunRecord]:
        """Return the runs among `records`: what is none is listed there, and never looked into."""
        return [record for record in self.records() if is_run_folder(record.path)]

    def record(self, run_id: str) -> RunRecord:
        """Return one run by its whole id.

        Raises
        ------
        UsageError
            The text cannot be an id.
        RunNotFound
            There is no such run.
        """
        return in_words(read_record(self.folder(run_id)), project_words(self.path))

    def reader(self, run_id: str) -> RunReader:
        """Return what reads the points and events of a run, live or finished.

        Raises
        ------
        UsageError, RunNotFound
            As `record`.
        """
        return RunReader(self.folder(run_id))

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

    def folder(self, run_id: str) -> Path:
        """Return the folder of a run, which is there and no link.

        Raises
        ------
        UsageError, RunNotFound
            As `record`.
        """
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


def _names(entries: Iterable[Entry]) -> list[str]:
    return [entry.name for entry in entries if not entry.fault]
