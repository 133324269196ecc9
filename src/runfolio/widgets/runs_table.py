"""The runs table: a widget whose page asks for the rows it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import traitlets

from runfolio.charts.curves import label_text
from runfolio.charts.figures import figure
from runfolio.errors import RunfolioError
from runfolio.model.run import RunRecord
from runfolio.query.fields import flat_settings, resolve
from runfolio.query.filter import parse
from runfolio.query.grid import Grid
from runfolio.query.run_names import run_name
from runfolio.query.runs import Runs
from runfolio.query.sparkline import sparkline
from runfolio.store.store import Store
from runfolio.store.views import read_views, remove_view, save_view
from runfolio.widgets.answering import Answer, Answering
from runfolio.widgets.asked import AskedWidget
from runfolio.widgets.base import STATIC
from runfolio.widgets.requests import Wanted, wanted
from runfolio.widgets.table_news import news_of
from runfolio.widgets.table_rows import TableRows, catalogue, left_out, words

if TYPE_CHECKING:
    from runfolio.widgets.live import LiveCard

__all__ = ["CardOf", "CompareRuns", "RunsTableWidget", "TagRun"]

TagRun = Callable[[str, Sequence[str]], object]
"""Gives a run of this id tags (``+name``) and takes some away (``-name``)."""

CardOf = Callable[[str], "LiveCard"]
"""Makes the card of a run of this id; it is begun and ended here."""

CompareRuns = Callable[[Sequence[str]], str]
"""Shows a comparison of the runs of these ids somewhere; returns a sentence that says where."""

_KEPT: Final = 4
_LISTED: Final = 400
_NOTES: Final = 2000
_CURVES: Final = 60


class RunsTableWidget(AskedWidget):
    """Shows the runs that a query selects; rows travel to the page when it shows them.

    Parameters
    ----------
    runs : Runs
        What is shown first.
    columns : sequence of str, optional
        Ids of the columns that are shown first, in this order; those that differ without it.
    every : bool
        Show columns that are equal in all runs, too.
    tag : callable, optional
        Changes the tags of a run; without it they cannot be edited.
    card, compare : callable, optional
        Make the card of a run, and compare several.
    grid : callable, optional
        Gives the columns of `runs`, where somebody else needs them, too.

    Attributes
    ----------
    selected : list of str
        Ids of the runs that are selected, in the order in which they were; set and observed
        from both sides.
    query : str
        What is written in the filter box.
    view : dict
        How the page shows them: ``columns``, ``pinned``, ``sort`` (pairs of a column and whether
        its largest come first), ``group``, ``colour``, ``widths``; what is not there is chosen.
    """

    _esm = STATIC / "runs_table.js"
    _latest = frozenset(("facts", "rows", "curves", "run", "card", "news"))
    selected = traitlets.List(traitlets.Unicode()).tag(sync=True)
    query = traitlets.Unicode().tag(sync=True)
    view = traitlets.Dict().tag(sync=True)
    can_tag = traitlets.Bool().tag(sync=True)
    can_compare = traitlets.Bool().tag(sync=True)

    def __init__(
        self,
        runs: Runs,
        *,
        columns: Sequence[str] | None = None,
        every: bool = False,
        tag: TagRun | None = None,
        card: CardOf | None = None,
        compare: CompareRuns | None = None,
        grid: Callable[[], Grid] | None = None,
    ) -> None:
        view: dict[str, Any] = {"columns": list(columns)} if columns is not None else {}
        super().__init__("runfolio-table", query=runs.query, view=view | ({"every": True} if every else {}),
                         can_tag=tag is not None, can_compare=compare is not None)  # fmt: skip
        self.store: Store = runs.store
        self._tag = tag
        self._card = card
        self._compare_runs = compare
        self._cards: dict[str, LiveCard] = {}
        self._first: Runs | None = runs
        self._grid = grid
        self._rows: dict[int, TableRows] = {}
        self._at = 0
        self._comparing = Answering("runfolio-compare")
        self._verbs = {
            "facts": self._facts, "rows": self._window, "ids": self._ids, "curves": self._curves,
            "run": self._run, "tags": self._change_tags, "save view": self._save_view,
            "remove view": self._remove_view, "card": self._open_card, "news": self._news,
            "compare": self._compare,
        }  # fmt: skip

    def __repr__(self) -> str:
        # What is saved where somebody displays the widget itself.
        return "A table of runs, which needs its kernel; runfolio.runs() shows it again."

    def end(self) -> None:
        """Take the widget out of the page, and let go of its rows."""
        super().end()
        self._first = None
        self._rows.clear()
        while self._cards:
            self._cards.popitem()[1].end()

    # What pages say ----------------------------------------------------------------------------

    def _understood(self, what: Mapping[str, Any]) -> Wanted:
        return wanted(what)

    def _thread_of(self, verb: str) -> Answering:
        # To draw takes a second or more: rows are not to wait for it.
        return self._comparing if verb == "compare" else self._answering

    def _facts(self, want: Wanted, _: str) -> Answer:
        """Read the store anew, and tell which columns there are."""
        first, self._first = self._first, None
        runs = first if first is not None and first.query == want.query else None
        if runs is None:
            runs = Runs(self.store, want.query)
        given, self._grid = self._grid, None
        is_known = given is not None and runs is first
        grid = given() if given and is_known else Grid(runs.records, runs.sorted_by)
        self._at += 1
        self._rows[self._at] = TableRows(grid)
        while len(self._rows) > _KEPT:
            del self._rows[next(iter(self._rows))]
        return {
            "at": self._at, "n": len(grid), "total": runs.total,
            "notes": [*runs.notes, *left_out(grid)],
            "main": grid.main and f"metrics.{grid.main}", "columns": catalogue(grid),
            "sorted": _sorted_by(runs), "views": read_views(self.store.path), "hint": "" if runs.total else self.store.hint(),
        }, []  # fmt: skip

    def _table(self, want: Wanted) -> TableRows | None:
        return self._rows.get(want.at)

    def _window(self, want: Wanted, _: str) -> Answer:
        table = self._table(want)
        if table is None:
            return {"at": want.at, "gone": True}, []
        found, buffers = table.window(want)
        return {"at": want.at, **found}, buffers

    def _ids(self, want: Wanted, _: str) -> Answer:
        table = self._table(want)
        return {"at": want.at, "ids": [] if table is None else table.ids(want)}, []

    def _curves(self, want: Wanted, page: str) -> Answer:
        """Read the course of a metric, run by run, until something else is wanted."""
        table = self._table(want)
        records = {} if table is None else _by_id(table.grid.records, want.ids[:_CURVES])
        curves: dict[str, list[float]] = {}
        for run, record in records.items():
            if self._answering.is_stale((page, "curves")):
                break
            curves[run] = sparkline(record, want.key)
        joined = [value for curve in curves.values() for value in curve]
        return {
            "key": want.key,
            "ids": list(curves),
            "lengths": [len(curve) for curve in curves.values()],
        }, [np.array(joined, np.float32).tobytes()]

    def _run(self, want: Wanted, _: str) -> Answer:
        record = self.store.record(want.name)
        return _told_of(record), []

    def _open_card(self, want: Wanted, page: str) -> Answer:
        """Make the card of a run for a page to show, in the place of the one before."""
        before = self._cards.pop(page, None)
        if before is not None:
            before.end()
        if self._card is None or not want.name or self.over:
            return {"model": None}, []
        card = self._cards[page] = self._card(want.name)
        while len(self._cards) > _KEPT:
            self._cards.pop(next(iter(self._cards))).end()
        card.begin()
        return {"model": card.model_id}, []

    def _news(self, want: Wanted, _: str) -> Answer:
        """Look what became of the runs; those that changed are told as they are by now."""
        table = self._table(want)
        if table is None:
            return {"at": want.at, "gone": 0, "new": 0, "runs": [], "columns": []}, []
        news = news_of(table, Runs(self.store, want.query))
        self._rows[want.at] = news.table
        # Those out of sight, too: the page may hold them, and hears of each change once.
        found, buffers = news.table.some(set(news.changed), want.columns)
        return {"at": want.at, "new": news.new, "gone": news.gone, **found}, buffers

    def _compare(self, want: Wanted, _: str) -> Answer:
        if self._compare_runs is None:
            raise RunfolioError("This table cannot compare runs.")
        return {"words": self._compare_runs(want.ids)}, []

    def _save_view(self, want: Wanted, _: str) -> Answer:
        return {"views": save_view(self.store.path, want.name, want.view or {})}, []

    def _remove_view(self, want: Wanted, _: str) -> Answer:
        return {"views": remove_view(self.store.path, want.name)}, []

    def _change_tags(self, want: Wanted, _: str) -> Answer:
        """Give a run exactly the tags that the page shows by now."""
        if self._tag is None:
            raise RunfolioError("The tags of this table cannot be edited.")
        shown = {label_text(tag, 300): tag for tag in self.store.record(want.name).tags}
        asked = [tag.strip() for tag in want.ids if tag.strip()]
        changes = [f"-{tag}" for label, tag in shown.items() if label not in asked]
        changes += [f"+{tag}" for tag in dict.fromkeys(asked) if tag not in shown]
        if changes:
            self._tag(want.name, changes)
        tags = self.store.record(want.name).tags
        return {"tags": [label_text(tag, 300) for tag in tags]}, []


def _sorted_by(runs: Runs) -> list[tuple[str, bool]]:
    """Return the columns that a query sorts by, and whether their largest come first."""
    prefix = {"metric": "metrics.", "value": "config."}
    found = []
    for key in parse(runs.query).sort:
        field = resolve(key.name, runs.records)
        if field is not None:
            name = "run" if field.name == "name" else prefix.get(field.kind, "") + field.name
            found.append((name, key.descending))
    return found


def _by_id(records: Sequence[RunRecord], ids: Sequence[str]) -> dict[str, RunRecord]:
    wanted_ids = set(ids)
    found = {record.id: record for record in records if record.id in wanted_ids}
    return {run: found[run] for run in ids if run in found}


def _told_of(record: RunRecord) -> dict[str, Any]:
    """Return one run for the panel below the table."""
    settings = list(flat_settings(record.config).items())
    metrics = [(key, m) for key, m in record.metrics.items() if m.figure is not None]
    return {
        "run": record.id, "ident": record.short_id, "name": label_text(run_name(record), 200),
        "sign": record.status.glyph, "status": record.status.value,
        "why": label_text(record.note, 300),
        "notes": label_text(" ".join(record.notes.split()), _NOTES),
        "settings": [[label_text(k, 200), words(v)] for k, v in settings[:_LISTED]],
        "metrics": [
            [label_text(key, 200), figure(m.figure or 0.0), repr(m.figure)]
            for key, m in metrics[:_LISTED]
        ],
        "more": max(len(settings) - _LISTED, 0) + max(len(metrics) - _LISTED, 0),
        "faults": [label_text(one, 300) for one in record.problems[:8]],
    }  # fmt: skip
