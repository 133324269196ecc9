"""One panel of curves as an Altair chart.

Names that came out of a run are only ever data: the fields are ``x``, ``y``, ``k``, ``t``, and no
title, expression or accessor is made from a metric's name.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Literal

from runfolio.charts.figures import figure
from runfolio.charts.theme import Theme
from runfolio.query.curves import Line, Panel, Point

if TYPE_CHECKING:
    import altair as alt
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Rows", "draw", "label_text"]

HEIGHT: Final = 132
_LABEL: Final = 48
_TITLE_Y: Final = -12
_LOG_LABEL: Final = (
    "datum.value >= 0.001 && datum.value < 1e6 ? format(datum.value, '~g') "
    ": format(datum.value, '~e')"
)
# Mean width of a character at 11 px: enough to keep words apart where nothing can be measured.
_CHAR: Final = 5.9


def label_text(text: str, limit: int = _LABEL) -> str:
    """Return a name as a chart shows it: on one line, control characters visible, cut."""
    shown = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[: limit + 1]
    )
    return shown if len(text) <= limit else shown[: limit - 1] + "…"


class Rows:
    """The data of a chart, kept beside it by name.

    Altair validates inline rows one by one, which for a card takes seconds; named data it only
    points to. They go into the finished specification as its ``datasets``.
    """

    def __init__(self) -> None:
        self.datasets: dict[str, list[dict[str, Any]]] = {}

    def chart(self, rows: list[dict[str, Any]]) -> alt.Chart:
        """Return an empty chart over these rows."""
        import altair as alt

        name = f"d{len(self.datasets)}"
        self.datasets[name] = rows
        return alt.Chart(alt.NamedData(name=name))

    def text(
        self, text: str, colour: str, x: float, y: float, *,
        align: Literal["left", "right"] = "left", weight: Literal[400, 600] = 400,
        size: float = 11.5, limit: float | None = None,
    ) -> Any:  # fmt: skip
        """Return a line of text at a fixed place of the view: data, never a part of the spec.

        Parameters
        ----------
        limit : float, optional
            Pixels it may take; the page that draws it, with fonts of its own, cuts it there.
        """
        import altair as alt

        mark = self.chart([{"t": text}]).mark_text(
            align=align, baseline="alphabetic", color=colour, fontSize=size, fontWeight=weight,
            limit=alt.Undefined if limit is None else round(limit),
        )  # fmt: skip
        return mark.encode(text="t:N", x=alt.value(x), y=alt.value(y))

    def shape(
        self, path: str, colour: str, x: float, y: float, *, size: float, filled: bool = False
    ) -> Any:
        """Return a small drawn sign at a fixed place of the view."""
        import altair as alt

        mark = self.chart([{"t": ""}]).mark_point(
            shape=path, color=colour, size=size, filled=filled, opacity=1, strokeWidth=2,
            strokeCap="round", strokeJoin="round",
        )  # fmt: skip
        return mark.encode(x=alt.value(x), y=alt.value(y))


def draw(panel: Panel, theme: Theme, width: int, rows: Rows, *, x: str = "step") -> Any:
    """Return a panel as a chart: its title and figures, lines, marked points, a caption.

    Parameters
    ----------
    width : int
        Of the plotting area, in pixels.
    rows : Rows
        Takes the data of the chart.
    x : str
        What the horizontal axis is: ``step``, ``time`` or ``relative``.
    """
    import altair as alt

    names = _names(panel)
    if all(math.isnan(y) for line in panel.lines for y in line.y.tolist()):
        said = rows.text("No finite value to draw.", theme.secondary, 0, HEIGHT / 2)
        layers = [*_title(panel, names, theme, width, rows), said]
        return alt.layer(*layers, *_caption(panel, theme, width, rows), width=width, height=HEIGHT)
    colour = alt.Color(
        "k:N",
        scale=alt.Scale(domain=names, range=[*theme.series][: max(len(names), 1)]),
        legend=None,
    )
    scale = alt.Scale(type="log", nice=False) if panel.log else alt.Scale(zero=False, nice=True)
    axis_y = alt.Axis(tickCount=4, labelExpr=_LOG_LABEL) if panel.log else alt.Axis(tickCount=5)
    y = alt.Y("y:Q", scale=scale, axis=axis_y)
    axis_x = alt.X(
        "x:T" if x == "time" else "x:Q",
        scale=alt.Scale(zero=False, nice=False),
        axis=alt.Axis(**_ticks(panel) if x == "step" else {"tickCount": 5}),
    )
    layers = _lines(panel, names, (axis_x, y, colour), rows)
    layers += _marks(panel, names, (axis_x, y, colour), rows)
    layers += _title(panel, names, theme, width, rows)
    layers += _caption(panel, theme, width, rows)
    return alt.layer(*layers, width=width, height=HEIGHT)


def _ticks(panel: Panel) -> dict[str, Any]:
    """Return where the steps are named; of two or three steps Vega would name the halves, too."""
    ends = [float(at) for line in panel.lines if len(line.x) for at in (line.x[0], line.x[-1])]
    first, last = min(ends, default=0.0), max(ends, default=0.0)
    if last - first < 3 and first == int(first):
        return {"values": list(range(int(first), math.floor(last) + 1)), "format": "d"}
    return {"tickCount": 5, "tickMinStep": 1}


def _title(panel: Panel, names: list[str], theme: Theme, width: int, rows: Rows) -> list[Any]:
    """Return the panel's name and, at the right, its figures or which colour is which line."""
    title = label_text(panel.title)
    if len(panel.lines) < 2:
        figures = _figures(panel.lines[0]) if panel.lines else ""
        return [
            rows.text(
                title,
                theme.text,
                0,
                _TITLE_Y,
                weight=600,
                size=12.5,
                limit=max(width - len(figures) * _CHAR - 12, 60),
            ),
            rows.text(figures, theme.secondary, width, _TITLE_Y, align="right"),
        ]
    layers: list[Any] = []
    right, line = float(width), _TITLE_Y
    for name, colour in reversed(list(zip(names, theme.series, strict=False))):
        wide = len(name) * _CHAR + 24
        if right - wide < (len(title) * _CHAR * 1.2 if line == _TITLE_Y else 0):
            right, line = float(width), line - 15
        right -= len(name) * _CHAR
        layers.append(rows.text(name, theme.text, right, line, size=11))
        right -= 12
        layers.append(rows.shape("M-1,0L1,0", colour, right, line - 4, size=60))
        right -= 20
    room = width if line < _TITLE_Y else max(right - 8, 60)
    return [rows.text(title, theme.text, 0, line, weight=600, size=12.5, limit=room), *layers]


