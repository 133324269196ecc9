"""Long series for few pixels: which points to keep, how to smooth, how far to round.

Nothing that a pixel shows is lost: each column keeps its exact smallest and largest value. Means
are taken over all points, before any is left out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["columns_of", "decimals", "extremes", "is_noisy", "sampled", "smoothed", "weight_for"]

SMOOTH_FROM: Final = 40
"""Shorter series are shown as they are: every one of their points can be seen."""

_NOISE: Final = 0.01
_WINDOW: Final = 10
_WINDOWS: Final = 60
# exp(500) leaves room for the sum of a block below the largest float, exp(709).
_ROOM: Final = 500.0


def columns_of(
    x: NDArray[np.float64], columns: int, x_range: tuple[float, float]
) -> NDArray[np.int64]:
    """Return where each pixel column begins: shape (columns + 1,), places in `x`, rising.

    Column ``c`` holds ``x[starts[c]:starts[c + 1]]``, the points from ``c / columns`` of
    `x_range` up to ``(c + 1) / columns``; the last one holds the right end as well.
    """
    low, high = x_range
    edges = low + (high - low) * (np.arange(1, columns) / columns)
    inner = np.searchsorted(x, edges, side="left")
    return np.concatenate(([0], inner, [len(x)])).astype(np.int64)


def extremes(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    columns: int,
    x_range: tuple[float, float] | None = None,
) -> NDArray[np.int64]:
    """Return which points to keep so that every column keeps its exact minimum and maximum.

    Parameters
    ----------
    x : array, shape (n,), float64
        Rising, without gaps.
    y : array, shape (n,), float64
        NaN is a gap: the first one of a column is kept, so that the gap stays.
    columns : int
        Pixel columns over `x_range` (by default the range of `x`), at least 1.

    Returns
    -------
    array, shape (at most 3 * columns + 2,), int64
        Places, rising; the first and the last point among them.
    """
    n = len(x)
    if n <= 2 * columns:
        return np.arange(n)
    starts = columns_of(x, columns, x_range or (float(x[0]), float(x[-1])))
    gaps = np.isnan(y)
    has_gaps = bool(gaps.any())
    low = np.where(gaps, np.inf, y) if has_gaps else y
    high = np.where(gaps, -np.inf, y) if has_gaps else y
    kept = [0, n - 1]
    # One pass per column: a few hundred calls over contiguous memory, faster than any reduction
    # that has to carry places along.
    for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        if start == end:
            continue
        kept.append(start + int(low[start:end].argmin()))
        kept.append(start + int(high[start:end].argmax()))
        if has_gaps and gaps[start:end].any():
            kept.append(start + int(gaps[start:end].argmax()))
    return np.unique(np.array(kept, dtype=np.int64))


def smoothed(y: NDArray[np.float64], weight: float = 0.9) -> NDArray[np.float64]:
    """Return the debiased exponential mean: early values are not pulled towards zero.

    ``m[i] = weight * m[i-1] + (1 - weight) * y[i]``, divided by ``1 - weight ** (i + 1)`` (the
    bias correction of Kingma and Ba, 2015). A gap carries the mean over and stays a gap.

    Parameters
    ----------
    y : array, shape (n,), float64
        Finite, or NaN for a gap.
    weight : float
        From 0 (no smoothing) to below 1.
    """
    gaps = np.isnan(y)
    has_gaps = bool(gaps.any())
    values = y[~gaps] if has_gaps else y
    if not len(values) or weight <= 0:
        return y.copy()
    mean = _exponential_mean(values, weight)
    if not has_gaps:
        return mean
    result = np.full(len(y), np.nan)
    result[~gaps] = mean
    return result


def _exponential_mean(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    # In blocks short enough that weight ** -i stays in range: a few vector operations each,
    # where a loop over a million points would take half a second.
    block_size = max(1, min(int(_ROOM / -math.log(weight)), 65_536))
    scale = float(np.abs(values).max()) or 1.0
    if 1e-50 < scale < 1e50:
        scale = 1.0  # nothing can overflow: one pass less
    decay = np.exp(math.log(weight) * np.arange(1, block_size + 1, dtype=np.float64))
    growth = (1 - weight) / decay
    result = np.empty_like(values)
    carried, missing = 0.0, 1.0
    for start in range(0, len(values), block_size):
        block = values[start : start + block_size]
        block = block if scale == 1.0 else block / scale
        n = len(block)
        mean = np.cumsum(block * growth[:n])
        mean += carried
        mean *= decay[:n]
        carried = float(mean[-1])
        if missing > 1e-17:
            mean /= 1 - missing * decay[:n]
            missing *= float(decay[n - 1])
        result[start : start + n] = mean
    if scale == 1.0:
        return result
    # A mean lies between its values; scaling back must not carry it beyond the largest float.
    return np.clip(result, -1.0, 1.0) * scale


def weight_for(n: int) -> float:
    """Return how much of the mean the past keeps in a series of `n` points.

    The mean reaches over about ten points, or a sixtieth of a long series, so that it is as calm
    to the eye at a million points as at a thousand: 0.9 for up to 600, 0.9994 for 100,000.
    """
    share = 1 / max(_WINDOW, n / _WINDOWS)
    digits = 1 - math.floor(math.log10(share))
    return 1 - round(share, digits)


def is_noisy(values: NDArray[np.float64]) -> bool:
    """Return whether a series jitters visibly: a mean would show its course better.

    Judged by how far a point lies from the middle of its neighbours, in the median, against the
    range of all: curves, steps and ramps stay far below, whatever they span.
    """
    if len(values) < SMOOTH_FROM:
        return False
    low, high = float(values.min()), float(values.max())
    half = high / 2 - low / 2
    if not half:
        return False
    size = _stretches(values) / half / 2
    between = size[1:-1] - (size[:-2] + size[2:]) / 2
    return float(np.median(np.abs(between))) > _NOISE


def _stretches(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a long series in 32 unbroken stretches: neighbours stay neighbours but at the seams."""
    if len(values) <= 16_384:
        return values
    starts = np.linspace(0, len(values) - 256, 32).astype(np.int64)
    places = (starts[:, None] + np.arange(256)).ravel()
    return np.asarray(values[places])


def sampled(gaps: NDArray[np.bool_], wanted: int) -> NDArray[np.int64]:
    """Return about `wanted` places of a smooth line, evenly spread, that keep its gaps."""
    n = len(gaps)
    if n <= wanted:
        return np.arange(n)
    places = np.linspace(0, n - 1, wanted).round().astype(np.int64)
    if not gaps.any():
        return np.unique(places)
    # The first missing point of every gap, but no more of them than there are pixels.
    starts = np.flatnonzero(gaps & ~np.concatenate(([False], gaps[:-1])))
    step = -(-len(starts) // wanted)
    return np.unique(np.concatenate((places, starts[::step])))


def decimals(values: NDArray[np.float64], *, log: bool = False) -> int:
    """Return how many decimals a drawing of these values can show: a fraction of a pixel.

    Parameters
    ----------
    values : array, float64
        NaN is left out.
    log : bool
        A logarithmic scale shows small values as large as big ones: three digits of the smallest.
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0
    # Halves: the difference of two large numbers may be larger than any.
    way = 2 * min(float(finite.max()) / 2 - float(finite.min()) / 2, 1e307)
    way = way or float(np.abs(finite).max()) or 1.0
    digits = 3 - math.floor(math.log10(way))
    positive = finite[finite > 0]
    if log and len(positive):
        digits = max(digits, 2 - math.floor(math.log10(float(positive.min()))))
    return min(max(digits, -300), 300)
