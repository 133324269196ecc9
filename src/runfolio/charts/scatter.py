"""One setting against the metric as an Altair chart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from runfolio.charts.curves import Rows, label_text
from runfolio.charts.figures import figure
from runfolio.charts.lettering import Part
from runfolio.charts.theme import LIGHT
from runfolio.charts.tile import (
    Marked,
    Tile,
    colour_scale,
    room_for,
    scale_labels,
    shown,
    value_axis,
    value_ticks,
)
from runfolio.query.differing import scale_of
from runfolio.query.scatter import Scatter

__all__ = ["correlation_words", "scatter_tile"]

_HEIGHT: Final = 132
_POINTS: Final = 600


def scatter_tile(found: Scatter, runs: Sequence[Marked], metric: str, rows: Rows) -> Tile:
    """Return the chart of a setting against the metric.

    Parameters
    ----------
    metric : str
        Its name, for the title.
    rows : Rows
        Takes the data of the chart.
    """
    import altair as alt

    data: list[dict[str, Any]] = [
        {"x": round(place, 4), "y": value, "k": runs[at].name, "a": shown(found.setting.values[at]),
         "v": figure(value), "s": runs[at].colour}
        for at, (place, value) in enumerate(zip(found.x.places, found.y, strict=True))
        if place is not None and value is not None
    ]  # fmt: skip
    values = [row["y"] for row in data]
    logarithmic = scale_of(values).kind == "log"
    ticks = value_ticks(values, logarithmic=logarithmic)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.06, 1.06], nice=False, zero=False))
    y = value_axis("y", ticks, logarithmic=logarithmic)
    labels = [{"x": place, "t": words} for place, words in scale_labels(found.x, 5)]
    tips = [alt.Tooltip("k:N", title="run"), alt.Tooltip("a:N", title="setting"),
            alt.Tooltip("v:N", title="value")]  # fmt: skip
    layers: list[Any] = [
        rows.chart(labels).mark_rule(color=LIGHT.hairline, strokeWidth=1, aria=False).encode(x=x),
        rows.chart(labels).mark_text(
            baseline="top", dy=6, fontSize=11, color=LIGHT.secondary, aria=False, limit=90
        ).encode(x=x, y=alt.value(_HEIGHT), text="t:N"),
    ]  # fmt: skip
    for some, colour in (
        ([row for row in data if row["s"] is None][:_POINTS], alt.value(LIGHT.secondary)),
        ([row for row in data if row["s"] is not None],
         colour_scale([row["s"] for row in data if row["s"] is not None])),
    ):  # fmt: skip
        if some:
            dots = rows.chart(some).mark_point(shape="circle", size=34, filled=True, opacity=0.9)
            layers.append(dots.encode(x=x, y=y, color=colour, tooltip=tips))
    words = [correlation_words(found), "log scale" if found.x.kind == "log" else ""]
    return Tile(
        chart=alt.layer(*layers),
        title=f"{label_text(found.setting.title, 30)} → {label_text(metric, 30)}",
        caption=" · ".join(filter(None, words)), height=_HEIGHT, axis=room_for(ticks), below=40,
        figures=(Part(text=f"{found.n} runs", colour=LIGHT.secondary),),
    )  # fmt: skip


def correlation_words(found: Scatter) -> str:
    """Return how the setting and the metric go together, in a few words."""
    if found.correlation is None or math.isnan(found.correlation):
        return f"{found.n} runs"
    sign = "−" if found.correlation < 0 else "+"
    return f"rank correlation {sign}{abs(found.correlation):.2f}"
