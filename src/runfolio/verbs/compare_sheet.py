"""The table of differences: a column a run where they are few, else a row a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from runfolio.charts.figures import digits_of, typed
from runfolio.model.run import RunRecord
from runfolio.query.comparison import Comparison
from runfolio.query.data_words import data_words
from runfolio.query.fields import ABSENT
from runfolio.query.run_faults import fault
from runfolio.query.run_names import run_name
from runfolio.query.summary import direction
from runfolio.query.table import runs_table
from runfolio.verbs.code_words import code_words
from runfolio.verbs.figures import column_figures
from runfolio.verbs.runs_sheet import runs_sheet
from runfolio.verbs.sheet import Cell, Column, Sheet
from runfolio.verbs.terminal import one_line

__all__ = ["BESIDE", "compare_sheet"]

BESIDE: Final = 6
"""Runs that stand beside each other; more are rows."""

_SETTINGS: Final = 12
_METRICS: Final = 12
_WIDTH: Final = 28


def compare_sheet(
    compared: Comparison, total: int, query: str, now: datetime, *, limit: int | None = None
) -> Sheet:
    """Return the table ready to be drawn.

    Parameters
    ----------
    total : int
        Runs in the store.
    query : str
        Shown beside the title.
    limit : int, optional
        Rows at most.
    """
    if len(compared.records) > BESIDE:
        table = runs_table(
            compared.records, main=compared.metric or None, sparkline=compared.course_of,
            settings=_SETTINGS,
        )  # fmt: skip
        sheet = runs_sheet(table, total, query, now, limit=limit)
        return replace(sheet, title="Differences")
    rows = [
        *((s.title, s.key, _values(s.values)) for s in compared.settings),
        *_circumstances(compared.records),
        *((key, key, _figures(key, compared)) for key in compared.shared[:_METRICS]),
    ]
    names = Column(
        "",
        [
            Cell(one_line(title, _WIDTH), "secondary", exact=one_line(key, 200))
            for title, key, _ in rows
        ],
    )
    columns = [
        Column(
            one_line(f"{run_name(record)} {record.short_id}", _WIDTH), [row[at] for *_, row in rows],
            right=True, exact=one_line(record.id, 80),
        )
        for at, record in enumerate(compared.records)
    ]  # fmt: skip
    n = len(compared.settings)
    footer = f"{n} setting{'s' * (n != 1)} differ{'s' * (n == 1)}" if n else "no setting differs"
    if (more := len(compared.shared) - _METRICS) > 0:
        footer += f" · {more} more metric{'s' * (more != 1)}"
    return Sheet("Differences", [names, *columns], footer, aside=one_line(query, 80))


def _values(values: Sequence[Any]) -> list[Cell]:
    digits = digits_of(values)
    return [_value(value, digits) for value in values]


def _value(value: Any, digits: int) -> Cell:
    if value is ABSENT:
        return Cell("–", "secondary")
    words = typed(value)
    shown = one_line(typed(value, digits), _WIDTH)
    return Cell(shown, exact="" if shown == words else one_line(words, 200))


def _circumstances(records: Sequence[RunRecord]) -> list[tuple[str, str, list[Cell]]]:
    """Return rows for what is wrong with a record, and for code and data, where not all have the same."""
    found = []
    for title, words in (
        ("fault", [fault(record) for record in records]),
        ("code", [code_words(record.git) for record in records]),
        ("data", [data_words(record.data) for record in records]),
    ):
        if len(set(words)) > 1:
            cells = [Cell(one_line(w, _WIDTH) or "–", exact=one_line(w, 200)) for w in words]
            found.append((title, title, cells))
    return found


def _figures(key: str, compared: Comparison) -> list[Cell]:
    values = [record.figure_of(key) for record in compared.records]
    finite = [v for v in values if v is not None and math.isfinite(v)]
    way = direction(key, compared.records) or (compared.way if key == compared.metric else None)
    best = None
    if way is not None and len(set(finite)) > 1:
        best = max(finite) if way == "maximize" else min(finite)
    return [
        Cell(words or "–", "strong" if value is not None and value == best else "",
             exact="" if value is None else repr(value))
        for value, words in zip(values, column_figures(values), strict=True)
    ]  # fmt: skip
