"""A part of a table as a page gets it: numbers as numbers, all else as text, column by column."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from runfolio.charts.curves import label_text
from runfolio.charts.figures import decimals_of, digits_of, typed
from runfolio.model.run import RunRecord
from runfolio.query.arrange import Arrangement, arrange
from runfolio.query.fields import ABSENT
from runfolio.query.grid import Grid, GridColumn
from runfolio.query.run_names import run_name
from runfolio.widgets.requests import MAX_ROWS, Wanted

__all__ = ["TableRows", "catalogue", "group_label", "left_out", "run_head", "words"]

_WIDE: Final = 300
_KEPT: Final = 4
_NUMBERS: Final = frozenset(("number", "duration", "time"))
_NOTHING: Final = "(missing)"


def catalogue(grid: Grid) -> list[dict[str, Any]]:
    """Return the columns that can be had, as a page is told of them."""
    looks = 40 if len(grid.columns) < 1000 else 0
    return [
        {
            "id": column.id, "title": label_text(column.title, 120), "kind": column.kind,
            "type": column.type, "unit": label_text(column.unit), "shown": column.shown,
            "equal": column.equal, "wide": _wide(grid, column, looks),
        }
        for column in grid.columns
    ]  # fmt: skip


def left_out(grid: Grid) -> list[str]:
    """Return the sentence that says how many columns are not shown, where there are too many."""
    if not grid.left_out:
        return []
    words = (
        f"{grid.left_out:,} more columns differ, those that the fewest runs have: find them under "
        "Columns by a word or a pattern (metrics.val/*)."
    )
    return [words]


def _wide(grid: Grid, column: GridColumn, looks: int) -> int:
    """Return how many characters the first rows of a column of text have, so that it gets room."""
    if column.type != "text":
        return 0
    is_setting, head = column.kind == "config", grid.head(column.id, looks)
    digits = digits_of(head)
    return max((len(words(v, digits, is_setting=is_setting)) for v in head), default=0)


def words(value: Any, digits: int | None = None, *, is_setting: bool = True) -> str:
    """Return a setting or a field of any type as text for one line.

    A setting of text that reads as a number stands in quotation marks; a number has all its
    digits where it does not stand in a column.
    """
    if value is ABSENT:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    elif isinstance(value, tuple):
        value = ", ".join(map(str, value))
    if isinstance(value, str) and not is_setting:
        return label_text(value, _WIDE)
    return label_text(typed(value) if digits is None else typed(value, digits), _WIDE)


def group_label(value: Any, column: str | None = None) -> str:
    """Return what a group is called that has a value in a column."""
    return words(value, is_setting=_is_setting(column)) or _NOTHING


def _is_setting(column: str | None) -> bool:
    return column is not None and column.startswith("config.")


class TableRows:
    """The rows of one state of a store, in whatever order they are asked for.

    Parameters
    ----------
    grid : Grid
    """

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._arranged: dict[tuple[Any, ...], Arrangement] = {}
        self._decimals: dict[str, int | None] = {}
        self._digits: dict[str, int] = {}

    def arranged(self, want: Wanted) -> Arrangement:
        """Return the rows in the order that is asked for; of late orders the last few are kept."""
        key = want.sort, want.group
        found = self._arranged.pop(key, None) or arrange(self.grid, want.sort, want.group)
        self._arranged[key] = found
        while len(self._arranged) > _KEPT:
            del self._arranged[next(iter(self._arranged))]
        return found

    def items(self, want: Wanted) -> NDArray[np.int64]:
        """Return what stands below each other; see `Arrangement.items`."""
        found = self.arranged(want)
        labels = (group_label(group.value, want.group) for group in found.groups)
        return found.items({n for n, label in enumerate(labels) if want.folding.closes(label)})

    def ids(self, want: Wanted) -> list[str]:
        """Return the ids of the runs from the first row to before the last one asked for."""
        items = self.items(want)[want.first : want.end]
        return [self.grid.records[place].id for place in items[items >= 0].tolist()]

    def window(self, want: Wanted) -> tuple[dict[str, Any], list[bytes]]:
        """Return rows that stand below each other, and the buffers of their numbers.

        The first buffer holds what each row is (int32): the place of a run, or ``-1 - n`` for a
        group. Each column of numbers adds one of values (float64) and one that says which of them
        are there (uint8), for a NaN that was logged is not a missing value.
        """
        items = self.items(want)
        arrangement = self.arranged(want)
        part = items[want.first : min(want.end, want.first + MAX_ROWS)]
        found, buffers = self._cells(part, want.columns)
        return {
            "n": len(items),
            "first": want.first,
            **found,
            "groups": _groups(arrangement, part, want.group),
            "metric": arrangement.metric,
            "mean": _told(arrangement.mean),
        }, buffers

    def some(
        self, ids: Collection[str], columns: Sequence[str]
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Return some runs, wherever they stand; the buffers are as those of `window`."""
        places = (
            [n for n, record in enumerate(self.grid.records) if record.id in ids] if ids else []
        )
        return self._cells(np.array(places, np.int64), columns)

    def _cells(
        self, items: NDArray[np.int64], names: Sequence[str]
    ) -> tuple[dict[str, Any], list[bytes]]:
        runs = items[items >= 0]
        buffers = [items.astype(np.int32).tobytes()]
        self.grid.prepare(names)
        columns = [self.grid.column(name) for name in names]
        told = [self._column(column, runs, buffers) for column in columns if column is not None]
        return {
            "runs": [run_head(self.grid.records[place]) for place in runs.tolist()],
            "columns": told,
        }, buffers

    def renewed(self, records: Sequence[RunRecord]) -> TableRows:
        """Return the table of these runs as they are by now, each where it stood."""
        table = TableRows(Grid(records, self.grid.main))
        table._arranged = self._arranged
        table._digits = self._digits  # as in the cells that are not told anew
        return table

    def _column(
        self, column: GridColumn, runs: NDArray[np.int64], buffers: list[bytes]
    ) -> dict[str, Any]:
        values = self.grid.values(column.id)
        some = [values[place] for place in runs.tolist()]
        traits = self.grid.traits(column.id)
        told: dict[str, Any] = {"id": column.id, "right": traits.right}
        if column.type in _NUMBERS:
            numbers = [_number(value) for value in some]
            told["buffer"] = len(buffers)
            buffers.append(np.array([v or 0.0 for v in numbers], np.float64).tobytes())
            buffers.append(np.array([v is not None for v in numbers], np.uint8).tobytes())
            if column.kind == "metric":
                told |= {"low": traits.low, "high": traits.high, "goal": traits.goal,
                         "decimals": self._decimals_of(column.id)}  # fmt: skip
        elif column.type == "tags":
            told["lists"] = [
                [label_text(tag, _WIDE) for tag in value] if value is not ABSENT else []
                for value in some
            ]
        elif column.id != "run":
            is_setting, digits = column.kind == "config", self._digits_of(column.id)
            told["texts"] = [words(value, digits, is_setting=is_setting) for value in some]
            exact = [words(value, is_setting=is_setting) for value in some]
            if exact != told["texts"]:
                told["exact"] = exact
        return told

    def _digits_of(self, name: str) -> int:
        if name not in self._digits:
            self._digits[name] = digits_of(self.grid.values(name))
        return self._digits[name]

    def _decimals_of(self, name: str) -> int | None:
        if name not in self._decimals:
            values = self.grid.values(name)
            self._decimals[name] = decimals_of(v for v in values if v is not ABSENT)
        return self._decimals[name]


def run_head(record: RunRecord) -> list[str]:
    """Return what a page shows of a run beside its figures: id, name, short id, status, glyph."""
    status = record.status
    name = label_text(run_name(record), _WIDE)
    return [record.id, name, record.short_id, status.value, status.glyph]


def _groups(
    arrangement: Arrangement, items: NDArray[np.int64], column: str | None
) -> list[dict[str, Any]]:
    found = []
    for item in items[items < 0].tolist():
        group = arrangement.groups[-1 - item]
        found.append(
            {
                "label": group_label(group.value, column), "n": len(group.rows),
                "best": _told(group.best), "mean": _told(group.mean),
            }
        )  # fmt: skip
    return found


def _told(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _number(value: Any) -> float | None:
    if isinstance(value, datetime):
        return value.timestamp() * 1000
    return None if value is ABSENT or value is None else float(value)
