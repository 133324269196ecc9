"""The runs table: which settings and metrics stand in it, and what stands in each cell."""

from __future__ import annotations

import collections
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from runfolio.errors import UsageError
from runfolio.model.run import RunRecord
from runfolio.query.compare import same
from runfolio.query.fields import ABSENT, FIELDS, Field, flat_settings, resolve, unknown_name
from runfolio.query.sparkline import sparkline as read_sparkline
from runfolio.query.summary import headline, unit_of

__all__ = ["Column", "Row", "RunsTable", "Sparkline", "runs_table"]

MAX_METRICS: Final = 6
"""Metrics a table shows when nobody chose."""

SPARKLINES: Final = 200
"""Rows that get a sparkline; a longer table is looked through by its figures."""

_UNITS: Final = {"_ms": "ms", "_s": "s", "_bytes": "B", "_percent": "%"}

Sparkline = Callable[[RunRecord, str], Sequence[float]]
"""Takes a record and a metric, returns at most 40 values."""


@dataclass(frozen=True, slots=True)
class Column:
    """One chosen column.

    Attributes
    ----------
    key : str
        Flat name of the setting or metric.
    title : str
        The short form of it that is still unique in this table, without the unit.
    kind : str
        ``config``, ``metric`` or ``field`` (one of every run, where asked for).
    unit : str
        As ``metrics.toml`` says, else from the end of the name: ``time_s`` has ``s``.
    """

    key: str
    title: str
    kind: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One run.

    Attributes
    ----------
    cells : tuple
        One value per column of the table, ``None`` where the run has none.
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
    hidden_metrics : tuple of str
        Metrics left out because there are too many.
    total : int
        Rows.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    hidden_equal: tuple[str, ...] = ()
    hidden_metrics: tuple[str, ...] = ()
    total: int = 0


def runs_table(
    records: Iterable[RunRecord],
    columns: Sequence[str] | None = None,
    *,
    hide_equal: bool = True,
    main: str | None = None,
    sparkline: Sparkline = read_sparkline,
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

    Raises
    ------
    UsageError
        No run has one of the `columns`.
    """
    records = list(records)
    if columns is not None:
        chosen = [_named(name, records) for name in columns] if records else []
        return _filled(records, _titled([(f.name, _KINDS.get(f.kind, "field")) for f in chosen], records),
                       [[_value(f.get(r)) for r in records] for f in chosen], sparkline)  # fmt: skip
    flat = [flat_settings(record.config) for record in records]
    settings = list(dict.fromkeys(name for config in flat for name in config))
    hidden = [n for n in settings if hide_equal and len(records) > 1 and _all_same(n, flat)]
    settings = [name for name in settings if name not in set(hidden)]
    metrics = _metrics(records, main)
    cells = [[config.get(name) for config in flat] for name in settings]
    cells += [[r.figure_of(key) for r in records] for key in metrics[:MAX_METRICS]]
    kinds = [(name, "config") for name in settings]
    kinds += [(key, "metric") for key in metrics[:MAX_METRICS]]
    return _filled(
        records, _titled(kinds, records), cells, sparkline, hidden, metrics[MAX_METRICS:]
    )


_FIXED: Final = frozenset({*FIELDS, "run", "id", "took", "started", "tags", "status"})
_KINDS: Final = {"metric": "metric", "value": "config"}


def _named(name: str, records: Sequence[RunRecord]) -> Field:
    found = resolve(name.strip(), records)
    if found is None:
        raise UsageError(unknown_name(name.strip(), records))
    return found


def _value(value: Any) -> Any:
    return None if value is ABSENT else value


def _filled(
    records: Sequence[RunRecord],
    columns: Sequence[Column],
    cells: Sequence[Sequence[Any]],
    sparkline: Sparkline,
    hidden_equal: Iterable[str] = (),
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
        hidden_metrics=tuple(hidden_metrics),
        total=len(records),
    )


def _all_same(name: str, flat: Sequence[Mapping[str, Any]]) -> bool:
    first = flat[0].get(name, ABSENT)
    return first is not ABSENT and all(same(first, config.get(name, ABSENT)) for config in flat)


def _metrics(records: Sequence[RunRecord], main: str | None) -> list[str]:
    """Return all metrics that are results, by how early and how often they stand in headlines."""
    score: collections.defaultdict[str, float] = collections.defaultdict(float)
    for record in records:
        for place, key in enumerate(headline(record)):
            score[key] += 1 / (place + 1)
    ranked = sorted(score, key=score.__getitem__, reverse=True)
    if main is not None and any(main in record.metrics for record in records):
        ranked = [main, *(key for key in ranked if key != main)]
    return ranked


def _titled(columns: Sequence[tuple[str, str]], records: Sequence[RunRecord]) -> list[Column]:
    names = [_last(key) if kind == "config" else key for key, kind in columns]
    often = collections.Counter(names)
    found = []
    for (key, kind), short in zip(columns, names, strict=True):
        # `opt.name` must not read as the name of the run.
        title = short if often[short] == 1 and (short == key or short not in _FIXED) else key
        stem, unit = _unit(title, key, records) if kind == "metric" else (title, "")
        found.append(Column(key, stem, kind, unit))
    return found


def _last(name: str) -> str:
    return re.split(r"(?<!\\)\.", name)[-1].replace("\\.", ".").replace("\\\\", "\\") or name


def _unit(title: str, key: str, records: Sequence[RunRecord]) -> tuple[str, str]:
    """Return a title and the unit: the one that was defined, else what the name ends with."""
    if (said := unit_of(key, records)) is not None:
        return title.removesuffix(f"_{said}") or title, said
    for ending, unit in _UNITS.items():
        if title.endswith(ending) and len(title) > len(ending):
            return title.removesuffix(ending), unit
    return title, ""
