"""Curves for the eye: panels of lines, thinned to what a pixel shows without losing an extreme.

Nothing is drawn here. Every column of pixels keeps the exact smallest and largest value of the
points that fall into it, and each line keeps its first and its last point; smoothing is computed
over all points, before anything is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from runfolio.errors import UsageError
from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.query.axis import AXES, origin_ms, points, step_metric
from runfolio.query.decimation import (
    decimals,
    extremes,
    is_noisy,
    sampled,
    smoothed,
    weight_for,
)
from runfolio.query.panel import Line, Panel, Panels, Point
from runfolio.query.run_names import run_names
from runfolio.query.summary import is_hidden, unit_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["COLOURED", "LINES", "PANELS", "RAW", "Drawn", "curves", "drawn_line", "values_are_log"]

PANELS: Final = 6
"""More panels than this are named and not drawn."""

COLOURED: Final = 16
"""Lines of one panel that get a colour of their own: eight, then the same eight dashed."""

LINES: Final = 60
"""Lines of one panel that are drawn at all, those beyond `COLOURED` in grey."""

RAW: Final = 8
"""Where more lines share a panel, smoothed ones stand alone: raw ones behind them only blur."""

_APART: Final = 20.0
_SHARED: Final = 0.3
_INFINITIES: Final = 60


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line before it is thinned."""

    record: RunRecord
    key: str
    label: str
    colour: int | None
    series: Series
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Group:
    """One panel before its lines are thinned."""

    title: str
    goal: str | None
    keys: tuple[str, ...]
    lines: tuple[Drawn, ...]
    hidden: int
    axis: str | None


Direction = Callable[[str], str | None]


