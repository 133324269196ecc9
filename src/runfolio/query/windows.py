"""Curves of many long runs over a part of their axis, thinned to the columns of a panel.

What is seen from afar is read whole, once: then it is known how long a run is, whether it jitters,
and between which steps any part of it lies. Of what is looked at closely only that part is read.
A run is read, thinned and forgotten, so that memory grows with runs times columns.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.query.axis import AXES, origin_ms, points
from runfolio.query.decimation import extremes, is_noisy, smoothed, weight_for
from runfolio.query.overlaid import axis_of
from runfolio.store.series import read_many
from runfolio.store.store import Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Piece", "Window", "Windows"]

_INDEX: Final = 64
# What the past beyond so many widths of the mean counts for is less than a pixel: 6e-6 of it.
_RUN_IN: Final = 12.0


@dataclass(frozen=True, slots=True)
class Window:
    """What part of the curves is wanted.

    Attributes
    ----------
    keys : tuple of str
        Metrics.
    x : str
        ``step``, ``relative``, ``time``, or a metric such as ``epoch``.
    x_range : (float, float) or None
        Where the part begins and ends; the whole of each run without one.
    columns : int
        Pixel columns that part the range into equal widths.
    smooth : float or None
        How much of the mean the past keeps; 0 without smoothing; ``None`` where a line that
        jitters chooses for itself.
    raw : bool
        Whether a smoothed line keeps its raw one.
    """

    keys: tuple[str, ...]
    x: str = "step"
    x_range: tuple[float, float] | None = None
    columns: int = 700
    smooth: float | None = None
    raw: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of the curve of one run.

    Attributes
    ----------
    x, y : array, shape (n,), float64
        Each column's exact smallest and largest value, and on both sides the neighbour outside
        the range. NaN in `y` is a gap. Empty where the smoothed line stands alone.
    smooth_x, smooth_y : array, shape (m,), float64
        Empty without smoothing.
    weight : float
        Of the exponential mean; 0 without smoothing.
    n : int
        Points in the range.
    of : int
        Points of the run.
    nonfinite : int
        NaN and infinite ones in the range.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    smooth_x: NDArray[np.float64]
    smooth_y: NDArray[np.float64]
    weight: float
    n: int
    of: int
    nonfinite: int


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What the whole of a curve taught."""

    of: int
    origin: int
    auto: float
    # Places along the axis and their steps, both rising; empty where they do not rise together.
    places: NDArray[np.float64]
    steps: NDArray[np.float64]


