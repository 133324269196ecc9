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

    ``None`` where no value is finite.

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
    if not finite:
        return None
    better = max if way == MAXIMIZE else min
    for number, value in finite:
        now = better(best[-1]["y"], value) if best else value
        if not best or now != best[-1]["y"]:
            best.append({"x": number, "y": now})
    best.append({"x": finite[-1][0], "y": best[-1]["y"]})
    every = -(-len(finite) // _DOTS)
    dots = [{"x": number, "y": value, "v": figure(value)} for number, value in finite[::every]]
    numbers, values = [number for number, _ in finite], [value for _, value in finite]
    # Left to itself it has ticks between two trials, under the same number.
    few = (
        list(range(numbers[0], numbers[-1] + 1)) if numbers[-1] - numbers[0] < 6 else alt.Undefined
    )
    x = alt.X("x:Q", title="trial", scale=_around(numbers, 0.5),
              axis=alt.Axis(tickCount=5, values=few, format="d"))  # fmt: skip
    alike = len(set(values)) == 1
    scale = _around(values, abs(values[0]) / 10 or 0.1) if alike else alt.Scale(zero=False)
    size = max(map(abs, values))
    usual = alt.Undefined if 1e-4 <= size < 1e6 else "~g"
    y = alt.Y("y:Q", title=name, scale=scale, axis=alt.Axis(tickCount=5, format=usual))
    tips = [alt.Tooltip("x:Q", title="trial", format="d"), alt.Tooltip("v:N", title=name)]
    line = over(best).mark_line(interpolate="step-after", color=LIGHT.accent, strokeWidth=1.8)
    marks = over(dots).mark_point(size=26, filled=True, color=LIGHT.secondary, opacity=0.7)
    words = f"{len(points):,} complete trial" + "s" * (len(points) != 1)
    if every > 1:
        words = f"{len(dots):,} of {words}"
    words += f", best {figure(best[-1]['y'])}"
    if len(finite) < len(points):
        words += f", {len(points) - len(finite)} not finite"
    return whole(
        [marks.encode(x=x, y=y, tooltip=tips), line.encode(x=x, y=y)], "History", words, _WIDTH, _HEIGHT
    )  # fmt: skip


def _around(values: Sequence[float], more: float) -> Any:
    """Return a scale from below the lowest value to above the highest."""
    import altair as alt

    return alt.Scale(domain=[min(values) - more, max(values) + more], nice=False, zero=False)
