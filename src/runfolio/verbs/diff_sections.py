"""What a difference is made of before it is text, Markdown or HTML: sections, lines, blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from runfolio.charts.figures import changed
from runfolio.query.compare import Change
from runfolio.query.diff_text import TextDiff

__all__ = [
    "MAX_LINES",
    "UNDER",
    "Block",
    "Line",
    "Section",
    "cut_lines",
    "lines_of",
    "names_of",
    "plural",
]

MAX_LINES: Final = 200
"""Rows of one table; further ones are counted."""

UNDER: Final = "↳ "
"""Before the name of a line that says more of the one above it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in both runs; empty where a run lacks it.

    Attributes
    ----------
    mark : str
        ``▲`` or ``▼`` with how much, of a metric that got better or worse; else a word.
    better : bool or None
    about : str
        What else is to be said of it, on a line of its own.
    """

    name: str
    was: str
    now: str
    mark: str = ""
    better: bool | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A cell or a file with its lines, or some things that belong together.

    Attributes
    ----------
    notes : tuple of str
        What else is to be said of it, the first one beside the title where there is room.
    more : int
        Lines that found no place.
    first : str
        The first line of a cell, by which a reader knows it.
    """

    title: str
    text: TextDiff | None = None
    notes: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    more: int = 0
    first: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a difference.

    Attributes
    ----------
    title : str
    summary : str
        One sentence; all there is where both runs are the same in it.
    lines : tuple of Line
    blocks : tuple of Block
    more : int
        Lines or blocks that found no place.
    notes : tuple of str
        What is not compared, and why.
    """

    title: str
    summary: str = ""
    lines: tuple[Line, ...] = ()
    blocks: tuple[Block, ...] = ()
    more: int = 0
    notes: tuple[str, ...] = field(default=())

    @property
    def is_same(self) -> bool:
        """Whether nothing differs in it."""
        return not (self.lines or self.blocks)


def lines_of(changes: Iterable[Change]) -> list[Line]:
    """Return changes as lines, each value in its shortest exact form."""
    return [Line(change.name, *changed(change.was, change.now)) for change in changes]


def cut_lines(title: str, lines: list[Line], *notes: str) -> Block:
    """Return lines under a title, as many as have a place."""
    told = tuple(filter(None, notes))
    return Block(title, None, told, tuple(lines[:MAX_LINES]), max(len(lines) - MAX_LINES, 0))


def names_of(names: Sequence[str], most: int) -> str:
    """Return names in a row, further ones counted."""
    more = [f"{len(names) - most:,} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])


def plural(n: int, word: str) -> str:
    """Return ``1 file``, ``2 files``."""
    return f"{n:,} {word}{'s' * (n != 1)}"
