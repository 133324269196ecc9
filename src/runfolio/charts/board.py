"""A comparison of runs as one Vega specification: curves, then what the settings have to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from runfolio.charts.card import Card
from runfolio.charts.curves import HEIGHT, Rows, draw, label_text, y_ticks
from runfolio.charts.frame import GUTTER, Place, card_signals, framed, placed
from runfolio.charts.heading import MARGIN, footer, header
from runfolio.charts.lettering import Lettering, Part
from runfolio.charts.sheet import caption, panel_figures
from runfolio.charts.theme import LIGHT
from runfolio.charts.tile import Tile, room_for
from runfolio.query.panel import Panel

__all__ = ["board", "panel_tile"]

_TITLE: Final = 26
_LEGEND: Final = 17
_BETWEEN: Final = 20


@dataclass(frozen=True, slots=True)
class _Set:
    """A tile with its place."""

    tile: Tile
    left: str
    width: str
    top: str

    @property
    def plot(self) -> str:
        """Where its plot begins, as a Vega expression."""
        return f"{self.top} + {_head(self.tile)}"


def panel_tile(panel: Panel, x: str, rows: Rows) -> Tile:
    """Return the curves of one metric as a tile.

    Parameters
    ----------
    x : str
        What the curves run over.
    rows : Rows
        Takes the data of the chart.
    """
    over = f" over {label_text(panel.axis, 24)}" if panel.axis else ""
    return Tile(
        chart=draw(panel, LIGHT, rows=rows, x=x, overlaid=True),
        title=label_text(panel.title), caption=caption(panel) + over, height=HEIGHT,
        axis=room_for(y_ticks(panel)), below=40,
        figures=tuple(panel_figures(panel, overlaid=True)),
    )  # fmt: skip


def board(card: Card, tiles: Sequence[Tile], rows: Rows) -> dict[str, Any]:
    """Return the whole comparison as a compiled Vega 5 specification, with all its data inside.

    Parameters
    ----------
    card : Card
        What stands above and below the tiles; its panels are not drawn.
    rows : Rows
        The data of the tiles.

    Raises
    ------
    MissingDependency
        altair or vl-convert-python is not installed.
    """
    words = Lettering()
    top, foot = header(card, words), footer(card, words)
    found, heights = _set(tiles)
    for one in found:
        _write(one, words)
    if card.empty:
        text = Part(text=card.empty, colour=LIGHT.secondary, size=12, limit=f"card - {2 * MARGIN}")
        words.line([text], MARGIN, "top + 32")
        heights = (52, 52)
    places = [
        Place(f"{one.left} + {one.tile.axis}", one.plot, f"{one.width} - {one.tile.axis + 4}",
              one.tile.height)
        for one in found
    ]  # fmt: skip
    spec = placed([tile.chart for tile in tiles], places)
    measures = card_signals(top, heights, foot or "0", wraps=len(tiles) > 1)
    return framed(spec, rows, words, measures, has_foot=foot is not None,
                  description="Several runs, compared.")  # fmt: skip


def _set(tiles: Sequence[Tile]) -> tuple[list[_Set], tuple[int, int]]:
    """Return the tiles in their places, and the height of all in two columns and in one."""
    found: list[_Set] = []
    two = one = MARGIN
    waits: int | None = None  # height of the tile at the left that has no neighbour yet
    for tile in tiles:
        tall = _head(tile) + tile.height + tile.below + _BETWEEN
        if tile.spans:
            two += waits or 0
            waits = None
            found.append(_Set(tile, f"{MARGIN}", f"(card - {2 * MARGIN})", _top(two, one)))
            two += tall
        elif waits is None:
            found.append(_Set(tile, f"{MARGIN}", "cell", _top(two, one)))
            waits = tall
        else:
            left = f"{MARGIN} + (two ? cell + {GUTTER} : 0)"
            found.append(_Set(tile, left, "cell", _top(two, one)))
            two += max(waits, tall)
            waits = None
        one += tall
    return found, (two + (waits or 0) - 10, one - 10)


def _top(two: int, one: int) -> str:
    return f"top + (two ? {two} : {one})"


def _head(tile: Tile) -> int:
    return _TITLE + tile.above + (_LEGEND if tile.legend else 0)


def _write(one: _Set, words: Lettering) -> None:
    """Write title, figures, legend and caption of a tile."""
    tile = one.tile
    limit = one.width
    if tile.figures:
        limit = f"max(28, datum.bounds.x1 - ({one.left}) - 12)"
    title = Part(
        text=tile.title, size=12.5, weight=600, limit=limit, at=one.left if tile.figures else ""
    )
    if tile.figures:
        words.line(
            [*tile.figures, title], f"{one.left} + {one.width}", f"{one.top} + 12", align="right"
        )
    else:
        words.line([title], one.left, f"{one.top} + 12")
    if tile.legend:
        words.line(tile.legend, one.left, f"{one.top} + 30")
    text = Part(text=tile.caption, size=10.5, colour=LIGHT.secondary, limit=one.width)
    words.line([text], one.left, f"{one.plot} + {tile.height + tile.below - 4}")
