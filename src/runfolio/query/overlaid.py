"""Curves of many long runs laid over each other, drawn line by line.

A run is read, thinned to what a pixel shows and forgotten: what is kept grows with lines times
columns, however many points there are. Smoothing is computed over all points, as in one run's card.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.query.axis import origin_ms, points
from runfolio.query.curves import COLOURED, LINES, Drawn, drawn_line, values_are_log
from runfolio.query.decimation import extremes, sampled
from runfolio.query.panel import Line, Panel, Panels
from runfolio.query.run_names import run_names
from runfolio.query.summary import unit_of
from runfolio.store.series import read_many
from runfolio.store.store import Store

__all__ = ["axis_of", "overlaid", "thinned"]

_COLUMNS: Final = 340
_RAW: Final = 8
_LOG_SPAN: Final = 1e3

Direction = Callable[[str], str | None]


def overlaid(
    store: Store,
    records: Sequence[RunRecord],
    keys: Sequence[str],
    *,
    direction: Direction,
    x: str = "step",
) -> Panels:
    """Return a panel for each metric, in which each run is a line with a colour of its own.

    Parameters
    ----------
    records : sequence of RunRecord
        Those beyond the first 60 are counted, not drawn.
    keys : sequence of str
        Metrics, in the order of the panels.
    direction : callable
        Metric → ``"minimize"``, ``"maximize"`` or ``None``.
    x : str
        ``step``, ``relative``, ``time``, or a metric such as ``epoch``.
    """
    own = x in ("step", "relative", "time")
    axes = {key: axis_of(key, records) if x == "step" else (None if own else x) for key in keys}
    logs = {key: _may_be_log(key, records) for key in keys}
    places = {record.id: place for place, record in enumerate(records)}
    names = run_names(records)

    def lines(record: RunRecord, found: Mapping[str, Series]) -> dict[str, Line]:
        made = {}
        for key in keys:
            axis = axes[key]
            if key not in found or not len(found[key]) or (axis and axis not in found):
                continue
            xs, ys = points(found[key], x, origin_ms(found), found[axis] if axis else None)
            if len(xs):
                colour = place if (place := places[record.id]) < COLOURED else None
                drawn = Drawn(record, key, names[place], colour, found[key], xs, ys)
                made[key] = drawn_line(drawn, direction(key), _COLUMNS, (xs[0], xs[-1]),
                                       log=logs[key], raw=len(records) <= _RAW)  # fmt: skip
        return made

    wanted = list(dict.fromkeys([*keys, *(axis for axis in axes.values() if axis)]))
    made = list(read_many(store, records[:LINES], wanted, lines))
    panels = [
        _panel(key, [one[key] for one in made if key in one], records, direction(key), axes[key])
        for key in keys
    ]
    drawn = tuple(panel for panel in panels if panel.lines)
    return Panels(drawn, x=x if own else "step", overlaid=True)


def thinned(panels: Panels, rows: int) -> Panels:
    """Return the panels with at most about `rows` points in all: extremes stay exact."""
    lines = [line for panel in panels.panels for line in panel.lines]
    own = max(int(rows / max(len(lines), 1)), 16)
    # A column costs a least and a largest point, a smoothed line one.
    return replace(
        panels,
        panels=tuple(
            replace(panel, lines=tuple(_thin(line, own // 2, own) for line in panel.lines))
            for panel in panels.panels
        ),
    )


def _thin(line: Line, columns: int, wanted: int) -> Line:
    keep = extremes(line.x, line.y, columns) if len(line.x) > 2 * columns else slice(None)
    some = sampled(np.isnan(line.smooth_y), wanted)
    x = line.x[keep]
    return replace(
        line, x=x, y=line.y[keep], smooth_x=line.smooth_x[some], smooth_y=line.smooth_y[some],
        smooth_raw=line.smooth_raw[some], n_shown=len(x) or len(some),
    )  # fmt: skip


def axis_of(key: str, records: Sequence[RunRecord]) -> str | None:
    """Return the metric that all runs define as the axis of another, and all have."""
    having = [record for record in records if key in record.metrics]
    axes = {record.metrics[key].step_metric for record in having}
    axis = axes.pop() if len(axes) == 1 else None
    if axis is None or axis == key or any(axis not in record.metrics for record in having):
        return None
    return axis


def _may_be_log(key: str, records: Sequence[RunRecord]) -> bool:
    found = [s for record in records if (s := record.metrics.get(key)) is not None]
    lows = [s.min for s in found if s.min is not None]
    highs = [s.max for s in found if s.max is not None]
    return bool(lows) and min(lows) > 0 and max(highs, default=0.0) / min(lows) > _LOG_SPAN


def _panel(
    key: str,
    lines: Sequence[Line],
    records: Sequence[RunRecord],
    goal: str | None,
    axis: str | None,
) -> Panel:
    ends = [(line.x if len(line.x) else line.smooth_x) for line in lines]
    low = min((float(x[0]) for x in ends if len(x)), default=0.0)
    high = max((float(x[-1]) for x in ends if len(x)), default=1.0)
    log = values_are_log([line.y if len(line.y) else line.smooth_y for line in lines])
    hidden = sum(key in record.metrics for record in records) - len(lines)
    return Panel(key, tuple(lines), (low, high), log, goal, max(hidden, 0), axis,
                 unit_of(key, records))  # fmt: skip
