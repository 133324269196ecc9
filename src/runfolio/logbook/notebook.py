"""Journal cells in a notebook that is not open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runfolio.errors import UsageError
from runfolio.format.manifest import created_order
from runfolio.logbook import render
from runfolio.logbook.collect import collect
from runfolio.logbook.document import page_or_none
from runfolio.logbook.history import History
from runfolio.logbook.notebook_file import (
    NotebookFile,
    journal_run_id,
    mark_journal,
    new_journal_cell,
    source_of,
)
from runfolio.logbook.placement import Maker, made_by, newest_first, place
from runfolio.logbook.pull import pull_pages
from runfolio.logbook.words import read_words
from runfolio.model.run import RunRecord
from runfolio.store.store import Store

__all__ = ["Placed", "insert"]


@dataclass(frozen=True, slots=True)
class Placed:
    """What was done for one run in a notebook.

    ``action`` is ``inserted``, ``took over`` (the cell of an earlier run of the same cell, with
    no words in it), ``updated`` or ``unchanged``; ``at`` is the index of the journal cell.
    """

    run_id: str
    action: str
    at: int


def insert(
    store: Store, notebook_path: Path | str, runs: Iterable[RunRecord] | None = None
) -> list[Placed]:
    """Put journal cells below the cells that made the runs, or bring them up to date.

    The notebook must not be open: an editor would overwrite the cells, or be overwritten.

    Parameters
    ----------
    runs : iterable of RunRecord, optional
        Only these; by default every run of the store that a cell of the notebook made. Of
        several runs of one cell the last one gets a journal cell, and so does each that has
        words.

    Raises
    ------
    UsageError
        The notebook cannot be read, is not valid, was saved meanwhile, or made none of `runs`.
    """
    file = NotebookFile(notebook_path)
    records = store.run_records()
    wanted = newest_first(records if runs is None else runs)
    makers = {m.record.id: m for record in wanted if (m := made_by(record)) is not None}
    work = _Placing(file, records, makers)
    if runs is not None and not any(work.knows(record.id) for record in wanted):
        raise UsageError(
            f"No cell of {file.path.name} made {', '.join(r.id for r in wanted) or 'any run'}. "
            "Name the notebook that the run was made in."
        )
    work.take_in_words()
    chosen = wanted if runs is not None else work.worth_a_cell()
    # Oldest first: each goes right below its cell, so that the newest ends on top.
    placed = [done for record in reversed(chosen) if (done := work.put(record)) is not None]
    if runs is None:
        placed += work.update_the_rest({done.run_id for done in placed})
    file.drop_shown_entries()
    file.save()
    return [replace(done, at=work.journal_at(done.run_id) or 0) for done in placed]


class _Placing:
    """The cells of one notebook while journal cells are put between them."""

    def __init__(
        self, file: NotebookFile, records: Sequence[RunRecord], makers: Mapping[str, Maker]
    ) -> None:
        self._file = file
        self._history = History(records)
        self._by_id = {record.id: record for record in records}
        self._makers = makers
        # Cells, not indices: those move while cells are put in.
        spots = place(makers.values(), file.cells, file.path)
        self._spots = {run_id: file.cells[at] for run_id, at in spots.items()}

    def knows(self, run_id: str) -> bool:
        """Return whether the notebook has the run's cell or its journal."""
        return run_id in self._spots or self.journal_at(run_id) is not None

    def journal_at(self, run_id: str) -> int | None:
        """Return the index of a run's journal cell; of copies the first counts."""
        return next(
            (n for n, cell in enumerate(self._file.cells) if journal_run_id(cell) == run_id), None
        )

    def take_in_words(self) -> None:
        """Make edits of the words that people changed in the notebook."""
        pull_pages(self._by_id, self._file.entries())

    def worth_a_cell(self) -> list[RunRecord]:
        """Return, newest first, the runs of each cell's last execution and those with words."""
        newest: dict[int, tuple[int, int]] = {}
        chosen = []
        for record in newest_first(self._makers[i].record for i in self._spots):
            execution = self._makers[record.id].execution
            last = newest.setdefault(id(self._spots[record.id]), execution)
            if last == execution or read_words(record.path):
                chosen.append(record)
        return chosen

    def put(self, record: RunRecord) -> Placed | None:
        """Give a run its journal cell; ``None`` where no cell of the notebook made it."""
        if self.journal_at(record.id) is not None:
            return self.update(record)
        maker = self._spots.get(record.id)
        if maker is None:
            return None
        source = render.page(collect(record, self._history), read_words(record.path)).rstrip("\n")
        empty = self._cell_without_words(record)
        if empty is not None:
            mark_journal(empty, record.id)
            empty["source"] = source
            return Placed(record.id, "took over", 0)
        self._file.insert(self._below(maker, record), new_journal_cell(record.id, source))
        return Placed(record.id, "inserted", 0)

    def update(self, record: RunRecord) -> Placed:
        """Make the facts of a run's journal cell anew; the words stay unless edits changed them."""
        cell = self._file.cells[self.journal_at(record.id) or 0]
        old = source_of(cell)
        if page_or_none(old) is None:
            return Placed(record.id, "unchanged", 0)
        facts = collect(record, self._history)
        new = render.page(facts, read_words(record.path), old).rstrip("\n")
        cell["source"] = new
        return Placed(record.id, "unchanged" if new == old else "updated", 0)

    def update_the_rest(self, done: set[str]) -> list[Placed]:
        """Bring the journal cells up to date that have not been looked at yet."""
        there = dict.fromkeys(run_id for c in self._file.cells if (run_id := journal_run_id(c)))
        return [self.update(self._by_id[i]) for i in there if i in self._by_id and i not in done]

    def _cell_without_words(self, record: RunRecord) -> Any | None:
        """Return the journal cell of an earlier execution of the same cell that nobody wrote in."""
        for older in newest_first(self._makers[i].record for i in self._spots):
            at = self.journal_at(older.id)
            if at is None or created_order(older) >= created_order(record):
                continue
            same_cell = self._spots[older.id] is self._spots[record.id]
            rerun = self._makers[older.id].execution != self._makers[record.id].execution
            page = page_or_none(source_of(self._file.cells[at]))
            if same_cell and rerun and page is not None and not page.words:
                return None if read_words(older.path) else self._file.cells[at]
        return None

    def _below(self, maker: Any, record: RunRecord) -> int:
        """Return where a new journal cell goes: below its cell and the journals of later runs."""
        cells = self._file.cells
        at = next(n for n, cell in enumerate(cells) if cell is maker) + 1
        while at < len(cells):
            other = self._by_id.get(journal_run_id(cells[at]) or "")
            if other is None or created_order(other) <= created_order(record):
                break
            at += 1
        return at
