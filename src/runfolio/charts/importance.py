"""The importance of settings as an Altair chart: a bar each, and how far the draws lie apart."""

from __future__ import annotations

from typing import Any, Final

from runfolio.charts.curves import Rows, label_text
from runfolio.charts.figures import figure
from runfolio.charts.lettering import width_of
from runfolio.charts.theme import LIGHT
from runfolio.charts.tile import Tile
from runfolio.query.importance import Importance

__all__ = ["BARS", "explained_words", "importance_tile"]

BARS: Final = 8
"""Settings that get a bar."""

_ROW: Final = 20
_NAME: Final = 120


def importance_tile(found: Importance, rows: Rows) -> Tile:
    """Return the chart of the most important settings.

    Parameters
    ----------
    rows : Rows
        Takes the data of the chart.
    """
    import altair as alt

    shares = found.shares[:BARS]
    names = [label_text(share.title, 24) for share in shares]
    data = [
        {"y": at, "t": name, "m": round(max(share.mean, 0), 4), "a": round(share.low, 4),
         "b": round(share.high, 4), "v": figure(share.mean),
         "r": f"{figure(share.low)} to {figure(share.high)}"}
        for at, (name, share) in enumerate(zip(names, shares, strict=True))
    ]  # fmt: skip
    low = min(0.0, *(share.low for share in shares))
    high = max(0.05, *(share.high for share in shares))
    axis = alt.Axis(tickCount=4, grid=True, format=".2~f")
    x = alt.X("m:Q", axis=axis, scale=alt.Scale(domain=[low, high * 1.04], nice=False, zero=False))
    y = alt.Y(
        "y:Q", axis=None, scale=alt.Scale(domain=[len(shares) - 0.5, -0.5], nice=False, zero=False)
    )
    tips = [alt.Tooltip("t:N", title="setting"), alt.Tooltip("v:N", title="importance"),
            alt.Tooltip("r:N", title="9 of 10 draws")]  # fmt: skip
    bars = rows.chart(data).mark_rule(color=LIGHT.accent, strokeWidth=9, opacity=0.75)
    spread = rows.chart(data).mark_rule(color=LIGHT.text, strokeWidth=1.4)
    words = rows.chart(data).mark_text(align="right", baseline="middle", dx=-8, fontSize=11.5,
                                       color=LIGHT.text, limit=_NAME, aria=False)  # fmt: skip
    hover = rows.chart(data).mark_rule(strokeWidth=_ROW, opacity=0, color=LIGHT.text)
    layers: list[Any] = [
        bars.encode(x=x, x2=alt.datum(0), y=y),
        spread.encode(x=alt.X("a:Q"), x2="b:Q", y=y),
        words.encode(x=alt.value(0), y=y, text="t:N"),
        hover.encode(x=alt.X("a:Q"), x2="b:Q", y=y, tooltip=tips),
    ]
    return Tile(
        chart=alt.layer(*layers),
        title="importance of settings",
        caption=_caption(found),
        height=_ROW * len(shares) + 8,
        axis=round(min(max(width_of(name) for name in names), _NAME)) + 10,
        below=42,
    )


def _caption(found: Importance) -> str:
    words = [explained_words(found), f"{found.n_runs} runs"]
    more = len(found.shares) - BARS + len(found.more)
    words += [f"{more} more setting{'s' * (more != 1)}"] if more > 0 else []
    return " · ".join(words)


def explained_words(found: Importance) -> str:
    """Return how far the estimate can be trusted, in a few words."""
    if found.explained < 0.1:
        return "explains nothing of runs it has not seen"
    return f"explains {found.explained:.0%} of runs it has not seen"
