"""The card as one Vega specification: charts put in their places, words around them.

Vega-Lite lays charts out by what their labels happen to measure; here each has a place of its own,
told by a few signals, so that the card wraps from two columns to one where the window is narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from runfolio.charts.card import Card
from runfolio.charts.curves import HEIGHT, Rows, draw, label_text, names_of, y_ticks
from runfolio.charts.figures import by_rule, figure
from runfolio.charts.frame import GUTTER, Place, card_signals, framed, placed, unchecked
from runfolio.charts.heading import (
    MARGIN,
    NARROWEST,
    footer,
    header,
    is_dashed,
    series_colour,
)
from runfolio.charts.lettering import Lettering, Part, width_of
from runfolio.charts.theme import LIGHT
from runfolio.query.panel import Panel

__all__ = ["caption", "panel_figures", "sheet"]

_LEGEND: Final = 17
_TITLE: Final = 26
_BELOW: Final = 40
_BETWEEN: Final = 16
_AXIS: Final = 100
_DIAMOND: Final = "M0,-1L0.8,0L0,1L-0.8,0Z"


@dataclass(frozen=True, slots=True)
class _Block:
    """One panel with its place: from its own top, and from the top of the charts."""

    panel: Panel
    legend: list[list[Part]]
    axis: int
    left: str
    top_two: int
    top_one: int
    plot_two: int
    plot_one: int

    @property
    def top(self) -> str:
        """Where the block begins, as a Vega expression."""
        return f"top + (two ? {self.top_two} : {self.top_one})"

    @property
    def plot(self) -> str:
        """Where its plot begins; two beside each other begin at the same height."""
        return f"top + (two ? {self.top_two + self.plot_two} : {self.top_one + self.plot_one})"


def sheet(card: Card) -> dict[str, Any]:
    """Return a card as a compiled Vega 5 specification, with all its data inside.

    Raises
    ------
    MissingDependency
        altair or vl-convert-python is not installed.
    """
    blocks, heights = _blocks(card)
    rows = Rows()
    words = Lettering()
    top, foot = header(card, words), footer(card, words)
    for block in blocks:
        _write(block, card, words)
    if card.empty:
        # A sentence a line: both together are cut where the window is narrow.
        said = card.empty.split(". ", 1)
        for place, sentence in enumerate(said):
            text = sentence if sentence.endswith(".") else f"{sentence}."
            words.line([Part(text=text, colour=LIGHT.secondary, size=12,
                             limit=f"card - {2 * MARGIN}")],
                       MARGIN, f"top + {32 + 18 * place}")  # fmt: skip
        heights = (34 + 18 * len(said), 34 + 18 * len(said))
    spec = _compiled(card, blocks, rows)
    measures = card_signals(top, heights, foot or "0", wraps=len(blocks) > 1)
    return framed(spec, rows, words, measures, has_foot=foot is not None)


def _blocks(card: Card) -> tuple[list[_Block], tuple[int, int]]:
    """Return the panels in their places, and the height of all in two columns and in one."""
    panels = card.panels.panels
    room = (NARROWEST if len(panels) > 1 else 540) - 2 * MARGIN
    legends = [[] if card.panels.overlaid else _legend(panel, room) for panel in panels]
    plots = [_TITLE + _LEGEND * len(legend) for legend in legends]
    blocks = []
    two = one = MARGIN
    for place, panel in enumerate(panels):
        left = f"{MARGIN} + (two ? cell + {GUTTER} : 0)" if place % 2 else f"{MARGIN}"
        axis = min(max(round(y_ticks(panel).letters * 6.6) + 8, 22), 66)
        beside = max(plots[place - place % 2 : place - place % 2 + 2])
        own = plots[place]
        blocks.append(_Block(panel, legends[place], axis, left, two, one, beside, own))
        if place % 2 or place == len(panels) - 1:
            two += beside + HEIGHT + _BELOW + _BETWEEN
        one += own + HEIGHT + _BELOW + _BETWEEN
    return blocks, (two - 6, one - 6)


def _legend(panel: Panel, room: float) -> list[list[Part]]:
    """Return which colour is which line, with its last value, broken into rows."""
    if len(panel.lines) < 2:
        return []
    rows: list[list[Part]] = [[]]
    used = 0.0
    for name, line in zip(names_of(panel), panel.lines, strict=True):
        value, rule = by_rule(line.rule, line.figure)
        wide = 38 + min(width_of(name, 11), 150) + width_of(value, 11)
        wide += 4 + width_of(rule, 11) if rule else 0
        if rows[-1] and used + wide > room:
            rows.append([])
            used = 0.0
        used += wide
        rows[-1].append(Part(text=name, colour=LIGHT.secondary, size=11, limit=150, gap=14,
                             swatch=series_colour(line.colour), dashed=is_dashed(line.colour)))  # fmt: skip
        if rule:
            rows[-1].append(Part(text=rule, colour=LIGHT.secondary, size=11, gap=5))
        rows[-1].append(Part(text=value, size=11, weight=600, gap=5))
    return rows


def _write(block: _Block, card: Card, words: Lettering) -> None:
    """Write the title of a panel, its figures, its legend and its caption."""
    panel = block.panel
    top = block.top
    name = label_text(panel.title)
    right = panel_figures(panel, overlaid=card.panels.overlaid)
    title = Part(text=name, size=12.5, weight=600)
    if right:
        limit = f"max(28, datum.bounds.x1 - ({block.left}) - 12)"
        title = Part(text=name, size=12.5, weight=600, limit=limit, at=block.left)
        words.line([*right, title], f"{block.left} + cell", f"{top} + 12", align="right")
    else:
        title = Part(text=name, size=12.5, weight=600, limit="cell")
        words.line([title], block.left, f"{top} + 12")
    for place, row in enumerate(block.legend):
        words.line(row, block.left, f"{top} + {30 + _LEGEND * place}")
    beside = _AXIS + 62 if panel.axis else 50
    parts = [Part(text=caption(panel), size=10.5, colour=LIGHT.secondary, limit=f"cell - {beside}")]
    if any(line.best for line in panel.lines if line.colour is not None):
        # Drawn, not written: few fonts hold a diamond.
        parts.append(Part(shape=_DIAMOND, size=42, filled=True, gap=12, colour=LIGHT.secondary))
        parts.append(Part(text="best", size=10.5, gap=5, colour=LIGHT.secondary))
    words.line(parts, block.left, f"{block.plot} + {HEIGHT + 36}")
    if panel.axis:
        axis = Part(text=label_text(panel.axis), size=11, colour=LIGHT.secondary, limit=_AXIS)
        words.line([axis], f"{block.left} + cell", f"{block.plot} + {HEIGHT + 36}", align="right")
    if not any(line.last for line in panel.lines):
        text = Part(text="No value is a finite number.", size=12, colour=LIGHT.secondary)
        words.line([text], f"{block.left} + {block.axis + 10}", f"{block.plot} + {HEIGHT // 2}")


def panel_figures(panel: Panel, *, overlaid: bool) -> list[Part]:
    """Return the figures of a panel from the right: best, last value, which metric it is."""
    quiet = LIGHT.secondary
    if overlaid:
        first = panel.champion
        if first is None or first.best is None:
            return []
        return [
            Part(text=names_of(panel)[panel.lines.index(first)], colour=quiet, limit=110),
            Part(text=figure(first.best.y), weight=600, gap=5),
            Part(text="best", colour=quiet, gap=5),
        ]
    if len(panel.lines) != 1 or panel.lines[0].last is None:
        return []
    line = panel.lines[0]
    parts = []
    value, rule = by_rule(line.rule, line.figure)
    if line.best is not None and line.best == line.last:
        parts.append(Part(text="best", colour=quiet))
    elif line.best is not None:
        what = "best" if line.figure == line.best.y else f"best {figure(line.best.y)}"
        where = f" at {line.best.x:,.0f}" if line.best.x == int(line.best.x) else ""
        parts.append(Part(text=what + where, colour=quiet))
    if line.figure is not None:
        parts.append(Part(text=value, weight=600, gap=7))
    if rule and not (rule == "best" and line.best):
        parts.append(Part(text=rule, colour=quiet, gap=5))
    if line.label != panel.title:
        parts.append(Part(text=names_of(panel)[0], colour=quiet, gap=5, limit=100))
    return parts


def caption(panel: Panel) -> str:
    """Return what a chart says about itself: ``nats · 147 of 147 points · smoothed 0.9``."""
    n = panel.n_points
    words = [label_text(panel.unit)] if panel.unit else []
    words.append(f"{panel.n_shown:,} of {n:,} point{'s' * (n != 1)}")
    weights = sorted({line.weight for line in panel.lines if line.weight})
    words += [f"smoothed {weights[0]:g}{'–' * (len(weights) > 1)}"
              + (f"{weights[-1]:g}" if len(weights) > 1 else "")] if weights else []  # fmt: skip
    for count, meaning in (
        (sum(line.n_nonfinite for line in panel.lines), "not finite"),
        (sum(line.n_replaced for line in panel.lines), "logged again"),
        (panel.hidden, f"more line{'s' * (panel.hidden != 1)}"),
    ):
        words += [f"{count:,} {meaning}"] if count else []
    return " · ".join([*words, "log scale"] if panel.log else words)


def _compiled(card: Card, blocks: Sequence[_Block], rows: Rows) -> dict[str, Any]:
    """Return the charts as Vega, each in its place."""
    if not blocks:
        return placed((), ())
    # These are always the same pieces, which the tests check, and a card has dozens of them.
    with unchecked():
        charts = [
            draw(block.panel, LIGHT, rows=rows, x=card.panels.x, overlaid=card.panels.overlaid)
            for block in blocks
        ]
    places = [
        Place(f"{block.left} + {block.axis}", block.plot, f"cell - {block.axis + 4}", HEIGHT)
        for block in blocks
    ]
    return placed(charts, places)
