"""The runs table: which settings and metrics stand in it, and what stands in each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from runfolio.errors import UsageError
from runfolio.model.run import RunRecord
from runfolio.query.fields import Field, resolve, unknown_name
from runfolio.query.grid import Grid
from runfolio.query.sparkline import sparkline as read_sparkline
from runfolio.query.titles import Column, titled

__all__ = ["Column", "Row", "RunsTable", "Sparkline", "runs_table"]

MAX_METRICS: Final = 6
"""Metrics a table shows when nobody chose."""

SPARKLINES: Final = 200
"""Rows that get a sparkline; a longer table is looked through by its figures."""

Sparkline = Callable[[RunRecord, str], Sequence[float]]
"""Takes a record and a metric, returns at most 40 values."""


@dataclass(frozen=True, slots=True)
class Row:
    """One run.

    Attributes
    ----------
    cells : tuple
        One value per column of the table, ``ABSENT`` where the run has none: a setting may be
        ``None``.
    sparkline : list of float
        Course of the main metric, at most 40 values; NaN is a gap.
    """

    record: RunRecord
    cells: tuple[Any, ...]
    sparkline: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RunsTable:
    """The table, ready to be drawn.

    Every drawing puts glyph, run and id before the columns, the sparkline behind the first
    metric, and took, started and tags behind them all.

    Attributes
    ----------
    columns : tuple of Column
        Settings first, then the main metric, then other metrics.
    rows : tuple of Row
        In the order of the records.
    hidden_equal : tuple of str
        Settings left out because every run has the same.
    hidden_settings : tuple of str
        Settings left out because there are too many, the fewest runs having them.
    hidden_metrics : tuple of str
        Metrics left out because there are too many.
    total : int
        Rows.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    hidden_equal: tuple[str, ...] = ()
    hidden_settings: tuple[str, ...] = ()
    hidden_metrics: tuple[str, ...] = ()
    total: int = 0


def runs_table(
    records: Iterable[RunRecord],
    columns: Sequence[str] | None = None,
    *,
    hide_equal: bool = True,
    main: str | None = None,
    sparkline: Sparkline = read_sparkline,
    rows: int | None = None,
    settings: int | None = None,
    metrics: int = MAX_METRICS,
    grid: Grid | None = None,
) -> RunsTable:
    """Return the table of some runs, in their order.

    Parameters
    ----------
    columns : sequence of str, optional
        Settings, metrics or fields to show, in this order, named as in a query. Without it:
        the settings that differ and the metrics that tell most.
    hide_equal : bool
        Leave out settings that are equal in all of two or more runs.
    main : str, optional
        Metric to put first, usually the one that is sorted by.
    sparkline : callable
        Gives the course of a metric; asked only for the first 200 rows.
    rows : int, optional
        Rows to make at most; which columns there are is judged by all records.
    settings : int, optional
        Settings to show at most where nobody chose: those that most runs have.
    metrics : int
        Metrics to show at most where nobody chose.
    grid : Grid, optional
        Columns of these records and this main metric, where somebody made them already.

    Raises
    ------
    UsageError
        No run has one of the `columns`.
    """
    records = list(records)
    some = records[:rows]
    if columns is not None:
        chosen = [_named(name, records) for name in columns] if records else []
        kinds = [(f.name, _KINDS.get(f.kind, "field")) for f in chosen]
        cells = [[f.get(r) for r in some] for f in chosen]
        return _filled(some, len(records), titled(kinds, records), cells, sparkline)
    grid = grid or Grid(records, main)
    keys = [(_key(c.id), hide_equal and c.equal) for c in grid.columns if c.kind == "config"]
    # Of thousands of settings the cells are not even made.
    kept, rare = grid.commonest([key for key, equal in keys if not equal], settings)
    kinds = [(key, "config") for key in kept]
    kinds += [(key, "metric") for key in grid.ranked[:metrics]]
    cells = [grid.head(_PREFIX[kind] + key, rows) for key, kind in kinds]
    return _filled(some, len(records), titled(kinds, records), cells, sparkline,
                   [key for key, equal in keys if equal], rare, grid.ranked[metrics:])  # fmt: skip


def _key(name: str) -> str:
    return name.partition(".")[2]


_PREFIX: Final = {"config": "config.", "metric": "metrics."}
_KINDS: Final = {"metric": "metric", "value": "config"}


def _named(name: str, records: Sequence[RunRecord]) -> Field:
    found = resolve(name.strip(), records)
    if found is None:
        raise UsageError(unknown_name(name.strip(), records))
    return found


def _filled(
    records: Sequence[RunRecord],
    total: int,
    columns: Sequence[Column],
    cells: Sequence[Sequence[Any]],
    sparkline: Sparkline,
    hidden_equal: Iterable[str] = (),
    hidden_settings: Iterable[str] = (),
    hidden_metrics: Iterable[str] = (),
) -> RunsTable:
    main = next((column.key for column in columns if column.kind == "metric"), None)
    rows = zip(*cells, strict=True) if cells else (() for _ in records)
    return RunsTable(
        columns=tuple(columns),
        rows=tuple(
            Row(r, row, list(sparkline(r, main)) if main and place < SPARKLINES else [])
            for place, (r, row) in enumerate(zip(records, rows, strict=True))
        ),
        hidden_equal=tuple(hidden_equal),
        hidden_settings=tuple(hidden_settings),
        hidden_metrics=tuple(hidden_metrics),
        total=total,
    )
