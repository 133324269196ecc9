"""Curves for the eye: panels of lines, thinned to what a pixel shows without losing an extreme.

Nothing is drawn here. Every column of pixels keeps the exact smallest and largest value of the
points that fall into it, and each line keeps its first and its last point; smoothing is computed
over all points, before anything is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from runfolio.model.run import RunRecord
from runfolio.model.series import Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Line", "Panel", "Panels", "Point", "curves", "extremes", "smoothed"]

PANELS: Final = 6
"""More panels than this are named and not drawn."""

LINES: Final = 8
"""More lines than this in one panel are counted and not drawn: colours end there."""

_WEIGHT: Final = 0.9
_SMOOTH_FROM: Final = 40
_NOISY: Final = 0.6
_APART: Final = 20.0


@dataclass(frozen=True, slots=True)
class Point:
    """One point that is marked: the best or the last."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One metric of one run, ready to draw.

    Attributes
    ----------
    x, y : array, shape (n_shown,), float64
        Thinned points; NaN in `y` is a gap.
    smooth_x, smooth_y : array, shape (m,), float64
        The smoothed line; empty where the raw one needs none.
    best, last : Point or None
        ``best`` only where it is known which way is better.
    n_points : int
        Points the line stands for.
    n_shown : int
        Points left after thinning.
    n_nonfinite : int
        NaN and infinite values among them.
    """

    run_id: str
    key: str
    label: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    smooth_x: NDArray[np.float64]
    smooth_y: NDArray[np.float64]
    best: Point | None
    last: Point | None
    n_points: int
    n_shown: int
    n_nonfinite: int


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines that share one chart.

    Attributes
    ----------
    title : str
        The prefix its metrics share, or the one metric's name.
    log : bool
        Whether the vertical scale is logarithmic.
    hidden : int
        Lines that found no place.
    """

    title: str
    lines: tuple[Line, ...]
    log: bool = False
    hidden: int = 0

    @property
    def n_points(self) -> int:
        """Points all lines stand for."""
        return sum(line.n_points for line in self.lines)

    @property
    def n_shown(self) -> int:
        """Points drawn."""
        return sum(line.n_shown for line in self.lines)


@dataclass(frozen=True, slots=True)
class Panels:
    """The panels of a card, and the titles of those that found no place."""

    panels: tuple[Panel, ...]
    more: tuple[str, ...] = ()
    x: str = "step"


