"""The mean of a metric over the runs of a group, and how far they lie apart, along a shared axis.

A run is read, reduced to the means of its own buckets and forgotten, so memory grows with runs
times buckets. Between the middles of its buckets a run is taken as straight; beyond its ends it
says nothing.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from runfolio.errors import UsageError
from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.query.axis import origin_ms, points
from runfolio.query.differing import scale_of
from runfolio.query.fields import ABSENT, resolve, unknown_name
from runfolio.store.series import read_many
from runfolio.store.store import Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GROUPS", "Band", "Spread", "spread"]

GROUPS: Final = 8
"""Groups that are drawn, those of most runs; as many as there are colours."""

_BUCKETS: Final = 160


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """One group along the axis.

    Attributes
    ----------
    value : Any
        What its runs share; ``ABSENT`` of those without.
    n_runs : int
        Runs with points of the metric.
    x, mean : array, shape (n,), float64
        Ends where fewer than half of its runs go on.
    deviation : array, shape (n,), float64
        Standard deviation among the runs; NaN where only one is left.
    """

    value: Any
    n_runs: int
    x: NDArray[np.float64]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """All groups, in order of their value.

    Attributes
    ----------
    by : str
        What they are grouped by.
    left_out : int
        Groups that found no place.
    """

    key: str
    by: str
    x: str
    bands: tuple[Band, ...]
    left_out: int = 0


_Course = tuple["NDArray[np.float64]", "NDArray[np.float64]"]


def spread(
    store: Store, records: Sequence[RunRecord], key: str, by: str, *, x: str = "step"
) -> Spread:
    """Return the mean and the spread of a metric in each group of runs.

    Parameters
    ----------
    by : str
        ``group``, ``sweep``, any other field or any setting, named as in a query.
    x : str
        ``step``, ``relative``, ``time``, or a metric such as ``epoch``.

    Raises
    ------
    UsageError
        No run has what `by` names.
    """
    field = resolve(by, records)
    if field is None:
        raise UsageError(unknown_name(by, records))
    values = [field.get(record) for record in records]
    scale = scale_of([repr(v) if isinstance(v, tuple) else v for v in values])
    groups: dict[float, list[int]] = {}
    for at, place in enumerate(scale.places):
        groups.setdefault(_apart(values[at]) if place is None else place, []).append(at)
    drawn = sorted(sorted(groups, key=lambda g: -len(groups[g]))[:GROUPS])
    wanted = sorted(at for group in drawn for at in groups[group])
    courses = dict(
        zip(wanted, _courses(store, [records[at] for at in wanted], key, x), strict=True)
    )
    ends = [c[0][at] for c in courses.values() if c is not None for at in (0, -1)]
    grid = np.linspace(min(ends), max(ends), _BUCKETS) if ends else np.empty(0)
    bands = [
        _band(values[groups[group][0]], [c for at in groups[group] if (c := courses[at])], grid)
        for group in drawn
    ]
    return Spread(
        key, by, x, tuple(band for band in bands if band.n_runs), len(groups) - len(drawn)
    )


def _apart(value: Any) -> float:
    """Return where a group stands whose value has no place among the others: from 0 to 1."""
    if value is ABSENT:
        return -3.0
    if value is None:
        return -2.0
    return -1.0 if value == -math.inf else 2.0 if value == math.inf else 3.0  # NaN


def _courses(store: Store, records: Sequence[RunRecord], key: str, x: str) -> list[_Course | None]:
    axis = None if x in ("step", "relative", "time") else x

    def course(record: RunRecord, found: Mapping[str, Series]) -> _Course | None:
        del record
        if key not in found or (axis is not None and axis not in found):
            return None
        over = None if axis is None else found[axis]
        return _means(*points(found[key], x, origin_ms({key: found[key]}), over))

    return list(read_many(store, records, [key] if axis is None else [key, axis], course))


def _means(x: NDArray[np.float64], y: NDArray[np.float64]) -> _Course | None:
    finite = np.isfinite(y)
    x, y = (x, y) if finite.all() else (x[finite], y[finite])
    if not len(x):
        return None
    # Of equal count, not width: each mean then stands on as many points as its neighbours.
    begins = np.unique(np.linspace(0, len(x), min(len(x), _BUCKETS) + 1).astype(np.int64))[:-1]
    n = np.diff(np.append(begins, len(x)))
    # Halved sums would not help: means of values beyond 1e300 overflow to infinity, and stay.
    with np.errstate(over="ignore"):
        middle, mean = np.add.reduceat(x, begins) / n, np.add.reduceat(y, begins) / n
    if len(x) > len(n) > 1:  # as straight as the two nearest means up to the ends of the run
        ends = [_beyond(middle, mean, x[at], at) for at in (0, -1)]
        middle = np.concatenate((x[:1], middle, x[-1:]))
        mean = np.concatenate((ends[:1], mean, ends[1:]))
    return middle, mean


def _beyond(x: NDArray[np.float64], y: NDArray[np.float64], at: float, end: int) -> float:
    """Return where the line through the two first points lies, or through the two last ones."""
    near, far = (0, 1) if end == 0 else (-1, -2)
    apart = float(x[far] - x[near])
    return float(y[near] + ((y[far] - y[near]) * ((at - x[near]) / apart) if apart else 0.0))


def _band(value: Any, courses: Sequence[_Course], grid: NDArray[np.float64]) -> Band:
    rows = [np.interp(grid, *course, left=np.nan, right=np.nan) for course in courses]
    if not rows:
        empty = np.empty(0)
        return Band(value, 0, empty, empty, empty)
    stacked = np.array(rows)
    n = np.isfinite(stacked).sum(axis=0)
    kept = (n >= 1) & (2 * n >= len(rows))
    with warnings.catch_warnings(), np.errstate(over="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        mean = np.nanmean(stacked[:, kept], axis=0)
        apart = np.nanstd(stacked[:, kept], axis=0, ddof=1)
    return Band(value, len(rows), grid[kept], mean, apart)