def _caption(panel: Panel, theme: Theme, width: int, rows: Rows) -> list[Any]:
    layers = [
        rows.text(caption(panel), theme.secondary, 0, HEIGHT + 29, size=10.5, limit=width - 44)
    ]
    if any(line.best for line in panel.lines):
        # Drawn, not written: few fonts hold a diamond, and one missing sign changes the font
        # of the whole line.
        layers.append(rows.shape("diamond", theme.secondary, width - 30, HEIGHT + 25.5,
                                 size=40, filled=True))  # fmt: skip
        layers.append(rows.text("best", theme.secondary, width, HEIGHT + 29, align="right",
                                size=10.5))  # fmt: skip
    return layers


def caption(panel: Panel) -> str:
    """Return what the chart says about itself: ``147 of 147 points``."""
    words = [f"{panel.n_shown:,} of {panel.n_points:,} point{'s' * (panel.n_points != 1)}"]
    strange = sum(line.n_nonfinite for line in panel.lines)
    words += [f"{strange:,} not finite"] if strange else []
    words += ["log scale"] if panel.log else []
    words += [f"{panel.hidden} more lines, not drawn"] if panel.hidden else []
    return " · ".join(words)


def _names(panel: Panel) -> list[str]:
    """Return one label per line; two runs of one name stay two lines."""
    names: list[str] = []
    for line in panel.lines:
        name = label_text(line.label, 28)
        names.append(name if name not in names else f"{name} {line.run_id[-6:]}")
    return names


def _figures(line: Line) -> str:
    if line.last is None:
        return ""
    words = [figure(line.last.y)]
    if line.best is not None:
        words.append(f"best {figure(line.best.y)} at {figure(line.best.x)}")
    return " · ".join(words)


def _lines(panel: Panel, names: list[str], axes: tuple[Any, Any, Any], rows: Rows) -> list[Any]:
    x, y, colour = axes
    plain: list[dict[str, Any]] = []
    behind: list[dict[str, Any]] = []
    smooth: list[dict[str, Any]] = []
    for name, line in zip(names, panel.lines, strict=True):
        points = [row | {"k": name} for row in _rows(line.x, line.y)]
        (behind if len(line.smooth_x) else plain).extend(points)
        smooth += [row | {"k": name} for row in _rows(line.smooth_x, line.smooth_y)]
    layers = [
        rows.chart(points)
        .mark_line(opacity=opacity, strokeWidth=stroke, strokeJoin="round")
        .encode(x=x, y=y, color=colour)
        for points, opacity, stroke in ((behind, 0.35, 1.0), (plain, 1.0, 1.7), (smooth, 1.0, 1.9))
        if points
    ]
    return layers or [rows.chart([]).mark_line().encode(x=x, y=y)]


def _marks(panel: Panel, names: list[str], axes: tuple[Any, Any, Any], rows: Rows) -> list[Any]:
    """Return the few points of a short line, the best one and the last one of every line."""
    import altair as alt

    x, y, colour = axes
    few: list[dict[str, Any]] = []
    best: list[dict[str, Any]] = []
    last: list[dict[str, Any]] = []
    for name, line in zip(names, panel.lines, strict=True):
        if line.n_points <= 30:
            few += [row | {"k": name} for row in _rows(line.x, line.y)]
        best += _row(line.best, name)
        last += _row(line.last, name)
    tips = [
        alt.Tooltip("k:N", title="metric"),
        alt.Tooltip("x:Q", title="at"),
        alt.Tooltip("y:Q", title="value"),
    ]
    return [
        rows.chart(points)
        .mark_point(shape=shape, size=size, filled=True, opacity=1)
        .encode(x=x, y=y, color=colour, tooltip=tips)
        for points, shape, size in (
            (few, "circle", 14),
            (last, "circle", 34),
            (best, "diamond", 48),
        )
        if points
    ]


def _row(point: Point | None, name: str) -> list[dict[str, Any]]:
    return [] if point is None else [{"x": point.x, "y": point.y, "k": name}]


def _rows(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Return points as ``{"x": …, "y": …}`` rows for a chart; a gap is ``None``."""
    return [
        {"x": int(a) if a == int(a) else a, "y": None if math.isnan(b) else b}
        for a, b in zip(x.tolist(), y.tolist(), strict=True)
    ]
