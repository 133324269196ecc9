"""``compare``: several runs held against each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from runfolio.errors import UsageError
from runfolio.model.run import RunRecord
from runfolio.query.comparison import Comparison
from runfolio.query.run_names import run_name
from runfolio.query.selected import SelectedRuns
from runfolio.query.summary import MAXIMIZE
from runfolio.record.guard import guard
from runfolio.store.store import Store
from runfolio.verbs.chosen import chosen
from runfolio.verbs.compare_sheet import compare_sheet
from runfolio.verbs.compare_widget import compare_widget
from runfolio.verbs.facts import record_facts
from runfolio.verbs.local import now
from runfolio.verbs.lookup import the_store
from runfolio.verbs.pages import has_page, page_mark
from runfolio.verbs.runs import RunsView
from runfolio.verbs.sheet import markdown, terminal_lines
from runfolio.verbs.sheet_html import sheet_html
from runfolio.verbs.show import picture_size
from runfolio.verbs.terminal import clean
from runfolio.verbs.view import STYLES, View, join_lines

if TYPE_CHECKING:
    from runfolio.widgets.compare import CompareWidget

__all__ = ["CompareView", "compare"]

_DRAWN: Final = 100
"""Rows that a notebook keeps of the table."""


class CompareView(View):
    """Runs side by side: curves, what differs, what matters.

    In a notebook with a page it is a widget: ``selected`` are the runs that are brushed in it.

    Parameters
    ----------
    compared : Comparison
    every : sequence of RunRecord
        All runs of the store.
    query : str
        What selected them; empty where they were named.
    """

    def __init__(self, compared: Comparison, every: Sequence[RunRecord], query: str = "") -> None:
        self.compared = compared
        self._every = every
        self._total = len(every)
        self._widget: CompareWidget | None = None
        self._query = query
        self._lines: list[str] | None = None

    def lines(self) -> list[str]:
        """Return what the charts show, in words."""
        if self._lines is None:
            from runfolio.charts.comparison import comparison_lines

            remarks = [clean(remark) for remark in self.compared.remarks]
            self._lines = [*comparison_lines(self.compared), *remarks]
        return self._lines

    def _sheet(self, limit: int | None = None) -> Any:
        return compare_sheet(self.compared, self._total, self._query, now(), limit=limit)

    def text(self, width: int | None = None) -> Text:
        """Return the table of differences, then the charts in words."""
        title = Text.assemble((" Compare", "bold"), f"  {len(self.compared.records)} runs",
                              (f"  {clean(self._query)}", STYLES["secondary"]))  # fmt: skip
        told = [Text(f" {clean(line)}") for line in self.lines()]
        table = terminal_lines(self._sheet(), width)
        return join_lines([title, *table, *([Text("")] if told else []), *told])

    def to_html(self) -> str:
        """Return the table of differences as one static piece of HTML."""
        return sheet_html(self._sheet(_DRAWN))

    @property
    def widget(self) -> CompareWidget:
        """The comparison as a widget, the one that a notebook shows; made when it is asked for."""
        before = self._widget
        if before is None or before.over:
            self._widget = compare_widget(self.compared, self._every, self._query)
            if before is not None:
                self._widget.selected = before.selected
        return self._widget  # type: ignore[return-value]

    @property
    def selected(self) -> SelectedRuns:
        """The runs within the brush of the parallel coordinates, as they stand now."""
        ids = () if self._widget is None else self._widget.selected
        return SelectedRuns(self.compared.store, ids)

    def to_markdown(self) -> str:
        """Return the table of differences, and the charts in words, as Markdown."""
        # Set as code: every word of a run in it is text, and bars stay aligned.
        told = "".join(f"    {clean(line)}\n" for line in self.lines())
        return markdown(self._sheet()) + (f"\n{told}" if told else "")

    def data(self) -> Any:
        """Return the runs, and everything that was compared, for machines."""
        facts = self.compared.facts()
        return {**facts, "runs": [record_facts(record) for record in self.compared.records]}

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the charts as Vega, as a picture and in words; and the picture's size."""
        del include, exclude
        bundle: dict[str, Any] = {}
        scale = 2.0
        # Charts that cannot be drawn must not hide the table.
        with guard("drawing the comparison"):
            from runfolio.charts.comparison import comparison_bundle

            bundle, scale = comparison_bundle(self.compared)
        return bundle | {"text/plain": str(self)}, picture_size(bundle, scale)

    def place(self) -> dict[str, Any]:
        """Return what the widget takes the place of, with the two outputs below; it waits for neither."""
        mark = escape(page_mark(self.widget))
        return {"text/html": f'<div data-runfolio-table="{mark}"></div>', "text/plain": ""}

    def end(self) -> None:
        """Take the widget out of the page, if one is there."""
        if self._widget is not None:
            self._widget.end()

    def _ipython_display_(self) -> None:
        """Show the charts, and below them in a frame of its own the table of differences."""
        from IPython.display import display

        put: Any = display
        if has_page():
            put(self.place(), raw=True)
        charts, about = self._repr_mimebundle_()
        put(charts, metadata=about, raw=True)
        table = clean(join_lines(terminal_lines(self._sheet(_DRAWN), None)).plain)
        put({"text/html": self.to_html(), "text/plain": table}, raw=True)


