"""A runs table in a notebook's page: its widget, and what it takes to change, show and compare runs."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from runfolio.errors import UsageError
from runfolio.query.summary import headline
from runfolio.verbs.live import Place, freshened

if TYPE_CHECKING:
    from runfolio.model.run import RunRecord
    from runfolio.verbs.compare import CompareView
    from runfolio.verbs.runs import RunsView
    from runfolio.widgets.live import LiveCard
    from runfolio.widgets.runs_table import RunsTableWidget

__all__ = ["MOST_COMPARED", "MOST_POINTS", "Below", "quoted", "table_widget"]

MOST_COMPARED: Final = 50
"""Runs that are compared from a table; `compare` itself takes more."""

MOST_POINTS: Final = 2_000_000
"""Points that a card below a table draws: 48 MB in the page."""


class Below:
    """The place below a table where runs that are selected in it are compared."""

    def __init__(self) -> None:
        self._places: tuple[Place, Place, Place] | None = None
        self._view: CompareView | None = None

    def take(self) -> None:
        """Have what is compared shown in the cell that is being executed."""
        from IPython import get_ipython

        if get_ipython() is None:
            return
        self._places = Place(), Place(), Place()
        for place in self._places:
            place.remember()

    def compare(self, ids: Sequence[str]) -> str:
        """Compare runs, in the place of what was compared before; return a sentence about it.

        Raises
        ------
        UsageError
            Fewer than two are selected, or more than can be told apart.
        """
        from runfolio.verbs.compare import compare

        if not 2 <= len(ids) <= MOST_COMPARED:
            raise UsageError(
                f"Select 2 to {MOST_COMPARED} runs to compare; {len(ids) or 'none'} "
                f"{'is' if len(ids) < 2 else 'are'} selected."
            )
        command = "%track compare " + " ".join(run[-6:] for run in ids)
        if self._places is None:
            return f"In a cell, this compares them: {command}"
        view = compare(*ids)
        if self._view is not None:
            self._view.end()
        self._view = view
        widget, charts, table = self._places
        widget.put(view.place(), {})
        charts.put(*view._repr_mimebundle_())
        table.put({"text/html": view.to_html(), "text/plain": str(view)}, {})
        return f"{len(ids)} runs are compared below. In a cell: {command}"


def table_widget(
    runs: RunsView, below: Below, columns: Sequence[str] | None = None, *, every: bool = False
) -> RunsTableWidget:
    """Return the widget of a table, with what it takes to change, show and compare runs in it."""
    from runfolio.verbs.edit import tag
    from runfolio.widgets.runs_table import RunsTableWidget

    return RunsTableWidget(
        runs, columns=columns, every=every, grid=lambda: runs.grid,
        tag=lambda run, changes: tag(run, *map(quoted, changes)),
        card=lambda run: _card(runs.store.record(run)), compare=below.compare,
    )  # fmt: skip


def quoted(change: str) -> str:
    """Return a change of a tag as the verb reads it, whatever is in the tag."""
    name = change[1:].replace('"', '""')
    return f'{change[0]}"{name}"'


def _card(record: RunRecord) -> LiveCard:
    from runfolio.verbs.live import live_card

    return live_card(record.path, freshened(record.path), metrics=_drawn(record))


def _drawn(record: RunRecord) -> list[str]:
    """Return patterns of the metrics a page can hold all points of; none where it can of all.

    Raises
    ------
    UsageError
        It can hold those of no metric.
    """
    points = {key: summary.n for key, summary in record.metrics.items()}
    if sum(points.values()) <= MOST_POINTS:
        return []
    found, room = [], MOST_POINTS
    for key in dict.fromkeys([*headline(record), *points]):
        if points[key] <= room:
            room -= points[key]
            found.append(glob.escape(key))
    if not found:
        raise UsageError(
            f"Its charts have {sum(points.values()):,} points, too many to be drawn here: "
            f"%track show {record.short_id} draws them."
        )
    return found
