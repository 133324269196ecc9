"""The means of groups with their spread as an Altair chart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from runfolio.charts.curves import Rows, label_text, tick_labels
from runfolio.charts.lettering import Part
from runfolio.charts.theme import LIGHT
from runfolio.charts.ticks import linear
from runfolio.charts.tile import Tile, colour_scale, room_for, shown, value_axis, value_ticks
from runfolio.query.curves import values_are_log

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from runfolio.query.spread import Band, Spread

__all__ = ["band_name", "spread_tile"]

_HEIGHT: Final = 150
_MISSING: Final = "missing"


def band_name(band: Band) -> str:
    """Return what a group is called."""
    if isinstance(band.value, tuple):
        return label_text(", ".join(map(str, band.value)), 24) or _MISSING
    return shown(band.value) or _MISSING


def spread_tile(found: Spread, rows: Rows) -> Tile:
    """Return the chart of some groups; there must be one at least.

    Parameters
    ----------
    rows : Rows
        Takes the data of the chart.
    """
    import altair as alt

    data = [_row(band, at) for at, band in enumerate(found.bands)]
    edges = np.concatenate([np.array(row[end]) for row in data for end in ("a", "b")])
    logarithmic = values_are_log([edges])
    ticks = value_ticks(edges.tolist(), logarithmic=logarithmic)
    ends = [float(band.x[at]) for band in found.bands for at in (0, -1)]
    low, high = min(ends), max(ends)
    span = (low, high) if low < high else (low - 0.5, high + 0.5)
    across = linear(*span)
    axis = (
        alt.Axis(tickCount=4, grid=True)
        if found.x == "time"
        else alt.Axis(values=list(across.values), grid=True, **tick_labels(across))
    )
    x = alt.X("x:T" if found.x == "time" else "x:Q", axis=axis,
              scale=alt.Scale(domain=list(span), nice=False, zero=False))  # fmt: skip
    scale = {"logarithmic": logarithmic}
    colour = colour_scale(range(len(data)))
    tips = [alt.Tooltip("k:N", title="group"), alt.Tooltip("m:Q", title="mean", format=".4~g"),
            alt.Tooltip("d:Q", title="deviation", format=".3~g")]  # fmt: skip
    fields = ["x", "m", "a", "b", "d"]
    area = rows.chart(data, fields).mark_area(opacity=0.16, aria=False)
    line = rows.chart(data, fields).mark_line(strokeWidth=1.8, strokeJoin="round", aria=False)
    hover = rows.chart(data, fields).mark_point(size=120, opacity=0, filled=True, aria=False)
    y = value_axis("m", ticks, **scale)
    layers: list[Any] = [
        area.encode(x=x, y=value_axis("a", ticks, **scale), y2="b:Q", color=colour),
        line.encode(x=x, y=y, color=colour),
        hover.encode(x=x, y=y, tooltip=tips),
    ]
    return Tile(
        chart=alt.layer(*layers),
        title=f"{label_text(found.key, 40)} by {label_text(found.by, 40)}",
        caption=_caption(found, logarithmic=logarithmic), height=_HEIGHT, axis=room_for(ticks),
        below=40, spans=True,
        legend=tuple(
            Part(text=f"{band_name(band)} ({band.n_runs})", colour=LIGHT.secondary, size=11,
                 gap=14, limit=150, swatch=LIGHT.series[at % len(LIGHT.series)])
            for at, band in enumerate(found.bands)
        ),
    )  # fmt: skip


def _row(band: Band, at: int) -> dict[str, Any]:
    apart = np.nan_to_num(band.deviation)
    return {
        "s": at, "k": band_name(band), "x": _shortest(band.x), "m": _shortest(band.mean),
        "a": _shortest(band.mean - apart), "b": _shortest(band.mean + apart),
        "d": [None if math.isnan(v) else float(f"{v:.3g}") for v in band.deviation.tolist()],
    }  # fmt: skip


def _shortest(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.5g}") if abs(value) < 1e10 else value for value in values.tolist()]


def _caption(found: Spread, *, logarithmic: bool) -> str:
    words = ["mean ± standard deviation among runs"]
    words += [f"{found.left_out} more groups"] if found.left_out else []
    return " · ".join([*words, "log scale"] if logarithmic else words)
