"""``runs``: the table of runs, and the door to their frames."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from runfolio.query.fields import printable
from runfolio.query.filter import parse
from runfolio.query.grid import Grid
from runfolio.query.runs import Runs
from runfolio.query.selected import SelectedRuns
from runfolio.query.table import RunsTable, runs_table
from runfolio.query.terms import AllOf, Compare, Word
from runfolio.store.store import Store
from runfolio.verbs.facts import record_facts
from runfolio.verbs.local import now
from runfolio.verbs.lookup import short_path, the_store
from runfolio.verbs.pages import has_page, page_mark
from runfolio.verbs.runs_sheet import runs_sheet
from runfolio.verbs.runs_widget import Below, table_widget
from runfolio.verbs.sheet import Sheet, markdown, terminal_lines
from runfolio.verbs.sheet_html import sheet_html
from runfolio.verbs.terminal import clean
from runfolio.verbs.view import STYLES, View, join_lines

if TYPE_CHECKING:
    from runfolio.widgets.runs_table import RunsTableWidget

__all__ = ["RunsView", "runs"]

_DRAWN: Final = 100
"""Rows that a notebook keeps of a table; the terminal prints all."""

_SETTINGS: Final = 12
"""Settings that have a column where nobody chose; more cannot be compared at a glance."""

# Where every one was asked for: as many as make so many cells, or so many settings at least.
_CELLS: Final = 2_000_000
_LEAST: Final = 100


class RunsView(View, Runs):
    """The runs a query selects: a sequence of records that shows itself as a table.

    ``frame()`` and ``history()`` give pandas frames; iterating gives the records. In a notebook
    with a page the table is a widget: ``selected`` are the runs that are selected in it.

    Parameters
    ----------
    columns : sequence of str, optional
        Settings and metrics to show, in this order; chosen by themselves without it.
    every : bool
        Show settings that are equal in all runs, too.
    """

    def __init__(
        self,
        store: Store,
        query: str = "",
        *,
        columns: Sequence[str] | None = None,
        every: bool = False,
    ) -> None:
        Runs.__init__(self, store, query)
        self._columns = columns
        self._every = every
        self._table: RunsTable | None = None
        self._widget: RunsTableWidget | None = None
        self._below = Below()
        if columns is not None:
            self.table()  # a column that no run has is a mistake of this call
        self.exit_code = 0 if len(self) else 1

    def table(self) -> RunsTable:
        """Return columns and cells, before they are drawn."""
        if self._table is None:
            self._table = self._made(None)
        return self._table

    def _made(self, rows: int | None) -> RunsTable:
        most = max(_LEAST, _CELLS // max(1, len(self))) if self._every else _SETTINGS
        return runs_table(
            self.records, self._columns, hide_equal=not self._every, main=self.sorted_by,
            rows=rows, settings=most,
            grid=None if self._columns is not None else self.grid,
        )  # fmt: skip

    @functools.cached_property
    def grid(self) -> Grid:
        """The columns of the table, each made when it is looked at."""
        return Grid(self.records, self.sorted_by)

    def _sheet(self, limit: int | None = None) -> Sheet:
        table = self.table() if limit is None else self._made(limit)
        return runs_sheet(table, self.total, self.query, now(), limit=limit)

    def _empty(self) -> str:
        where = short_path(self.store.path)
        if self.total:
            return (
                f"No run matches the query {printable(self.query)}; {where} holds {self.total}. "
                f"{_hint(self.query)}"
            )
        return f"No runs yet in {where}. Start one: runfolio.init() in a script, %%track NAME in a cell."

    def text(self, width: int | None = None) -> Text:
        """Return the table for a terminal."""
        if not len(self):
            return join_lines([Text(self._empty(), STYLES["secondary"]), *self._remarks()])
        return join_lines([*terminal_lines(self._sheet(), width), *self._remarks()])

    def _remarks(self) -> list[Text]:
        return [Text(f" {clean(note)}", STYLES["secondary"]) for note in self.notes]

    def _noted(self, sheet: Sheet) -> Sheet:
        return replace(sheet, footer=" · ".join([sheet.footer, *self.notes]))

    def to_html(self) -> str:
        """Return the table as one static piece of HTML."""
        if not len(self):
            return sheet_html(self._noted(Sheet("Runs", (), self._empty(), aside=self.query)))
        return sheet_html(self._noted(self._sheet(_DRAWN)))

    def to_markdown(self) -> str:
        """Return the table as Markdown."""
        return markdown(self._noted(self._sheet())) if len(self) else super().to_markdown()

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the table as HTML and as text; a saved notebook keeps the first 100 rows."""
        del include, exclude
        if not len(self):
            return {"text/plain": str(self), "text/html": self.to_html()}, {}
        # First: the page loads its half while the table is drawn here.
        mark = ""
        if has_page():
            mark = page_mark(self.widget)
            self._below.take()
        sheet = self._sheet(_DRAWN)
        lines = [*terminal_lines(sheet, None), *self._remarks()]
        html = sheet_html(sheet, mark)
        return {"text/plain": clean(join_lines(lines).plain), "text/html": html}, {}

    @property
    def widget(self) -> RunsTableWidget:
        """The table as a widget, the one that a notebook shows of it; made when it is asked for."""
        before = self._widget
        if before is None or before.over:
            self._widget = table_widget(self, self._below, self._ids(), every=self._every)
            if before is not None:
                self._widget.selected = before.selected
        return self._widget  # type: ignore[return-value]

    @property
    def selected(self) -> SelectedRuns:
        """The runs that are selected in the table, as they stand now."""
        return SelectedRuns(self.store, () if self._widget is None else self._widget.selected)

    def _ids(self) -> list[str] | None:
        """Return the columns that somebody chose, as the widget calls them."""
        if self._columns is None:
            return None
        prefix = {"config": "config.", "metric": "metrics.", "field": ""}
        return [prefix[column.kind] + column.key for column in self.table().columns]

    def data(self) -> Any:
        """Return every selected run with its settings and figures."""
        return [record_facts(record) for record in self.records]


def _hint(query: str) -> str:
    """Return what to try where a query found nothing."""
    match parse(query).where:
        # A shell takes such marks away, so people write them in a notebook, too.
        case Word(text) if query.strip()[0] in "\"'" and any(sign in text for sign in ":<>="):
            return "In quotation marks it is a piece of a name; without them it is a query."
        case AllOf(terms):
            for one, after in pairwise(terms):
                if isinstance(one, Compare) and one.op in (":", "=") and isinstance(after, Word):
                    meant = printable(str(replace(one, value=f"{one.value} {after.text}")))
                    return f"Text with spaces goes into quotation marks, {meant}, and in a shell all of it into single quotes."
    return "Without a query all are listed."


def runs(query: str = "", *, columns: Sequence[str] | None = None, every: bool = False) -> RunsView:
    """Return the runs that a query selects, newest first; all of them without one.

    Parameters
    ----------
    query : str
        ``status:finished lr<1e-3 tag:baseline sort:-val/acc limit:20`` and the like.
    columns : sequence of str, optional
        Settings and metrics the table shows, in this order.
    every : bool
        Show settings that are equal in all runs, too.

    Raises
    ------
    QueryError
        The query cannot be read; the message points at the character.
    UsageError
        No run has one of the columns.

    Examples
    --------
    >>> runfolio.runs("tag:baseline").frame()  # doctest: +SKIP
    """
    return RunsView(the_store(), query, columns=columns, every=every)
