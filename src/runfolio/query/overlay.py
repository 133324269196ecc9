"""One metric of many runs laid over each other: exact extremes in few buckets, and no points.

Each run's points are read, put into buckets and forgotten, so that memory grows with the answer
alone: runs times buckets, however long the runs are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runfolio.errors import UsageError
from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.query.axis import AXES, origin_ms, points
from runfolio.query.fields import no_such_metric
from runfolio.store.series import read_many
from runfolio.store.store import Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BUCKETS", "Overlay", "overlay"]

BUCKETS = 1000
"""More than a chart has pixel columns."""


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """The curves of one metric as columns: a row is a bucket of a run that holds points.

    Rows stand in order of run and place. A run without a point of the metric has no row.

    Attributes
    ----------
    key : str
    x : str
        ``step``, ``relative`` (seconds), ``time`` (ms UTC), or the metric that serves as an axis.
    runs : tuple of RunRecord
    run : array, shape (n,), int32
        Place in `runs`.
    start, end : array, shape (n,), float64
        Where the first and the last point of the bucket lie.
    n : array, shape (n,), int64
        Points in the bucket, those that are not finite included.
    first, last : array, shape (n,), float64
        The values at both ends; NaN and infinities as logged.
    low, high : array, shape (n,), float64
        The exact smallest and largest value; NaN where the bucket holds nothing but NaN.
    """

    key: str
    x: str
    runs: tuple[RunRecord, ...]
    run: NDArray[np.int32]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    n: NDArray[np.int64]
    first: NDArray[np.float64]
    last: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.run)


_Columns = tuple["NDArray[np.float64] | NDArray[np.int64]", ...]


def overlay(
    store: Store,
    records: Sequence[RunRecord],
    key: str,
    buckets: int = BUCKETS,
    *,
    x: str = "step",
    x_range: tuple[float, float] | None = None,
) -> Overlay:
    """Return one metric of some runs in buckets of equal width.

    Parameters
    ----------
    buckets : int
        Per run: they part `x_range`, or the run's own range without one, into equal widths.
    x : str
        ``step``, ``relative`` (seconds since the run's first point of the metric), ``time``
        (ms UTC), or a metric such as ``epoch``, whose value at each step counts, else its last
        before it.
    x_range : (float, float), optional
        Only points from the first up to and with the second; the buckets of all runs then begin
        at the same places.

    Raises
    ------
    UsageError
        None of the runs has the metric `key`, or the one that serves as an axis; or a number is
        not as it should be.
    """
    if buckets < 1:
        raise UsageError(f"buckets is {buckets}; expected 1 or more.")
    if x_range is not None and not x_range[0] <= x_range[1]:
        raise UsageError(f"x_range is {x_range}; expected the smaller end first.")
    known = {name for record in records for name in record.metrics}
    wanted = [key] if x in AXES else [key, x]
    for name in wanted:
        if records and name not in known:
            raise UsageError(no_such_metric(name, known))

    def bucketed(record: RunRecord, found: Mapping[str, Series]) -> _Columns | None:
        del record
        if key not in found or (x not in AXES and x not in found):
            return None
        axis = None if x in AXES else found[x]
        origin = origin_ms({key: found[key]})
        return _bucketed(*points(found[key], x, origin, axis), buckets, x_range)

    return _joined(key, x, records, read_many(store, records, wanted, bucketed))


def _joined(
    key: str, x: str, records: Sequence[RunRecord], pieces: Iterable[_Columns | None]
) -> Overlay:
    places: list[int] = []
    kept: list[_Columns] = []
    for place, piece in enumerate(pieces):
        if piece is not None and len(piece[0]):
            places.append(place)
            kept.append(piece)
    columns = [np.concatenate(parts) for parts in zip(*kept, strict=True)] if kept else [
        np.empty(0, kind) for kind in ("f8", "f8", "i8", "f8", "f8", "f8", "f8")
    ]  # fmt: skip
    run = np.repeat(np.array(places, np.int32), [len(piece[0]) for piece in kept])
    return Overlay(key, x, tuple(records), run, *columns)


def _bucketed(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    buckets: int,
    x_range: tuple[float, float] | None,
) -> _Columns:
    """Return start, end, n, first, last, low and high of each bucket that holds a point."""
    if x_range is not None:
        inside = slice(np.searchsorted(x, x_range[0]), np.searchsorted(x, x_range[1], "right"))
        x, y = x[inside], y[inside]
    if not len(x):
        empty = np.empty(0)
        return empty, empty, np.empty(0, np.int64), empty, empty, empty, empty
    low, high = x_range or (float(x[0]), float(x[-1]))
    # Halves, for the difference of two numbers may be larger than any.
    width = high / 2 - low / 2
    place = np.zeros(len(x), np.int64)
    if width > 0:
        share = (x / 2 - low / 2) / width
        place = np.minimum((share * buckets).astype(np.int64), buckets - 1)
    begins = np.flatnonzero(np.append(True, place[1:] != place[:-1]))
    ends = np.append(begins[1:], len(x)) - 1
    return (
        x[begins],
        x[ends],
        ends - begins + 1,
        y[begins],
        y[ends],
        np.fmin.reduceat(y, begins),
        np.fmax.reduceat(y, begins),
    )