def compare(
    *runs: Any,
    metric: str | None = None,
    x: str = "step",
    by: str | None = None,
    scatter: str | None = None,
) -> CompareView:
    """Hold runs against each other: curves, what differs, which settings matter.

    Parameters
    ----------
    *runs : str, run or runs
        Two runs or more, or a query that selects them. What a query selects and does not sort is
        ordered by the metric, the best first.
    metric : str, optional
        What settings are held against; by default the most telling one that two runs share.
    x : str
        What curves run over: ``step``, ``relative`` (seconds), ``time``, or a metric such as
        ``epoch``.
    by : str, optional
        Draw the mean of groups with its spread: ``group``, ``sweep``, any setting.
    scatter : str, optional
        The setting that stands against the metric; by default the most important one.

    Raises
    ------
    RunNotFound
        One of the runs is meant by nothing.
    UsageError
        Fewer than two runs are meant; no run has the metric, the axis or the setting.

    Examples
    --------
    >>> runfolio.compare("tag:sweep lr<1e-2", metric="val/acc")  # doctest: +SKIP
    """
    if not runs:
        raise UsageError(
            'compare takes runs or a query, as in compare @last @best:val/acc or compare "lr<1e-2".'
        )
    store = the_store()
    every = store.records()
    records, query = chosen(runs, store)
    if len(records) < 2:
        raise UsageError(_too_few(records, query, store))
    options: dict[str, Any] = {"metric": metric, "x": x, "by": by, "against": scatter}
    compared = Comparison(store, records, every=every, **options)
    is_sorted = not query or "sort:" in query
    if not is_sorted and compared.way is not None:
        compared = Comparison(store, _best_first(compared), every=every,
                              **options | {"metric": compared.metric})  # fmt: skip
    _ = compared.spread  # a name that no run has is a mistake of this call
    return CompareView(compared, every, query)


def _too_few(records: Sequence[RunRecord], query: str, store: Store) -> str:
    if not records:
        return f"There is nothing to compare. {RunsView(store, query)}"
    name = f"{clean(run_name(records[0]))} {records[0].short_id}"
    return f"Only one run is meant, {name}; compare needs two or more. The verb show shows one."


def _best_first(compared: Comparison) -> list[RunRecord]:
    sign = -1.0 if compared.way == MAXIMIZE else 1.0

    def rank(record: RunRecord) -> float:
        value = record.figure_of(compared.metric)
        return math.inf if value is None or math.isnan(value) else sign * value

    return sorted(compared.records, key=rank)
