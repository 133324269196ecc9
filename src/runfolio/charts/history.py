"""The history of a study as an Altair chart: what each trial reached, and the best so far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from runfolio.charts.evaluation import over, whole
from runfolio.charts.figures import figure
from runfolio.charts.theme import LIGHT
from runfolio.query.summary import MAXIMIZE

__all__ = ["history_chart"]

_WIDTH: Final = 320
_HEIGHT: Final = 180
_DOTS: Final = 2_000


def history_chart(points: Sequence[tuple[int, float]], name: str, way: str) -> Any:
    """Return the values of the trials that came to their end, with a line of the best so far.

    Parameters
    ----------
    points : sequence of (int, float)
        Number of a trial and its value, by number. Values that are not finite are counted alone.
    name : str
        What the values are called.
    way : str
        ``"minimize"`` or ``"maximize"``.
    """
    import altair as alt

    finite = [(number, value) for number, value in points if math.isfinite(value)]
    best: list[dict[str, Any]] = []
    better = max if way == MAXIMIZE else min
    for number, value in finite:
        now = better(best[-1]["y"], value) if best else value
        if not best or now != best[-1]["y"]:
            best.append({"x": number, "y": now})
    if finite:
        best.append({"x": finite[-1][0], "y": best[-1]["y"]})
    every = -(-len(finite) // _DOTS) or 1
    dots = [{"x": number, "y": value, "v": figure(value)} for number, value in finite[::every]]
    x = alt.X("x:Q", title="trial", scale=alt.Scale(zero=False, nice=False),
              axis=alt.Axis(tickCount=5, tickMinStep=1, format="d"))  # fmt: skip
    y = alt.Y("y:Q", title=name, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))
    tips = [alt.Tooltip("x:Q", title="trial", format="d"), alt.Tooltip("v:N", title=name)]
    line = over(best).mark_line(interpolate="step-after", color=LIGHT.accent, strokeWidth=1.8)
    marks = over(dots).mark_point(size=26, filled=True, color=LIGHT.secondary, opacity=0.7)
    words = f"{len(points):,} trials" if len(points) != 1 else "1 trial"
    if every > 1:
        words = f"every {every}th of {words}"
    if best:
        words += f", best {figure(best[-1]['y'])}"
    if len(finite) < len(points):
        words += f", {len(points) - len(finite)} not finite"
    return whole(
        [line.encode(x=x, y=y), marks.encode(x=x, y=y, tooltip=tips)], "History", words, _WIDTH, _HEIGHT
    )  # fmt: skip