def curves(
    shown: Sequence[tuple[RunRecord, Mapping[str, Series]]],
    *,
    direction: Direction = lambda key: None,  # noqa: ARG005
    columns: int = 340,
    rows: int = 9000,
    x: str = "step",
    raw: bool = True,
    hidden: bool = False,
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
        Points all panels together may hold. Long lines share what short ones leave over; each
        gets at least 16 columns.
    x : str
        ``step``, ``relative`` (seconds since the run's first point) or ``time`` (ms UTC). Over
        ``step`` a metric that has a step metric runs over that.
    raw : bool
        Whether a smoothed line keeps its raw one behind it; never where more than `RAW` lines
        share a panel.
    hidden : bool
        Whether metrics that were defined as hidden are drawn, too.

    Raises
    ------
    UsageError
        `x` is none of the three.

    Notes
    -----
    Metrics that share all of their name up to the last slash (``train/loss``, ``train/acc``)
    share a panel while one scale serves them: not when one is better up and the other down, not
    over unlike axes, and not when their sizes lie more than 20 times apart. A metric without a slash has a panel of
    its own, and with several runs every metric has. Where more than six panels would be needed,
    those with a known direction come before others, then what only serves as an axis of
    others, ``system/…`` last.
    """
    if x not in AXES:
        raise UsageError(f"x is {x!r}; it is one of {', '.join(AXES)}.")
    groups = _groups(shown, direction, x, hidden=hidden)
    drawn = _chosen(groups)
    kept = {key for group in drawn for key in group.keys}
    more = tuple(key for group in groups for key in group.keys if key not in kept)
    shares = _shares([line for group in drawn for line in group.lines], columns, rows)
    panels = tuple(
        _panel(group, direction, shares, _span(drawn, group.axis), raw=raw) for group in drawn
    )
    return Panels(panels, more, x, overlaid=len(shown) > 1)


def _groups(
    shown: Sequence[tuple[RunRecord, Mapping[str, Series]]],
    direction: Direction,
    x: str,
    *,
    hidden: bool,
) -> list[_Group]:
    keys = dict.fromkeys(
        key
        for record, found in shown
        for key, series in found.items()
        if len(series) and (hidden or not is_hidden(record, key))
    )
    axes = {key: step_metric(key, shown) if x == "step" else None for key in keys}
    if len(shown) == 1:
        return [
            _metrics_of(shown[0], prefix, axis, members, x)
            for (prefix, axis), names in _by_prefix(axes).items()
            for members in _one_scale(names, shown[0][1], direction)
        ]
    return [_runs_of(key, shown, direction(key), x, axis) for key, axis in axes.items()]


def _metrics_of(
    run: tuple[RunRecord, Mapping[str, Series]],
    prefix: str,
    axis: str | None,
    members: tuple[str | None, list[str]],
    x: str,
) -> _Group:
    (record, found), (goal, keys) = run, members
    origin, over = origin_ms(found), found[axis] if axis else None
    lines = tuple(
        Drawn(record, key, key if key == prefix else key[len(prefix) + 1 :], place,
               found[key], *points(found[key], x, origin, over))
        for place, key in enumerate(keys)
    )  # fmt: skip
    return _Group(prefix, goal, tuple(keys), lines, 0, axis)


def _runs_of(
    key: str,
    shown: Sequence[tuple[RunRecord, Mapping[str, Series]]],
    goal: str | None,
    x: str,
    axis: str | None,
) -> _Group:
    having = [
        (place, record, found)
        for place, (record, found) in enumerate(shown)
        if key in found and len(found[key])
    ]
    names = run_names([record for record, _ in shown])
    lines = tuple(
        Drawn(record, key, names[place], place if place < COLOURED else None, found[key],
               *points(found[key], x, origin_ms(found), found[axis] if axis else None))
        for place, record, found in having[:LINES]
    )  # fmt: skip
    return _Group(key, goal, (key,), lines, len(having) - len(lines), axis)


def _by_prefix(axes: Mapping[str, str | None]) -> dict[tuple[str, str | None], list[str]]:
    found: dict[tuple[str, str | None], list[str]] = {}
    for key, axis in axes.items():
        prefix, slash, end = key.rpartition("/")
        found.setdefault((prefix if slash and prefix and end else key, axis), []).append(key)
    return found


def _one_scale(
    keys: Sequence[str], found: Mapping[str, Series], direction: Direction
) -> list[tuple[str | None, list[str]]]:
    """Return the metrics of one prefix in groups that one vertical scale serves, with the goal."""
    groups: list[tuple[str | None, float, list[str]]] = []
    for key in keys:
        goal, size = direction(key), _size(found[key])
        for group_goal, group_size, members in groups:
            near = max(size, group_size) <= _APART * min(size, group_size)
            if goal == group_goal and near and len(members) < COLOURED // 2:
                members.append(key)
                break
        else:
            groups.append((goal, size, [key]))
    return [(goal, members) for goal, _, members in groups]


def _size(series: Series) -> float:
    values = np.abs(_some(series.value))
    finite = values[np.isfinite(values)]
    return float(finite.max()) if len(finite) else 0.0


def _some(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[:: max(1, len(values) // 8192)]


def _chosen(groups: Sequence[_Group]) -> list[_Group]:
    """Return the groups that get a panel, in their own order."""
    axes = {group.axis for group in groups}

    def behind(place: int) -> tuple[bool, bool]:
        keys = groups[place].keys
        return keys[0].startswith("system/"), axes.issuperset(keys)

    ranked = sorted(
        range(len(groups)), key=lambda place: (*behind(place), groups[place].goal is None, place)
    )
    kept = sorted(ranked[:PANELS], key=lambda place: (*behind(place), place))
    return [groups[place] for place in kept]


def _shares(lines: Sequence[Drawn], columns: int, rows: int) -> dict[int, int]:
    """Return the columns each line may have, by the identity of the line."""
    shares: dict[int, int] = {}
    left = rows
    # The short ones first: what they need not is shared by the rest.
    for place, line in enumerate(sorted(lines, key=lambda line: len(line.y))):
        # A long line costs a minimum, a maximum and a point of its mean in each column.
        share = left / (len(lines) - place)
        own = int(min(max(16.0, share / 3), columns))
        shares[id(line)] = own
        left -= min(2 * len(line.y), 3 * own)
    return shares


def _x_range(lines: Sequence[Drawn]) -> tuple[float, float]:
    ends = [(line.x[0], line.x[-1]) for line in lines if len(line.x)]
    if not ends:
        return 0.0, 1.0
    return float(min(low for low, _ in ends)), float(max(high for _, high in ends))


def _span(groups: Sequence[_Group], axis: str | None) -> tuple[float, float]:
    """Return what the panels over one axis span together."""
    return _x_range([line for group in groups if group.axis == axis for line in group.lines])


def _panel(
    group: _Group,
    direction: Direction,
    shares: Mapping[int, int],
    whole: tuple[float, float],
    *,
    raw: bool,
) -> Panel:
    own = _x_range(group.lines)
    # Panels of one card are read across: they span the same steps, unless one would be squeezed
    # into a corner, as a metric whose step counts epochs.
    shared = own[1] - own[0] >= _SHARED * (whole[1] - whole[0])
    x_range = whole if shared else own
    log = values_are_log([line.y for line in group.lines])
    raw = raw and len(group.lines) <= RAW
    lines = tuple(
        drawn_line(line, direction(line.key), shares[id(line)], x_range, log=log, raw=raw)
        for line in group.lines
    )
    units = {unit_of(line.key, [line.record]) for line in group.lines}
    unit = units.pop() if len(units) == 1 else None
    return Panel(group.title, lines, x_range, log, group.goal, group.hidden, group.axis, unit)


def drawn_line(
    drawn: Drawn,
    goal: str | None,
    columns: int,
    x_range: tuple[float, float],
    *,
    log: bool,
    raw: bool,
) -> Line:
    """Return a line as it is drawn: smoothed over all its points, then thinned."""
    x, logged = drawn.x, drawn.y
    finite = np.isfinite(logged)
    whole = bool(finite.all())
    y = logged if whole else np.where(finite, logged, np.nan)
    values = y if whole else y[finite]
    keep = extremes(x, y, columns, x_range)
    places = np.empty(0, dtype=np.int64)
    weight = 0.0
    smooth = y
    if is_noisy(np.log10(values) if log else values):
        weight = weight_for(len(values))
        smooth = smoothed(y, weight)
        places = sampled(~finite, columns)
        keep = keep if raw else keep[:0]
    digits = decimals(y[keep] if len(keep) else smooth[places], log=log)
    last = _last(x, y, finite)
    rule, shown = _figure(drawn, last)
    # Whole steps stay whole: the tooltip names them.
    across = max(decimals(np.array(x_range)) + 1, 0)
    return Line(
        drawn.record.id, drawn.key, drawn.label, drawn.colour,
        _rounded(x[keep], across), _rounded(y[keep], digits),
        _rounded(x[places], across), _rounded(smooth[places], digits),
        _rounded(y[places], digits), weight,
        _best(x, y, goal, any_finite=bool(len(values))), last, rule, shown,
        () if whole else _infinite(x, logged, x_range),
        len(x), len(keep) or len(places), len(logged) - len(values),
        max(0, drawn.series.logged - len(drawn.series)),
    )  # fmt: skip


def _rounded(values: NDArray[np.float64], digits: int) -> NDArray[np.float64]:
    # Beyond these numpy's rounding scales out of range; such values keep all their digits.
    return values.round(digits) if -300 < digits < 300 else values


def _best(
    x: NDArray[np.float64], y: NDArray[np.float64], goal: str | None, *, any_finite: bool
) -> Point | None:
    if goal is None or not any_finite:
        return None
    place = int(np.nanargmax(y) if goal == "maximize" else np.nanargmin(y))
    return Point(float(x[place]), float(y[place]))


def _last(
    x: NDArray[np.float64], y: NDArray[np.float64], finite: NDArray[np.bool_]
) -> Point | None:
    if not finite.any():
        return None
    place = len(finite) - 1 - int(finite[::-1].argmax())
    return Point(float(x[place]), float(y[place]))


def _figure(drawn: Drawn, last: Point | None) -> tuple[str, float | None]:
    """Return the rule that says which figure stands for the metric, and that figure."""
    summary = drawn.record.metrics.get(drawn.key)
    rule = "last" if summary is None or not summary.rule else summary.rule.partition(",")[0]
    if summary is None or rule == "last":
        return rule, None if last is None else last.y
    return rule, summary.figure


def _infinite(
    x: NDArray[np.float64], logged: NDArray[np.float64], x_range: tuple[float, float]
) -> tuple[Point, ...]:
    places = np.flatnonzero(np.isinf(logged))
    if not len(places):
        return ()
    width = (x_range[1] - x_range[0]) or 1.0
    seen: dict[tuple[int, bool], Point] = {}
    for place in places[:: -(-len(places) // 4096)].tolist():
        column = int(_INFINITIES * (x[place] - x_range[0]) / width)
        up = bool(logged[place] > 0)
        seen.setdefault((column, up), Point(float(x[place]), math.inf if up else -math.inf))
    return tuple(seen.values())


def values_are_log(lines: Sequence[NDArray[np.float64]]) -> bool:
    """Return whether the values span so much that a linear scale shows only the largest."""
    some = [_some(y) for y in lines]
    finite = np.concatenate(some or [np.empty(0)])
    finite = finite[np.isfinite(finite)]
    if len(finite) < 8 or finite.min() <= 0:
        return False
    low, middle, high = float(finite.min()), float(np.median(finite)), float(finite.max())
    if not (high / low > 1e3 and high / middle > 1e2):
        return False
    return all(bool((y[np.isfinite(y)] > 0).all()) for y in lines)
