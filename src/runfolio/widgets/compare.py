"""Several runs held against each other: a widget whose page asks for the part it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import traitlets

from runfolio.errors import MissingDependency, UsageError
from runfolio.model.run import RunRecord
from runfolio.query.comparison import Comparison
from runfolio.query.importance import Importance, importance
from runfolio.query.progress import progress
from runfolio.query.spread import spread
from runfolio.query.summary import direction
from runfolio.query.windows import Window, Windows
from runfolio.widgets.answering import Answer, Answering
from runfolio.widgets.asked import AskedWidget
from runfolio.widgets.base import STATIC
from runfolio.widgets.compare_requests import Asked, asked
from runfolio.widgets.compare_told import (
    Buffers,
    axes_of,
    axis_told,
    facts,
    importance_told,
    pieces_told,
    progress_told,
    scatter_told,
    spread_told,
)

__all__ = ["CompareWidget", "TableOf"]

TableOf = Callable[[Sequence[RunRecord]], Mapping[str, Any]]
"""Returns the table of differences of some of the runs, ready for JSON."""

_PANELS: Final = 12
# What a hand moves must not wait for a forest that learns.
_QUICK: Final = frozenset(("curves", "facts"))


class CompareWidget(AskedWidget):
    """Shows runs beside each other; curves travel as the columns of a panel that shows them.

    Parameters
    ----------
    compared : Comparison
    table : callable
        Makes the table of differences.
    every : sequence of RunRecord
        Other runs, whose declared goals say which way a metric is better.
    query : str
        What selected the runs; empty where they were named.

    Attributes
    ----------
    selected : list of str
        Ids of the runs within the brush, in the order of the table; empty without one. Set and
        observed from both sides.
    """

    _esm = STATIC / "compare.js"
    selected = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        compared: Comparison,
        *,
        table: TableOf,
        every: Sequence[RunRecord] = (),
        query: str = "",
    ) -> None:
        super().__init__("runfolio-compare")
        self._compared = compared
        self._every = every or compared.records
        self._table_of = table
        self._query = query
        self._windows = Windows(compared.store, compared.records)
        self._importance = lru_cache(maxsize=8)(self._learnt)
        self._quick = Answering("runfolio-curves")
        self._verbs = {
            "facts": self._facts, "curves": self._curves, "groups": self._groups,
            "axes": self._axes, "scatter": self._scatter, "importance": self._shares,
            "progress": self._progress, "table": self._table,
        }  # fmt: skip
        self._latest = frozenset(self._verbs)

    def __repr__(self) -> str:
        # What is saved where somebody displays the widget itself.
        return "A comparison of runs, which needs its kernel; runfolio.compare() shows it again."

    # What pages say ----------------------------------------------------------------------------

    def _understood(self, what: Mapping[str, Any]) -> Asked:
        return asked(what)

    def _thread_of(self, verb: str) -> Answering:
        return self._quick if verb in _QUICK else self._answering

    def _facts(self, _: Asked, __: str) -> Answer:
        return facts(self._compared, self._every, self._query, len(self._every)), []

    def _curves(self, want: Asked, page: str) -> Answer:
        """Read parts of the curves of some runs, until something else is wanted."""
        records = self._compared.records
        places = {records[at].id: at for at in want.runs if at < len(records)}
        window = Window(want.keys[:_PANELS], want.x, want.x_range, want.columns, want.smooth,
                        want.raw)  # fmt: skip
        found = []
        for record, pieces in self._windows.pieces([records[at] for at in places.values()], window):
            if self._quick.is_stale((page, "curves")):
                break
            found.append((places[record.id], pieces))
        buffers = Buffers()
        return {
            "parts": pieces_told(found, window.keys, buffers),
            "runs": [at for at, _ in found],
            "axes": [self._windows.axis(key, want.x) for key in window.keys],
        }, buffers.held

    def _groups(self, want: Asked, page: str) -> Answer:
        told, buffers = [], Buffers()
        for key in want.keys[:_PANELS]:
            if self._answering.is_stale((page, "groups")):
                break
            x = self._windows.axis(key, want.x) or want.x
            found = spread(self._compared.store, self._compared.records, key, want.by, x=x)
            told.append(spread_told(key, found, buffers))
        return {"by": want.by, "x": want.x, "panels": told}, buffers.held

    def _axes(self, want: Asked, _: str) -> Answer:
        """Return parallel axes, the most important settings first."""
        compared, figures, buffers = self._compared, self._figures(want.metric), Buffers()
        order = {share.key: at for at, share in enumerate(self._importance(want.metric).shares)}
        ranked = sorted(compared.settings, key=lambda s: order.get(s.key, len(order)))
        chosen = [s for s in ranked if s.key in want.keys] if want.keys else ranked
        axes = axes_of(chosen, want.metric, figures)
        return {
            "metric": want.metric, "way": self._way(want.metric),
            "axes": [axis_told(axis, buffers) for axis in axes],
            "more": max(len(chosen) - len(axes) + 1, 0),
        }, buffers.held  # fmt: skip

    def _scatter(self, want: Asked, _: str) -> Answer:
        found = [s for s in self._compared.settings if s.key == want.setting]
        if not found:
            raise UsageError("The runs do not differ in this setting.")
        buffers = Buffers()
        told = scatter_told(found[0], self._figures(want.metric), buffers)
        return {"metric": want.metric, "way": self._way(want.metric), **told}, buffers.held

    def _shares(self, want: Asked, _: str) -> Answer:
        return importance_told(self._compared, want.metric, self._importance(want.metric)), []

    def _progress(self, want: Asked, _: str) -> Answer:
        way, buffers = self._way(want.metric), Buffers()
        found = progress(self._compared.records, want.metric, way) if want.metric else ()
        return {"metric": want.metric, "way": way, **progress_told(found, buffers)}, buffers.held

    def _table(self, want: Asked, _: str) -> Answer:
        records = self._compared.records
        some = [at for at in want.runs if at < len(records)] or list(range(len(records)))
        return dict(self._table_of([records[at] for at in some])) | {"of": len(some)}, []

    def _way(self, metric: str) -> str | None:
        return direction(metric, self._every) if metric else None

    def _figures(self, metric: str) -> list[float | None]:
        return [record.figure_of(metric) for record in self._compared.records]

    def _learnt(self, metric: str) -> Importance:
        if metric == self._compared.metric:
            return self._compared.importance
        try:
            return importance(self._compared.settings, self._figures(metric))
        except MissingDependency as error:
            return Importance(why=str(error))
