"""One chart of a comparison with the words round it, and what such charts have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runfolio.charts.curves import label_text, tick_labels
from runfolio.charts.figures import figure, typed
from runfolio.charts.lettering import Part
from runfolio.charts.theme import LIGHT
from runfolio.charts.ticks import Ticks, linear, log
from runfolio.model.run import RunRecord
from runfolio.query.curves import COLOURED
from runfolio.query.fields import ABSENT
from runfolio.query.run_names import run_names

if TYPE_CHECKING:
    from runfolio.query.differing import Scale

__all__ = [
    "Marked",
    "Tile",
    "colour_scale",
    "marked",
    "measured",
    "room_for",
    "scale_labels",
    "shown",
    "value_axis",
    "value_ticks",
]


@dataclass(frozen=True, slots=True)
class Marked:
    """A run as the charts show it: its name, and the number of its colour; grey without one."""

    name: str
    colour: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One chart and its words.

    Attributes
    ----------
    chart : altair chart
    title, caption : str
    height : int
        Of the plot, in pixels.
    axis : int
        Room for labels at its left.
    above, below : int
        Room for labels within the tile, above and below the plot.
    figures : tuple of Part
        At the right of the title, the rightmost first.
    legend : tuple of Part
    spans : bool
        Whether it takes both columns.
    """

    chart: Any
    title: str
    caption: str
    height: int
    axis: int
    above: int = 0
    below: int = 22
    figures: tuple[Part, ...] = ()
    legend: tuple[Part, ...] = ()
    spans: bool = False


def marked(records: Sequence[RunRecord]) -> list[Marked]:
    """Return runs with the colours they have in every chart: that of their place."""
    return [
        Marked(label_text(name), at if at < COLOURED else None)
        for at, name in enumerate(run_names(records, 40))
    ]


def colour_scale(numbers: Sequence[int]) -> Any:
    """Return the channel that gives each line the colour of its number, in the field ``s``."""
    import altair as alt

    found = sorted(set(numbers))
    colours = [LIGHT.series[number % len(LIGHT.series)] for number in found]
    scale = alt.Scale(domain=found or [0], range=colours or [LIGHT.secondary])
    return alt.Color("s:O", legend=None, scale=scale)


def value_ticks(values: Sequence[float], *, logarithmic: bool) -> Ticks:
    """Return an axis for measured values, with a little air."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if logarithmic:
        return log(low / 1.15, high * 1.15)
    air = high / 20 - low / 20
    return linear(low - air, high + air, count=4) if low < high else linear(low, high, count=3)


def value_axis(field: str, ticks: Ticks, *, logarithmic: bool) -> Any:
    """Return the vertical channel of measured values, and the room its labels take."""
    import altair as alt

    scale = alt.Scale(
        type="log" if logarithmic else "linear", domain=[ticks.low, ticks.high], nice=False,
        zero=False,
    )  # fmt: skip
    axis = alt.Axis(values=list(ticks.values), **tick_labels(ticks, log=logarithmic))
    return alt.Y(f"{field}:Q", scale=scale, axis=axis)


def room_for(ticks: Ticks) -> int:
    """Return how much room labels of an axis take, in pixels."""
    return min(max(round(ticks.letters * 6.6) + 8, 22), 66)


def scale_labels(scale: Scale, most: int = 6) -> list[tuple[float, str]]:
    """Return where a scale of settings carries a label, and which."""
    if scale.kind == "ordered":
        apart = max(len(scale.values) - 1, 1)
        places = [at / apart if len(scale.values) > 1 else 0.5 for at in range(len(scale.values))]
        step = max(-(-len(places) // most), 1)
        return [(places[at], shown(scale.values[at])) for at in range(0, len(places), step)]
    if scale.low == scale.high:
        return [(0.5, shown(scale.low))]
    ticks = (
        log(scale.low, scale.high)
        if scale.kind == "log"
        else linear(scale.low, scale.high, count=4)
    )
    return [(scale.place(v), shown(v)) for v in ticks.values if scale.low <= v <= scale.high]


def shown(value: Any, digits: int | None = None) -> str:
    """Return a setting as a chart writes it; empty where a run does not have it.

    Along an axis it has as many digits as `digits_of` gives, else all.
    """
    words = typed(value) if digits is None else typed(value, digits)
    return "" if value is ABSENT else label_text(words, 24)


def measured(value: float | None) -> str:
    """Return a figure of a metric as a tooltip writes it."""
    return "" if value is None else figure(value)