def curves(
    shown: Sequence[tuple[RunRecord, Mapping[str, Series]]],
    *,
    direction: Callable[[str], str | None] = lambda key: None,  # noqa: ARG005
    columns: int = 300,
    rows: int = 4000,
    x: str = "step",
) -> Panels:
    """Return the panels for one run, or for several laid over each other.

    Parameters
    ----------
    shown : sequence of (RunRecord, mapping of key to Series)
    direction : callable
        Metric → ``"minimize"``, ``"maximize"`` or ``None``: which point is the best.
    columns : int
        Pixel columns of a panel.
    rows : int
        Points all panels together may hold; each line gets an equal share, at least 16 columns.
    x : str
        ``step``, ``time`` (ms UTC) or ``relative`` (seconds since the run's first point).

    Notes
    -----
    Metrics that share a prefix (``train/loss``, ``train/acc``) share a panel while one scale
    serves both: not when one is better up and the other down, and not when their sizes lie
    more than 20 times apart. With several runs every metric has a panel of its own.
    """
    groups = _groups(shown, direction)
    drawn, more = groups[:PANELS], groups[PANELS:]
    share = max(1, sum(min(len(lines), LINES) for _, lines in drawn))
    columns = max(16, min(columns, rows // (3 * share)))
    panels = tuple(_panel(title, lines, direction, columns, x) for title, lines in drawn)
    return Panels(panels, tuple(title for title, _ in more), x)


_Drawn = tuple[RunRecord, str, str, Series]


def _groups(
    shown: Sequence[tuple[RunRecord, Mapping[str, Series]]],
    direction: Callable[[str], str | None],
) -> list[tuple[str, list[_Drawn]]]:
    keys = dict.fromkeys(key for _, series in shown for key in series)
    if len(shown) > 1:
        return [
            (key, [(record, key, record.name, series[key]) for record, series in shown
                   if key in series])
            for key in keys
        ]  # fmt: skip
    groups: list[tuple[str, list[_Drawn]]] = []
    for record, series in shown:
        for prefix, names in _by_prefix(keys).items():
            for group in _one_scale(names, series, direction):
                title = prefix if len(group) > 1 else group[0]
                cut = len(prefix) + 1 if len(group) > 1 else 0
                groups.append((title, [(record, key, key[cut:], series[key]) for key in group]))
    return groups


def _by_prefix(keys: Mapping[str, None]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in keys:
        prefix, slash, _ = key.rpartition("/")
        found.setdefault(prefix if slash else key, []).append(key)
    return found


def _one_scale(
    keys: Sequence[str],
    series: Mapping[str, Series],
    direction: Callable[[str], str | None],
) -> list[list[str]]:
    """Return the metrics of one prefix in groups that one vertical scale serves."""
    groups: list[tuple[str | None, float, list[str]]] = []
    for key in keys:
        way, size = direction(key), _size(series[key])
        for group_way, group_size, members in groups:
            apart = max(size, group_size) > _APART * min(size, group_size)
            if way == group_way and not apart and len(members) < LINES:
                members.append(key)
                break
        else:
            groups.append((way, size, [key]))
    return [members for _, _, members in groups]


def _size(series: Series) -> float:
    finite = np.abs(series.value[np.isfinite(series.value)])
    return float(finite.max()) if len(finite) else 0.0


def _panel(
    title: str,
    lines: Sequence[_Drawn],
    direction: Callable[[str], str | None],
    columns: int,
    x: str,
) -> Panel:
    kept = lines[:LINES]
    low, high = _x_range([series for *_, series in kept], x)
    drawn = tuple(
        _line(record.id, key, label, series, direction(key), columns, x, (low, high))
        for record, key, label, series in kept
    )
    return Panel(title, drawn, _is_log(drawn), len(lines) - len(kept))


def _x_of(series: Series, x: str) -> NDArray[np.float64]:
    if x == "step":
        return np.asarray(series.step, dtype=np.float64)
    time_ms = np.asarray(series.time_ms, dtype=np.float64)
    if x == "time" or not len(time_ms):
        return time_ms
    return np.asarray((time_ms - time_ms[0]) / 1000)


def _x_range(found: Sequence[Series], x: str) -> tuple[float, float]:
    ends = [xs for series in found if len(xs := _x_of(series, x))]
    if not ends:
        return 0.0, 1.0
    return float(min(xs.min() for xs in ends)), float(max(xs.max() for xs in ends))


def _line(
    run_id: str, key: str, label: str, series: Series, way: str | None, columns: int, x: str,
    x_range: tuple[float, float],
) -> Line:  # fmt: skip
    xs, ys = _x_of(series, x), series.value
    if x != "step" and len(xs) > 1 and bool((np.diff(xs) < 0).any()):
        order = np.argsort(xs, kind="stable")
        xs, ys = xs[order], ys[order]
    finite = np.isfinite(ys)
    ys = np.where(finite, ys, np.nan)
    keep = extremes(xs, ys, columns, x_range)
    raw_x, raw_y = xs[keep], ys[keep]
    smooth_x = smooth_y = np.empty(0)
    if _is_noisy(ys[finite]):
        smooth = smoothed(ys)
        places = _spread(len(xs), max(columns, 64))
        smooth_x, smooth_y = xs[places], smooth[places]
    line = Line(
        run_id, key, label, raw_x, raw_y, smooth_x, smooth_y,
        _best(xs, ys, finite, way), _last(xs, ys, finite),
        len(xs), len(keep), int(len(ys) - finite.sum()),
    )  # fmt: skip
    return _rounded(line)


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
        Rising.
    y : array, shape (n,), float64
        NaN is a gap: the first one of a column is kept, so that the gap stays.
    columns : int
        Pixel columns over `x_range` (by default the range of `x`).

    Returns
    -------
    array, shape (at most 3 * columns + 2,), int64
        Places, rising.
    """
    n = len(x)
    if n <= 2 * columns:
        return np.arange(n)
    low, high = x_range or (float(x[0]), float(x[-1]))
    width = (high - low) or 1.0
    column = np.minimum((columns * ((x - low) / width)).astype(np.int64), columns - 1)
    starts = np.flatnonzero(np.concatenate(([True], column[1:] != column[:-1])))
    gaps = np.isnan(y)
    which = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, n)))
    kept = [np.array([0, n - 1])]
    for fill, reduce in ((np.inf, np.minimum), (-np.inf, np.maximum)):
        filled = np.where(gaps, fill, y)
        hits = np.flatnonzero((filled == reduce.reduceat(filled, starts)[which]) & ~gaps)
        # Of equal extremes in a column the first one is enough.
        kept.append(hits[np.unique(which[hits], return_index=True)[1]])
    if gaps.any():
        places = np.flatnonzero(gaps)
        kept.append(places[np.unique(which[places], return_index=True)[1]])
    return np.unique(np.concatenate(kept))


def smoothed(y: NDArray[np.float64], weight: float = _WEIGHT) -> NDArray[np.float64]:
    """Return the debiased exponential mean: early values are not pulled towards zero.

    ``m[i] = weight * m[i-1] + (1 - weight) * y[i]``, divided by ``1 - weight ** (i + 1)`` (the
    bias correction of Kingma and Ba, 2015). A gap carries the mean over and stays a gap.
    """
    gaps = np.isnan(y)
    values = y[~gaps]
    if not len(values):
        return y.copy()
    mean = _exponential_mean(values, weight)
    result = np.full(len(y), np.nan)
    result[~gaps] = mean / (1 - weight ** np.arange(1, len(values) + 1, dtype=np.float64))
    return result


def _exponential_mean(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    # In blocks short enough that weight ** -i stays in range: a few vector operations each,
    # where a loop over a million points would take half a second.
    block_size = 1024
    scale = float(np.abs(values).max()) or 1.0
    decay = weight ** np.arange(1, block_size + 1, dtype=np.float64)
    result = np.empty_like(values)
    carried = 0.0
    for start in range(0, len(values), block_size):
        block = values[start : start + block_size] / scale
        inside = decay[: len(block)]
        mean = inside * (carried + (1 - weight) * np.cumsum(block / inside))
        result[start : start + len(block)] = mean
        carried = float(mean[-1])
    return result * scale


def _is_noisy(values: NDArray[np.float64]) -> bool:
    """Return whether steps back and forth outweigh the way the curve goes."""
    if len(values) < _SMOOTH_FROM:
        return False
    steps = np.abs(np.diff(values)).sum()
    way = float(values.max() - values.min())
    return bool(way > 0 and np.isfinite(steps) and steps > (1 + _NOISY) * way)


def _spread(n: int, wanted: int) -> NDArray[np.int64]:
    if n <= wanted:
        return np.arange(n)
    return np.unique(np.linspace(0, n - 1, wanted).round().astype(np.int64))


def _best(
    x: NDArray[np.float64], y: NDArray[np.float64], finite: NDArray[np.bool_], way: str | None
) -> Point | None:
    if way is None or not finite.any():
        return None
    place = int(np.nanargmax(y) if way == "maximize" else np.nanargmin(y))
    return Point(float(x[place]), float(y[place]))


def _last(
    x: NDArray[np.float64], y: NDArray[np.float64], finite: NDArray[np.bool_]
) -> Point | None:
    if not finite.any():
        return None
    place = int(np.flatnonzero(finite)[-1])
    return Point(float(x[place]), float(y[place]))


def _is_log(lines: Sequence[Line]) -> bool:
    """Return whether the values span so much that a linear scale shows only the largest."""
    values = np.concatenate([line.y[~np.isnan(line.y)] for line in lines] or [np.empty(0)])
    if len(values) < 8 or values.min() <= 0:
        return False
    low, middle, high = values.min(), float(np.median(values)), values.max()
    return bool(high / low > 1e3 and high / middle > 1e2)


def _rounded(line: Line) -> Line:
    """Return the line with as many digits as a pixel can show: a quarter of one, at most."""
    values = line.y[~np.isnan(line.y)]
    if not len(values):
        return line
    way = float(values.max() - values.min()) or abs(float(values[0])) or 1.0
    smallest = float(np.abs(values[values != 0]).min()) if (values != 0).any() else way
    # A logarithmic scale shows small values as large as big ones: keep three of their digits.
    digits = max(3 - math.floor(math.log10(way)), 2 - math.floor(math.log10(smallest)))
    digits = min(max(digits, 0), 15)
    return replace(line, y=line.y.round(digits), smooth_y=line.smooth_y.round(digits))
