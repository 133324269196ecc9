"""The rows of a table in the order somebody asks for: sorted by columns, gathered into groups."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from runfolio.query.fields import ABSENT
from runfolio.query.filter import rank
from runfolio.query.grid import Grid
from runfolio.query.summary import MAXIMIZE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Arrangement", "Group", "SortBy", "arrange"]

SortBy = tuple[str, bool]
"""A column, and whether its largest come first."""

# Larger whole numbers are not all floats.
_EXACT: Final = 2**53


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that have the same in the column that is grouped by.

    Attributes
    ----------
    value : value
        What they have; ``ABSENT`` where they have nothing.
    rows : array of int
        Places among the records, in their order.
    best, mean : float or None
        Of the metric the table is sorted by, else of its main one; over finite values only.
    """

    value: Any
    rows: NDArray[np.int64]
    best: float | None = None
    mean: float | None = None


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Rows in their order.

    Attributes
    ----------
    order : array of int, shape (n,)
        Places among the records.
    groups : tuple of Group
        Empty where nobody groups; else in the order of their first rows.
    metric : str or None
        What ``best`` and ``mean`` of the groups are of.
    mean : float or None
        Of that metric over all rows.
    """

    order: NDArray[np.int64]
    groups: tuple[Group, ...] = ()
    metric: str | None = None
    mean: float | None = None

    def items(self, closed: Collection[int] = ()) -> NDArray[np.int64]:
        """Return what stands below each other: a row's place, or ``-1 - n`` for the nth group.

        Parameters
        ----------
        closed : collection of int
            Groups whose rows are not shown.
        """
        import numpy as np

        if not self.groups:
            return self.order
        pieces = []
        for n, group in enumerate(self.groups):
            pieces.append(np.array([-1 - n], np.int64))
            if n not in closed:
                pieces.append(group.rows)
        return np.concatenate(pieces)


def arrange(grid: Grid, sort: Sequence[SortBy] = (), group: str | None = None) -> Arrangement:
    """Return the rows of a table in an order.

    Equal ones keep the order of the records; those without a value, or with NaN, come last either
    way. Numbers come before times, and times before text, as in a query's ``sort:``.

    Parameters
    ----------
    sort : sequence of SortBy
        The first decides, the next among its equals. Unknown columns are passed over.
    group : str, optional
        Column whose equal values stand together.
    """
    import numpy as np

    order = np.arange(len(grid), dtype=np.int64)
    known = [(name, falling) for name, falling in sort if grid.column(name) is not None]
    for name, falling in reversed(known):
        order = order[_sorted(grid, name, order, falling=falling)]
    if group is None or grid.column(group) is None:
        return Arrangement(order)
    metric = next((n for n, _ in known if n.startswith("metrics.")), None)
    if metric is None and grid.main is not None:
        metric = f"metrics.{grid.main}"
    figures = None if metric is None else _floats(grid.values(metric))
    largest = metric is not None and grid.traits(metric).goal == MAXIMIZE
    known_goal = metric is not None and grid.traits(metric).goal is not None
    groups = []
    for value, rows in _gathered(grid.values(group), order):
        best = mean = None
        if figures is not None:
            finite = figures[rows]
            finite = finite[np.isfinite(finite)]
            mean = _mean(finite)
            if known_goal and len(finite):
                best = float(finite.max() if largest else finite.min())
        groups.append(Group(value, rows, best, mean))
    over_all = None if figures is None else _mean(figures[np.isfinite(figures)])
    return Arrangement(order, tuple(groups), metric, over_all)


def _sorted(grid: Grid, name: str, order: NDArray[np.int64], *, falling: bool) -> NDArray[np.int64]:
    """Return the places in `order`, by the values of a column; equal ones as they stand."""
    import numpy as np

    values = grid.values(name)
    if all(map(_is_plain, values)):
        figures = _floats(values)[order]
        return np.argsort(-figures if falling else figures, kind="stable")
    ranked: list[tuple[tuple[int, Any], int]] = []
    last: list[int] = []
    for place, row in enumerate(order.tolist()):
        found = rank(values[row])
        if found is None:
            last.append(place)
        else:
            ranked.append((found, place))
    ranked.sort(key=lambda item: item[0], reverse=falling)
    return np.array([place for _, place in ranked] + last, np.int64)


def _is_plain(value: Any) -> bool:
    kind = type(value)
    return kind is float or value is ABSENT or (kind is int and abs(value) <= _EXACT)


def _floats(values: Sequence[Any]) -> NDArray[np.float64]:
    import numpy as np

    return np.array([math.nan if value is ABSENT else value for value in values], np.float64)


def _mean(finite: NDArray[np.float64]) -> float | None:
    # Divided first: the sum of large numbers may be larger than any.
    return float((finite / len(finite)).sum()) if len(finite) else None


def _gathered(
    values: Sequence[Any], order: NDArray[np.int64]
) -> list[tuple[Any, NDArray[np.int64]]]:
    import numpy as np

    found: dict[Any, tuple[Any, list[int]]] = {}
    for row in order.tolist():
        value = values[row]
        # 1 and True are equal to Python, and lists have no hash.
        key = (type(value), value) if value.__hash__ is not None else (list, repr(value))
        if type(value) in (int, float):
            key = (float, value) if value == value else (float, "nan")  # noqa: PLR0124
        found.setdefault(key, (value, []))[1].append(row)
    return [(value, np.array(rows, np.int64)) for value, rows in found.values()]
