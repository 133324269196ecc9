"""What every card is made of: its frame, its measures, and charts put in their places.

Vega-Lite lays charts out by what their labels happen to measure; here each has a place of its own,
told by a few signals, so that the card wraps from two columns to one where the window is narrow.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from runfolio._optional import require
from runfolio.charts.curves import Rows
from runfolio.charts.heading import MARGIN, NARROWEST, WIDTH
from runfolio.charts.lettering import Lettering
from runfolio.charts.theme import LIGHT, adaptive, config, signals
from runfolio.record.media.engine import engine

__all__ = ["GUTTER", "Place", "card_signals", "framed", "placed", "unchecked"]

GUTTER: Final = 24
"""Between two columns."""

_SCHEMA: Final = "https://vega.github.io/schema/vega/v5.json"
_VEGA_LITE: Final = "5.21"

# In JupyterLab about 450 px of a window are not the cell's: side bars, prompts, margins.
_CARD: Final = f"clamp((windowSize()[0] || 2000) - 450, {NARROWEST}, {WIDTH})"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a plot stands: Vega expressions of its left and upper edge and its width."""

    x: str
    y: str
    width: str
    height: int


@contextlib.contextmanager
def unchecked() -> Iterator[None]:
    """Let Altair not check every piece against its schema as it is made: a card has dozens."""
    api = require("altair.utils.schemapi", feature="charts", install="altair")
    with api.debug_mode(arg=False):
        yield


def placed(charts: Sequence[Any], places: Sequence[Place]) -> dict[str, Any]:
    """Return charts as Vega, each in its place."""
    if not charts:
        return {"data": [], "marks": [], "signals": []}
    import altair as alt

    with unchecked():
        lite = alt.vconcat(*charts).to_dict(validate=False)
    for at, view in enumerate(lite["vconcat"]):
        # Sizes of their own, so that Vega-Lite gives each chart its own signals.
        view |= {"width": 300 + at, "height": 100 + at}
    # Set here, not through Altair, which would copy the whole chart for each.
    lite["config"] = config(LIGHT)
    lite["resolve"] = {"scale": {"color": "independent", "x": "independent", "y": "independent"}}
    lite.pop("$schema", None)
    vega = engine.compiled(lite, version=_VEGA_LITE)
    groups = [mark for mark in vega["marks"] if mark["type"] == "group"]
    defined = {signal["name"]: signal for signal in vega.get("signals", [])}
    for place, group in zip(places, groups, strict=True):
        update = group["encode"]["update"]
        width, height = update["width"]["signal"], update["height"]["signal"]
        defined[width] = {"name": width, "update": place.width}
        defined[height] = {"name": height, "value": place.height}
        update["x"], update["y"] = {"signal": place.x}, {"signal": place.y}
        group.pop("style", None)
    return {key: vega[key] for key in ("data", "marks", "scales", "config") if key in vega} | {
        "signals": list(defined.values())
    }


def card_signals(
    top: str, heights: tuple[int, int], foot: str, *, wraps: bool
) -> list[dict[str, Any]]:
    """Return the measures of a card as Vega signals.

    Parameters
    ----------
    top, foot : str
        How high what stands above the charts and below them is, as Vega expressions.
    heights : (int, int)
        Of the charts in two columns and in one.
    wraps : bool
        Whether there are two columns where there is room.
    """
    gaps = 2 * MARGIN
    return [
        {"name": "card", "init": _CARD, "on": [{"events": "window:resize", "update": _CARD}]},
        {"name": "wide", "update": "card >= 560"},
        {"name": "two", "update": "wide" if wraps else "false"},
        {"name": "cell", "update": f"two ? (card - {gaps + GUTTER}) / 2 : card - {gaps}"},
        {"name": "top", "update": top},
        {"name": "foot", "update": f"top + (two ? {heights[0]} : {heights[1]})"},
        {"name": "width", "update": "card"},
        {"name": "height", "update": f"foot + ({foot})"},
    ]


def framed(
    spec: dict[str, Any],
    rows: Rows,
    words: Lettering,
    measures: Sequence[dict[str, Any]],
    *,
    has_foot: bool,
    description: str = "The curves of a training run.",
) -> dict[str, Any]:
    """Return the whole card as one Vega specification, with all its data inside."""
    for source in spec["data"]:
        if source["name"] in rows.datasets:
            source["values"] = rows.datasets[source["name"]]
    spec["data"] += words.data
    spec["marks"] = [*_frame(foot=has_foot), *spec["marks"], *words.marks]
    spec["signals"] = [*measures, *spec["signals"]]
    return {
        "$schema": _SCHEMA,
        "description": description,
        "padding": 1,
        "autosize": {"type": "pad", "resize": True},
        **adaptive(spec),
        "signals": signals() + adaptive(spec["signals"]),
        "usermeta": {"embedOptions": {"actions": False}},
    }


def _frame(*, foot: bool) -> list[dict[str, Any]]:
    """Return the hairline round the card, and those that part header and foot from the charts."""
    line = {"stroke": {"value": LIGHT.hairline}, "strokeWidth": {"value": 1}}
    box = {
        "x": {"value": 0.5}, "y": {"value": 0.5},
        "width": {"signal": "card - 1"}, "height": {"signal": "height - 1"},
        "cornerRadius": {"value": 6}, "fill": {"value": LIGHT.ground}, **line,
    }  # fmt: skip
    marks = [{"type": "rect", "interactive": False, "encode": {"update": box}}]
    for at in ("top", *(["foot"] if foot else [])):
        rule = {"x": {"value": 1}, "x2": {"signal": "card - 1"}, "y": {"signal": f"{at} + 0.5"}}
        marks.append({"type": "rule", "interactive": False, "encode": {"update": rule | line}})
    return marks