class Windows:
    """Parts of the curves of some runs, as a page asks for them.

    Parameters
    ----------
    store : Store
    records : sequence of RunRecord
        Those whose step metrics must agree: all that are compared.
    """

    def __init__(self, store: Store, records: Sequence[RunRecord]) -> None:
        self._store = store
        self._records = records
        self._known: dict[tuple[str, str, str], _Known] = {}
        self._axes: dict[str, str | None] = {}

    def axis(self, key: str, x: str) -> str | None:
        """Return the metric over whose values another one runs; ``None`` for steps and time."""
        if x not in AXES:
            return x
        if x != "step":
            return None
        if key not in self._axes:
            self._axes[key] = axis_of(key, self._records)
        return self._axes[key]

    def pieces(
        self, records: Sequence[RunRecord], window: Window
    ) -> Iterator[tuple[RunRecord, dict[str, Piece]]]:
        """Yield each run with its pieces by metric; a run without a metric has none of it."""
        axes = {key: self.axis(key, window.x) for key in window.keys}
        wanted = list(dict.fromkeys([*window.keys, *(axis for axis in axes.values() if axis)]))

        def thinned(
            record: RunRecord, found: Mapping[str, Series]
        ) -> tuple[RunRecord, dict[str, Piece]]:
            made = {}
            for key in window.keys:
                axis = axes[key]
                if key in found and len(found[key]) and (axis is None or axis in found):
                    over = None if axis is None else found[axis]
                    made[key] = self._piece(record, found[key], over, axis or window.x, window)
            return record, made

        yield from read_many(
            self._store, records, wanted, thinned, lambda record: self._steps(record, window, axes)
        )

    def _steps(
        self, record: RunRecord, window: Window, axes: Mapping[str, str | None]
    ) -> tuple[float, float] | None:
        """Return between which steps the points lie that are wanted; ``None`` where all must be read."""
        if window.x_range is None:
            return None
        ends = []
        for key in window.keys:
            if key not in record.metrics:
                continue
            known = self._known.get((record.id, key, axes[key] or window.x))
            if known is None or len(known.places) < 2:
                return None
            first = max(int(np.searchsorted(known.places, window.x_range[0], "left")) - 1, 0)
            end = int(np.searchsorted(known.places, window.x_range[1], "right"))
            last = min(end, len(known.places) - 1)
            apart = max(known.of / _INDEX, 1.0)
            weight = known.auto if window.smooth is None else window.smooth
            run_in = math.ceil(_RUN_IN / (1 - weight) / apart) + 1 if weight else 1
            ends.append((known.steps[max(first - run_in, 0)], known.steps[last]))
        if not ends:
            return None
        return float(min(a for a, _ in ends)), float(max(b for _, b in ends))

    def _piece(
        self, record: RunRecord, series: Series, axis: Series | None, x: str, window: Window
    ) -> Piece:
        at = record.id, series.key, x
        known = self._known.get(at)
        origin = known.origin if known else origin_ms({series.key: series})
        xs, ys = points(series, x, origin, axis)
        ys = np.where(np.isfinite(ys), ys, np.nan) if not np.isfinite(ys).all() else ys
        if window.x_range is None or known is None:
            known = self._known[at] = _learn(series, x, xs, ys, origin, placed=axis is not None)
        weight = known.auto if window.smooth is None else window.smooth
        raw = window.raw or not weight
        empty = np.empty(0)
        line = _thin(xs, ys, window) if raw else (empty, empty)
        smooth = _thin(xs, smoothed(ys, weight), window) if weight else (empty, empty)
        inside = _inside(xs, window.x_range)
        return Piece(*line, *smooth, weight, inside.stop - inside.start, known.of,
                     int(np.isnan(ys[inside]).sum()))  # fmt: skip


def _learn(
    series: Series,
    x: str,
    xs: NDArray[np.float64],
    ys: NDArray[np.float64],
    origin: int,
    *,
    placed: bool,
) -> _Known:
    finite = ys[~np.isnan(ys)]
    auto = weight_for(len(ys)) if is_noisy(finite) else 0.0
    some = np.linspace(0, len(xs) - 1, min(len(xs), _INDEX + 1)).round().astype(np.int64)
    # An axis that is a metric itself has its values here and there: those before a part count too.
    times = series.time_ms
    tidy = not placed and len(xs) == len(series) and bool(np.isfinite(xs).all())
    if tidy and x != "step":
        tidy = bool((times[1:] >= times[:-1]).all())
    places, steps = (xs[some], series.step[some]) if tidy else (np.empty(0), np.empty(0))
    return _Known(len(xs), origin, auto, places, np.asarray(steps, dtype=np.float64))


def _inside(xs: NDArray[np.float64], x_range: tuple[float, float] | None) -> slice:
    if x_range is None:
        return slice(0, len(xs))
    return slice(int(np.searchsorted(xs, x_range[0])),
                 int(np.searchsorted(xs, x_range[1], "right")))  # fmt: skip


def _thin(
    xs: NDArray[np.float64], ys: NDArray[np.float64], window: Window
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    inside = _inside(xs, window.x_range)
    keep = extremes(xs[inside], ys[inside], window.columns, window.x_range) + inside.start
    if inside.start > 0:
        keep = np.append(inside.start - 1, keep)
    if inside.stop < len(xs):
        keep = np.append(keep, inside.stop)
    return xs[keep], ys[keep]
