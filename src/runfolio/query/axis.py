"""Where points lie on the horizontal axis: by step, by time, or by another metric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from runfolio.model.run import RunRecord
from runfolio.model.series import Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["AXES", "along", "origin_ms", "points", "step_metric"]

AXES: Final = ("step", "relative", "time")
"""What a chart can run over; with ``step`` a metric that has a step metric runs over that."""


def along(axis: Series, steps: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the value that a metric has at each of the steps, or had last before it.

    NaN where it has none yet. Points of it that are not finite do not count.

    Parameters
    ----------
    axis : Series
        The metric that serves as an axis, such as ``epoch``.
    steps : array, shape (n,)
    """
    finite = np.isfinite(axis.value)
    known, values = axis.step[finite], axis.value[finite]
    if not len(known):
        return np.full(len(steps), np.nan)
    places = np.searchsorted(known, steps, side="right") - 1
    return np.where(places >= 0, values[places], np.nan)


def step_metric(key: str, shown: Iterable[tuple[RunRecord, Mapping[str, Series]]]) -> str | None:
    """Return the metric that is the axis of another one, in all of the runs that have it.

    ``None`` where none was defined, where the runs do not agree, and where a run has no value of
    it for any point: curves over unlike axes do not belong in one chart.
    """
    having = [(record, found) for record, found in shown if key in found and len(found[key])]
    axes = {_defined(key, record) for record, _ in having}
    axis = axes.pop() if len(axes) == 1 else None
    if axis is None or axis == key:
        return None
    placed = all(
        axis in found and np.isfinite(along(found[axis], found[key].step[-1:])).all()
        for _, found in having
    )
    return axis if placed else None


def _defined(key: str, record: RunRecord) -> str | None:
    summary = record.metrics.get(key)
    return None if summary is None else summary.step_metric


def origin_ms(found: Mapping[str, Series]) -> int:
    """Return when a run logged its first point."""
    return min((int(s.time_ms.min()) for s in found.values() if len(s)), default=0)


def points(
    series: Series, x: str, origin: int = 0, axis: Series | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the points of a metric lie, and their values, in rising order of place.

    What has no place (a step that is no number, a point before the first one of `axis`) is left
    out.

    Parameters
    ----------
    x : str
        One of `AXES`.
    origin : int
        From where ``relative`` counts, in milliseconds.
    axis : Series, optional
        The metric whose values count instead of steps.
    """
    if x == "time":
        xs = np.asarray(series.time_ms, dtype=np.float64)
    elif x == "relative":
        xs = (series.time_ms - origin) / 1000
    elif axis is not None:
        xs = along(axis, series.step)
    else:
        xs = np.asarray(series.step, dtype=np.float64)
    ys = np.asarray(series.value, dtype=np.float64)
    if (axis is not None or series.step.dtype.kind == "f") and not np.isfinite(xs).all():
        placed = np.isfinite(xs)
        xs, ys = xs[placed], ys[placed]
    if len(xs) > 1 and bool((xs[1:] < xs[:-1]).any()):
        order = np.argsort(xs, kind="stable")
        xs, ys = xs[order], ys[order]
    return xs, ys
