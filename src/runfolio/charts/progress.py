"""The best so far as an Altair chart: every run a point, the best up to then a line of steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from runfolio.charts.curves import Rows
from runfolio.charts.figures import figure
from runfolio.charts.lettering import Part
from runfolio.charts.theme import LIGHT
from runfolio.charts.tile import Marked, Tile, colour_scale, room_for, value_axis, value_ticks
from runfolio.query.differing import scale_of
from runfolio.query.progress import Attempt

__all__ = ["progress_tile"]

_HEIGHT: Final = 132
_MOMENT_MS: Final = 120_000
_POINTS: Final = 400


def progress_tile(found: Sequence[Attempt], runs: Sequence[Marked], rows: Rows) -> Tile:
    """Return the chart of runs in the order in which they began.

    Parameters
    ----------
    rows : Rows
        Takes the data of the chart.
    """
    import altair as alt

    values = [attempt.value for attempt in found]
    logarithmic = scale_of(values).kind == "log"
    ticks = value_ticks(values, logarithmic=logarithmic)
    start, end = found[0].at_ms, found[-1].at_ms
    # Of runs of a moment Vega would write milliseconds.
    brief: dict[str, Any] = {"format": "%H:%M:%S"} if end - start < _MOMENT_MS else {}
    span = [start, end] if start < end else [start - 1000, end + 1000]
    x = alt.X("x:T", axis=alt.Axis(tickCount=3, grid=True, **brief),
              scale=alt.Scale(domain=span, nice=False))  # fmt: skip
    y = value_axis("y", ticks, logarithmic=logarithmic)
    some_of = _drawn(found)
    data: list[dict[str, Any]] = [
        {"x": one.at_ms, "y": one.value, "k": runs[one.place].name, "v": figure(one.value),
         "w": figure(one.best), "s": runs[one.place].colour}
        for one in some_of
    ]  # fmt: skip
    steps = [one for one in found[:-1] if one.is_better] + [found[-1]]
    best = [{"x": one.at_ms, "y": one.best} for one in steps]
    tips = [alt.Tooltip("k:N", title="run"), alt.Tooltip("v:N", title="value"),
            alt.Tooltip("w:N", title="best so far"),
            alt.Tooltip("x:T", title="began", format="%d %b %Y %H:%M")]  # fmt: skip
    line = rows.chart(best).mark_line(interpolate="step-after", strokeWidth=1.8, aria=False,
                                      color=LIGHT.accent)  # fmt: skip
    layers: list[Any] = [line.encode(x=x, y=y)]
    for some, colour in (
        ([row for row in data if row["s"] is None], alt.value(LIGHT.secondary)),
        ([row for row in data if row["s"] is not None],
         colour_scale([row["s"] for row in data if row["s"] is not None])),
    ):  # fmt: skip
        if some:
            dots = rows.chart(some).mark_point(shape="circle", size=30, filled=True, opacity=0.9)
            layers.append(dots.encode(x=x, y=y, color=colour, tooltip=tips))
    won = [row for row, one in zip(data, some_of, strict=True) if one.is_better][-1:]
    mark = rows.chart(won).mark_point(shape="diamond", size=60, filled=True, opacity=1,
                                      color=LIGHT.accent)  # fmt: skip
    layers.append(mark.encode(x=x, y=y, tooltip=tips))
    n = sum(one.is_better for one in found)
    return Tile(
        chart=alt.layer(*layers), title="best so far",
        caption=f"{len(found)} runs by their start · better {n - 1} time{'s' * (n != 2)}",
        height=_HEIGHT, axis=room_for(ticks), below=40,
        figures=(Part(text=figure(found[-1].best), weight=600),),
    )  # fmt: skip


def _drawn(found: Sequence[Attempt]) -> list[Attempt]:
    """Return the runs that get a point: of very many some, and all that were better."""
    every = -(-len(found) // _POINTS)
    return [one for at, one in enumerate(found) if one.is_better or at % every == 0]
