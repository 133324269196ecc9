"""Parallel coordinates as an Altair chart: each run is a line through its settings to the metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from runfolio.charts.curves import Rows, label_text
from runfolio.charts.figures import digits_of, figure
from runfolio.charts.theme import LIGHT
from runfolio.charts.tile import Marked, Tile, colour_scale, scale_labels, shown
from runfolio.query.differing import number_of
from runfolio.query.parallel import Axis, Parallel
from runfolio.query.summary import MAXIMIZE

__all__ = ["axis_words", "parallel_tile"]

_HEIGHT: Final = 150
_LINES: Final = 300
_BESIDE: Final = 5


def parallel_tile(found: Parallel, runs: Sequence[Marked], way: str | None, rows: Rows) -> Tile:
    """Return the chart of some runs.

    Parameters
    ----------
    way : str or None
        Which way the metric is better, for the caption.
    rows : Rows
        Takes the data of the chart.
    """
    import altair as alt

    return Tile(
        chart=alt.layer(*_layers(found, runs, rows)),
        title=f"settings → {label_text(found.axes[-1].title, 48)}",
        caption=_caption(found, runs, way),
        height=_HEIGHT, axis=0, above=18, below=62, spans=True,
    )  # fmt: skip


def _caption(found: Parallel, runs: Sequence[Marked], way: str | None) -> str:
    words = [f"{len(runs)} runs"]
    if len(runs) > _LINES:
        words.append(f"the first {_LINES} are drawn")
    if way is not None:
        words.append("more is better" if way == MAXIMIZE else "less is better")
    logs = [label_text(axis.title, 24) for axis in found.axes if axis.scale.kind == "log"]
    words += [f"log scale: {', '.join(logs)}"] if logs else []
    if found.more:
        n = len(found.more)
        words.append(f"{n} more setting{'s' * (n != 1)}")
    return " · ".join(words)


def _layers(found: Parallel, runs: Sequence[Marked], rows: Rows) -> list[Any]:
    import altair as alt

    n = len(found.axes)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.5, n - 0.5], nice=False, zero=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False, zero=False))
    ends = [{"x": at, "y": 0, "y2": 1} for at in range(n)]
    rules = rows.chart(ends).mark_rule(color=LIGHT.hairline, strokeWidth=1, aria=False)
    lines = [_line(found, runs[at], at) for at in range(min(len(runs), _LINES))]
    grey = [line for line in lines if line["s"] is None]
    coloured = [line for line in lines if line["s"] is not None]
    layers = [rules.encode(x=x, y=y, y2="y2:Q")]
    fields = ["x", "y", "a", "v"]
    groups = [grey]
    if grey:
        mark = rows.chart(grey, fields).mark_line(opacity=0.4, strokeWidth=1, aria=False)
        ink = alt.value(LIGHT.secondary)
        layers.append(mark.encode(x=x, y=y, color=ink, detail="k:N", order="x:Q"))
    colour = colour_scale([line["s"] for line in coloured])
    dots: dict[str, Any] = {"filled": True, "shape": "circle", "opacity": 1, "size": 16}
    for dashed in (False, True):
        some = [line for line in coloured if (line["s"] >= len(LIGHT.series)) is dashed]
        groups.append(some)
        dash: dict[str, Any] = {"strokeDash": [5, 3]} if dashed else {}
        if some:
            mark = rows.chart(some, fields).mark_line(
                strokeWidth=1.8, strokeJoin="round", aria=False, **dash
            )
            layers.append(mark.encode(x=x, y=y, color=colour, detail="k:N", order="x:Q"))
            layers.append(
                rows.chart(some, fields).mark_point(**dots).encode(x=x, y=y, color=colour)
            )
    tips = [alt.Tooltip("k:N", title="run"), alt.Tooltip("a:N", title="setting"),
            alt.Tooltip("v:N", title="value")]  # fmt: skip
    unseen: dict[str, Any] = {"size": 140, "opacity": 0, "filled": True, "aria": False}
    hover = [
        rows.chart(group, fields).mark_point(**unseen).encode(x=x, y=y, tooltip=tips)
        for group in groups
        if group
    ]
    return [*layers, *_labels(found, rows, x, y), *hover]


def _line(found: Parallel, run: Marked, at: int) -> dict[str, Any]:
    places = [axis.scale.places[at] for axis in found.axes]
    return {
        "k": run.name, "s": run.colour, "x": list(range(len(places))),
        "y": [None if place is None else round(place, 4) for place in places],
        "a": [label_text(axis.title, 40) for axis in found.axes],
        "v": [shown(axis.values[at]) for axis in found.axes],
    }  # fmt: skip


def _labels(found: Parallel, rows: Rows, x: Any, y: Any) -> list[Any]:
    import altair as alt

    n = len(found.axes)
    room = {"expr": f"width / {n} - 8"}
    tops, bottoms, beside, names = [], [], [], []
    for at, axis in enumerate(found.axes):
        low, high, between = axis_words(axis)
        tops.append({"x": at, "t": high})
        bottoms.append({"x": at, "t": low})
        beside += [{"x": at, "y": place, "t": words} for place, words in between]
        names.append({"x": at, "t": label_text(axis.title, 24)})
    quiet: dict[str, Any] = {
        "color": LIGHT.secondary,
        "fontSize": 10.5,
        "aria": False,
        "limit": room,
    }
    above = rows.chart(tops).mark_text(baseline="bottom", dy=-6, **quiet)
    below = rows.chart(bottoms).mark_text(baseline="top", dy=6, **quiet)
    title = rows.chart(names).mark_text(
        baseline="top", dy=22, fontSize=11.5, fontWeight=600, color=LIGHT.text, limit=room
    )
    layers = [
        above.encode(x=x, y=alt.value(0), text="t:N"),
        below.encode(x=x, y=alt.value(_HEIGHT), text="t:N"),
        title.encode(x=x, y=alt.value(_HEIGHT), text="t:N"),
    ]
    if beside:
        words = rows.chart(beside).mark_text(align="left", baseline="middle", dx=6, **quiet)
        layers.append(words.encode(x=x, y=y, text="t:N"))
    return layers


def axis_words(axis: Axis) -> tuple[str, str, list[tuple[float, str]]]:
    """Return what stands below an axis, above it, and beside it."""
    scale = axis.scale
    if scale.kind != "ordered":
        if scale.low == scale.high:
            return "", "", [(0.5, shown(scale.low))]
        return _end(axis, scale.low), _end(axis, scale.high), []
    if len(scale.values) < 2:
        return "", "", [(0.5, shown(value)) for value in scale.values]
    between = scale_labels(scale, _BESIDE)
    inner = [(place, words) for place, words in between if 0 < place < 1]
    return shown(scale.values[0]), shown(scale.values[-1]), inner


def _end(axis: Axis, value: float) -> str:
    if axis.is_metric:
        return figure(value)
    # As it was written: 64, not 64.0, which a float would be.
    given = next((v for v in axis.values if number_of(v) == value), value)
    return shown(given, digits_of(axis.values))
