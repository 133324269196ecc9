"""A comparison in a notebook's page: its widget, and the table of differences as a page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from runfolio.verbs.compare_sheet import BESIDE, compare_sheet
from runfolio.verbs.local import now
from runfolio.verbs.sheet import Cell, Sheet

if TYPE_CHECKING:
    from runfolio.model.run import RunRecord
    from runfolio.query.comparison import Comparison
    from runfolio.widgets.compare import CompareWidget

__all__ = ["compare_widget", "table_told"]

_ROWS: Final = 100
_SHOWN: Final = {"strong": "strong", "secondary": "quiet"}


def compare_widget(compared: Comparison, every: Sequence[RunRecord], query: str) -> CompareWidget:
    """Return the widget of a comparison."""
    from runfolio.widgets.compare import CompareWidget

    def table(records: Sequence[RunRecord]) -> dict[str, Any]:
        some = compared if len(records) == len(compared.records) else compared.of(records)
        return table_told(compare_sheet(some, len(every), query, now(), limit=_ROWS), records)

    return CompareWidget(compared, table=table, every=every, query=query)


def table_told(sheet: Sheet, records: Sequence[RunRecord]) -> dict[str, Any]:
    """Return the table for a page: which row, or which column, belongs to which run."""
    columns = [column for column in sheet.columns if column.forms != "terminal"]
    beside = len(records) <= BESIDE
    n = len(columns[0].cells) if columns else 0
    ids = [record.id for record in records[: len(records) if beside else n]]
    return {
        "title": sheet.title, "footer": sheet.footer, "beside": beside, "ids": ids,
        "columns": [
            {"title": column.title, "right": column.right, "exact": column.exact,
             "cells": [_cell(cell) for cell in column.cells]}
            for column in columns
        ],
    }  # fmt: skip


def _cell(cell: Cell) -> dict[str, Any]:
    sign, _, status = ("", "", "") if cell.points else cell.label.partition(" ")
    found = {
        "exact": cell.exact, "aside": cell.aside, "sign": sign, "status": status,
        "tags": list(cell.labels), "role": _SHOWN.get(cell.role, ""), "weight": cell.weight,
    }  # fmt: skip
    told: dict[str, Any] = {"t": cell.text}
    told |= {name: value for name, value in found.items() if value or value == 0.0}
    if cell.points:
        # A gap is null: JSON has no NaN.
        told["points"] = [point if point == point else None for point in cell.points]  # noqa: PLR0124
    return told
