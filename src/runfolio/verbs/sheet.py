"""A small table of ready words: what the terminal, Markdown and HTML forms share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.text import Span, Text

from runfolio.logbook.escape import literal
from runfolio.verbs.terminal import columns_of, cut
from runfolio.verbs.view import STYLES

__all__ = ["Cell", "Column", "Sheet", "blocks", "markdown", "share_of", "terminal_lines"]

_GAP: Final = "  "
_INDENT: Final = " "
_BLOCKS: Final = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; its words are clean and on one line already.

    Attributes
    ----------
    role : str
        A key of `runfolio.verbs.view.STYLES`, or empty.
    exact : str
        What hovering shows.
    aside : str
        A second, quieter word of the same cell: the short id beside a name.
    label : str
        What a screen reader says for a glyph.
    labels : tuple of str
        Tags, drawn as outlined words.
    points : tuple of float
        A sparkline's heights, from first to last; NaN is a gap.
    weight : float or None
        From 0 (worst) to 1 (best): how strongly the ground is tinted.
    """

    text: str
    role: str = ""
    exact: str = ""
    aside: str = ""
    label: str = ""
    labels: tuple[str, ...] = ()
    points: tuple[float, ...] = ()
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes
    ----------
    right : bool
        Figures stand at the right.
    forms : str
        ``both``, ``terminal`` or ``page``: where the column appears.
    rank : int
        What does not fit a terminal goes by falling rank; 0 always stays.
    least : int
        Columns of a terminal to which it is cut before it goes; 0 for one that is never cut.
    """

    title: str
    cells: Sequence[Cell]
    right: bool = False
    forms: str = "both"
    rank: int = 0
    exact: str = ""
    least: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a title above it and one quiet line below.

    Attributes
    ----------
    aside : str
        The query, or another word that belongs to the title.
    """

    title: str
    columns: Sequence[Column]
    footer: str
    aside: str = ""


def blocks(points: Sequence[float], width: int = 6) -> str:
    """Return a sparkline of block characters, `width` columns; NaN leaves a blank."""
    finite = [p for p in points if math.isfinite(p)]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    n = min(width, len(points))
    # Evenly from the first to the last: both ends of a curve are what one looks for.
    picked = [points[round(i * (len(points) - 1) / max(n - 1, 1))] for i in range(n)]
    return "".join(_block(p, low, high) for p in picked)


def share_of(value: float, low: float, high: float) -> float:
    """Return where a value lies between two others: 0 at `low`, 1 at `high`."""
    # Halved: the whole way from -1e308 to 1e308 is infinite.
    way = high / 2 - low / 2
    return 0.5 if way == 0 else (value / 2 - low / 2) / way


def _block(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return " "
    return _BLOCKS[round(share_of(value, low, high) * (len(_BLOCKS) - 1))]


def terminal_lines(sheet: Sheet, width: int | None) -> list[Text]:
    """Return the lines of the table for a terminal.

    Parameters
    ----------
    width : int or None
        Columns there are; columns of the table that do not fit are left out and named.
    """
    shown = [(column, _wide(column)) for column in sheet.columns if column.forms != "page"]
    left_out: list[str] = []
    if width is not None and _total(shown) > width:
        shown, left_out = _fitted(shown, width)
    lines = [_line([(Cell(column.title, "secondary"), column, n) for column, n in shown])]
    lines += [
        _line([(column.cells[row], column, n) for column, n in shown])
        for row in range(len(shown[0][0].cells))
    ]
    lines.append(Text(_INDENT + sheet.footer, STYLES["secondary"]))
    left_out = [title for title in left_out if title]
    if left_out:
        named = ", ".join(left_out[:6]) + (" ..." if len(left_out) > 6 else "")
        lines.append(Text(f"{_INDENT}no room for: {named}", STYLES["secondary"]))
    return lines


def _wide(column: Column) -> int:
    return max(columns_of(column.title), *(columns_of(cell.text) for cell in column.cells), 0)


_Wide = tuple[Column, int]


def _fitted(columns: Sequence[_Wide], width: int) -> tuple[list[_Wide], list[str]]:
    """Return the columns that a width has room for, each with its own, and the titles of the others."""
    shown = [(column, min(wide, column.least or wide)) for column, wide in columns]
    left_out: list[str] = []
    while _total(shown) > width and (rank := max(column.rank for column, _ in shown)):
        last = max(i for i, (column, _) in enumerate(shown) if column.rank == rank)
        left_out.insert(0, shown.pop(last)[0].title)
    spare = max(width - _total(shown), 0)
    for at, (column, wide) in enumerate(shown):
        if column.least:
            room = min(wide + spare, _wide(column))
            cells = [replace(cell, text=cut(cell.text, room)) for cell in column.cells]
            shown[at] = replace(column, cells=cells), room
            spare -= room - wide
    return shown, left_out


def _total(columns: Sequence[_Wide]) -> int:
    return len(_INDENT) + sum(n for _, n in columns) + len(_GAP) * (len(columns) - 1)


def _line(row: Sequence[tuple[Cell, Column, int]]) -> Text:
    line = _INDENT
    spans = []
    for i, (cell, column, width) in enumerate(row):
        pad = " " * (width - columns_of(cell.text))
        line += (_GAP if i else "") + (pad if column.right else "")
        style = STYLES.get(cell.role)
        if style and cell.text:
            spans.append(Span(len(line), len(line) + len(cell.text), style))
        line += cell.text + ("" if column.right else pad)
    return Text(line.rstrip(), spans=spans)


def markdown(sheet: Sheet) -> str:
    """Return the table as Markdown in which every word is literal."""
    shown = [column for column in sheet.columns if column.forms != "terminal"]
    head = "| " + " | ".join(_literal(column.title) for column in shown) + " |"
    rule = "|" + "|".join("--:" if column.right else "---" for column in shown) + "|"
    rows = [
        "| " + " | ".join(_words(column.cells[row]) for column in shown) + " |"
        for row in range(len(shown[0].cells))
    ]
    return "\n".join([head, rule, *rows, "", _literal(sheet.footer), ""])


def _words(cell: Cell) -> str:
    words = _literal(cell.text)
    if cell.role == "strong" and words:
        words = f"**{words}**"
    if not cell.aside:
        return words
    glyph = cell.label.partition(" ")[0]
    return " ".join(filter(None, (glyph, words, _literal(cell.aside))))


def _literal(text: str) -> str:
    return literal(text, max(len(text), 1)).replace("|", "\\|")
