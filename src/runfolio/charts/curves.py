"""One panel of curves as an Altair chart.

Names that came out of a run are only ever data: the fields are ``k``, ``s``, ``x``, ``y``, ``r``
and ``v``, and no title, expression or accessor is made from a metric's name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from runfolio.charts.figures import figure
from runfolio.charts.theme import LIGHT, Theme
from runfolio.charts.ticks import PREFIXED, Ticks, linear, log
from runfolio.query.panel import Line, Panel, Point

if TYPE_CHECKING:
    import altair as alt
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["HEIGHT", "Rows", "draw", "label_text", "names_of", "tick_labels", "y_ticks"]

HEIGHT: Final = 132
"""Of a plot, in pixels."""

_LABEL: Final = 64
_FEW: Final = 30
_DASHES: Final = (5, 3)
_LOG_LABEL: Final = (
    "datum.value >= 0.001 && datum.value < 1e5 ? format(datum.value, '~g') "
    ": format(datum.value, '~e')"
)
_PREFIXED_LABEL: Final = "format(datum.value, '~s')"
_X_TITLES: Final = {"step": "step", "relative": "seconds", "time": "time"}

_Row = dict[str, Any]


def label_text(text: str, limit: int = _LABEL) -> str:
    """Return a name as a chart shows it: on one line, control characters visible, cut."""
    shown = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[: limit + 1]
    )
    return shown if len(text) <= limit else shown[: limit - 1].rstrip() + "…"


class Rows:
    """The data of a chart, kept beside it by name.

    Altair validates inline rows one by one, which for a card takes seconds; named data it only
    points to. Each line is one row whose fields hold all its points, which the chart unfolds:
    a third of the size of a row for each point.
    """

    def __init__(self) -> None:
        self.datasets: dict[str, list[_Row]] = {}

    def add(self, rows: list[_Row]) -> str:
        """Keep rows and return the name under which a chart finds them; the same rows only once."""
        for name, known in self.datasets.items():
            if known is rows:
                return name
        name = f"d{len(self.datasets)}"
        self.datasets[name] = rows
        return name

    def chart(self, rows: list[_Row], fields: Sequence[str] = ()) -> alt.Chart:
        """Return an empty chart over rows whose `fields` are lists to unfold."""
        import altair as alt

        chart = alt.Chart(alt.NamedData(name=self.add(rows)))
        return chart.transform_flatten(list(fields)) if fields else chart


def draw(
    panel: Panel,
    theme: Theme = LIGHT,
    width: int = 330,
    rows: Rows | None = None,
    *,
    x: str = "step",
    overlaid: bool = False,
) -> alt.LayerChart:
    """Return a panel as a chart: raw lines behind smoothed ones, the best and the last point.

    Parameters
    ----------
    width : int
        Of the plotting area, in pixels.
    rows : Rows, optional
        Takes the data of the chart, which only names them.
    x : str
        What the horizontal axis is: ``step``, ``relative`` or ``time``.
    overlaid : bool
        Whether the lines are runs, which the tooltip then says.
    """
    import altair as alt

    rows = Rows() if rows is None else rows
    parts = _Parts(panel, theme, rows, x, overlaid=overlaid)
    chart: Any = alt.layer(*parts.layers(), width=width, height=HEIGHT)
    return cast("alt.LayerChart", chart)


def y_ticks(panel: Panel) -> Ticks:
    """Return the vertical axis: all values of all lines, with a little air."""
    values = [v for line in panel.lines for v in (*line.y.tolist(), *line.smooth_y.tolist())]
    finite = [value for value in values if not math.isnan(value)]
    if not finite:
        return Ticks(0.0, 1.0, (), "", 2)
    low, high = min(finite), max(finite)
    if panel.log:
        return log(low / 1.15, high * 1.15)
    way = high / 20 - low / 20
    if low == high or not math.isfinite(way):
        return linear(low, high, count=3)
    # What is never negative gets no axis below zero.
    bottom = 0.0 if 0 <= low < 4 * way else low - way
    top = 0.0 if 0 >= high > -4 * way else high + way
    return linear(bottom, top)


@dataclass(frozen=True, slots=True)
class _Strokes:
    """Lines that are drawn alike."""

    grey: bool
    dashed: bool
    smooth: bool
    dotted: bool
    rows: list[_Row]

    @property
    def fields(self) -> list[str]:
        return ["x", "y", "r"] if self.smooth else ["x", "y"]


class _Parts:
    """The layers of one panel, which share their axes."""

    def __init__(self, panel: Panel, theme: Theme, rows: Rows, x: str, *, overlaid: bool) -> None:
        self.panel, self.theme, self.rows, self.x = panel, theme, rows, x
        self.named = "run" if overlaid else "metric"
        self.names = names_of(panel)
        self.channels = self._channels()

    def _channels(self) -> dict[str, Any]:
        import altair as alt

        ticks = y_ticks(self.panel)
        scale = alt.Scale(
            type="log" if self.panel.log else "linear", domain=[ticks.low, ticks.high],
            nice=False, zero=False,
        )  # fmt: skip
        axis_y = alt.Axis(values=list(ticks.values), **tick_labels(ticks, log=self.panel.log))
        numbers = sorted({line.colour for line in self.panel.lines if line.colour is not None})
        colours = [self.theme.series[number % len(self.theme.series)] for number in numbers]
        return {
            "x": alt.X("x:T" if self.x == "time" else "x:Q", scale=self._x_scale(),
                       axis=self._x_axis()),
            "y": alt.Y("y:Q", scale=scale, axis=axis_y),
            "color": alt.Color("s:O", legend=None, scale=alt.Scale(
                domain=numbers or [0], range=colours or [self.theme.secondary])),
        }  # fmt: skip

    def _x_span(self) -> tuple[float, float]:
        low, high = self.panel.x_range
        return (low, high) if low < high else (low - 0.5, high + 0.5)

    def _x_scale(self) -> Any:
        import altair as alt

        return alt.Scale(domain=list(self._x_span()), nice=False, zero=False)

    def _x_axis(self) -> Any:
        import altair as alt

        if self.x == "time":
            return alt.Axis(tickCount=4, grid=True)
        ticks = linear(*self._x_span(), whole=self.x == "step" and self._whole())
        return alt.Axis(values=list(ticks.values), grid=True, **tick_labels(ticks))

    def _whole(self) -> bool:
        return all(at == int(at) for line in self.panel.lines for at in (*line.x[:1], *line.x[-1:]))

    def layers(self) -> list[Any]:
        """Return what is drawn, from the ground up."""
        groups = self._groups()
        found = [
            *self._behind(),
            *(self._stroke(group) for group in groups),
            *self._points(groups),
            *self._infinities(),
            *(self._hover(group) for group in groups),
        ]
        if groups:
            return found
        empty = self.rows.chart([], ["x", "y"]).mark_line()
        return [empty.encode(x=self.channels["x"], y=self.channels["y"])]

    def _numbered(self) -> list[tuple[Line, _Row]]:
        return [
            (line, {"k": name, "s": place if line.colour is None else line.colour})
            for place, (name, line) in enumerate(zip(self.names, self.panel.lines, strict=True))
        ]

    def _groups(self) -> list[_Strokes]:
        """Return the lines by how they are drawn, the grey ones first, below all others."""
        groups: dict[tuple[bool, ...], _Strokes] = {}
        for line, named in self._numbered():
            grey = line.colour is None
            dashed = line.colour is not None and line.colour >= len(self.theme.series)
            smooth = bool(len(line.smooth_x))
            dotted = line.n_points <= _FEW and not grey
            group = groups.setdefault(
                (not grey, dashed, smooth, dotted), _Strokes(grey, dashed, smooth, dotted, [])
            )
            group.rows.append(
                named
                | {"x": _numbers(line.smooth_x), "y": _numbers(line.smooth_y),
                   "r": _numbers(line.smooth_raw)}
                if smooth
                else named | {"x": _numbers(line.x), "y": _numbers(line.y)}
            )  # fmt: skip
        return [group for _, group in sorted(groups.items(), key=lambda item: item[0])]

    def _behind(self) -> list[Any]:
        rows = [
            named | {"x": _numbers(line.x), "y": _numbers(line.y)}
            for line, named in self._numbered()
            if len(line.smooth_x) and len(line.x) and line.colour is not None
        ]
        raw = self.rows.chart(rows, ["x", "y"]).mark_line(
            opacity=0.35, strokeWidth=1, strokeJoin="round", aria=False
        )
        return [raw.encode(**self.channels)] if rows else []

    def _stroke(self, group: _Strokes) -> Any:
        import altair as alt

        dash: dict[str, Any] = {"strokeDash": list(_DASHES)} if group.dashed else {}
        wide = 1.0 if group.grey else (1.9 if group.smooth else 1.7)
        mark = self.rows.chart(group.rows, group.fields).mark_line(
            opacity=0.5 if group.grey else 1, strokeWidth=wide, strokeJoin="round",
            strokeCap="round", aria=False, **dash,
        )  # fmt: skip
        if not group.grey:
            return mark.encode(**self.channels)
        grey = alt.value(self.theme.secondary)
        return mark.encode(x=self.channels["x"], y=self.channels["y"], color=grey, detail="s:O")

    def _points(self, groups: Sequence[_Strokes]) -> list[Any]:
        """Return every point of a short line, and the last and the best one of each."""
        coloured = [(line, named) for line, named in self._numbered() if line.colour is not None]
        last = [row for line, named in coloured for row in _marked(line.last, named)]
        # Where many lines lie close, only the best point of all is marked.
        champion = self.panel.champion if len(coloured) > 2 else None
        best = [
            row
            for line, named in coloured
            if champion in (None, line)
            for row in _marked(line.best, named)
        ]
        charts = [
            (self.rows.chart(group.rows, group.fields), "circle", 14)
            for group in groups
            if group.dotted
        ]
        charts += [(self.rows.chart(last), "circle", 34)] if last else []
        charts += [(self.rows.chart(best), "diamond", 52)] if best else []
        return [
            chart.mark_point(shape=shape, size=size, filled=True, opacity=1).encode(
                **self.channels, tooltip=self._tips()
            )
            for chart, shape, size in charts
        ]

    def _hover(self, group: _Strokes) -> Any:
        """Return unseen points along the lines, which show what they are and their values."""
        dots = self.rows.chart(group.rows, group.fields).mark_point(
            shape="circle", size=140, filled=True, opacity=0, aria=False
        )
        tips = self._tips(smoothed=group.smooth)
        return dots.encode(x=self.channels["x"], y=self.channels["y"], tooltip=tips)

    def _tips(self, *, smoothed: bool = False) -> list[Any]:
        import altair as alt

        at = (
            alt.Tooltip("x:T", title="time", format="%d %b %Y %H:%M:%S")
            if self.x == "time"
            # Never the name of a step metric: a title is part of the spec.
            else alt.Tooltip(
                "x:Q", title="at" if self.panel.axis else _X_TITLES[self.x], format=",.12~r"
            )
        )
        tips = [alt.Tooltip("k:N", title=self.named), at]
        value = "r:Q" if smoothed else "y:Q"
        tips.append(alt.Tooltip(value, title="value", format=".12~g"))
        if smoothed:
            tips.append(alt.Tooltip("y:Q", title="smoothed", format=".4~g"))
        return tips

    def _infinities(self) -> list[Any]:
        """Return small triangles at the edge a value left through."""
        import altair as alt

        layers = []
        for up, shape, at in ((True, "triangle-up", 5), (False, "triangle-down", HEIGHT - 5)):
            rows = [
                {"k": named["k"], "x": point.x, "v": figure(point.y)}
                for line, named in self._numbered()
                for point in line.infinite
                if (point.y > 0) is up
            ]
            if rows:
                mark = self.rows.chart(rows).mark_point(
                    shape=shape, size=40, filled=True, opacity=1, color=self.theme.warning
                )
                tips = [*self._tips()[:2], alt.Tooltip("v:N", title="value")]
                layers.append(mark.encode(x=self.channels["x"], y=alt.value(at), tooltip=tips))
        return layers


def tick_labels(ticks: Ticks, *, log: bool = False) -> dict[str, Any]:
    """Return how an axis writes its labels."""
    if log:
        return {"labelExpr": _LOG_LABEL}
    if ticks.format == PREFIXED:
        return {"labelExpr": _PREFIXED_LABEL}
    if ticks.format.endswith("e"):
        return {"labelExpr": f"datum.value ? format(datum.value, '{ticks.format}') : '0'"}
    return {"format": ticks.format}


def names_of(panel: Panel) -> list[str]:
    """Return one label per line; two runs of one name stay two lines."""
    names: list[str] = []
    for line in panel.lines:
        name = label_text(line.label)
        names.append(name if name not in names else f"{name} {line.run_id[-6:]}")
    return names


def _marked(point: Point | None, named: _Row) -> list[_Row]:
    return [] if point is None else [named | {"x": _number(point.x), "y": _number(point.y)}]


def _number(value: float) -> float | int | None:
    if math.isnan(value):
        return None
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def _numbers(values: NDArray[np.float64]) -> list[float | int | None]:
    """Return values as JSON writes them shortest; a gap is ``None``."""
    return [_number(value) for value in values.tolist()]
