"""Two texts line by line: what stayed, went, came, and which words of a line changed."""

from __future__ import annotations

import difflib
import math
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["Piece", "Row", "TextDiff", "only_new", "only_old", "text_diff"]

CONTEXT: Final = 3
"""Unchanged lines kept on both sides of a change."""

MAX_ROWS: Final = 400
"""Rows that are kept of one text."""

_MAX_LINES: Final = 3_000
_MAX_LINE: Final = 1_000
_MAX_WORDS: Final = 200
# Two lines with less in common are two lines, not one that was edited.
_ALIKE: Final = 0.35
_WORD: Final = re.compile(r"\w+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters of a line, and whether they are what changed in it."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line beside the other.

    Attributes
    ----------
    kind : str
        ``same``, ``changed``, ``removed``, ``added``, or ``gap`` for unchanged lines left out.
    was, now : tuple of Piece
        Empty on the side that has no such line.
    old, new : int
        Line numbers from 1; 0 where there is no line. Of a gap those of its first line.
    count : int
        Lines that the row stands for: more than one only for a gap.
    """

    kind: str
    was: tuple[Piece, ...] = ()
    now: tuple[Piece, ...] = ()
    old: int = 0
    new: int = 0
    count: int = 1


@dataclass(frozen=True, slots=True)
class TextDiff:
    """What differs between two texts.

    Attributes
    ----------
    added, removed : int
        Lines, an edited one counted as both.
    rows : tuple of Row
        Changes with a few unchanged lines round them.
    left_out : int
        Rows there would be more.
    """

    added: int = 0
    removed: int = 0
    rows: tuple[Row, ...] = ()
    left_out: int = 0


def text_diff(was: str, now: str, *, limit: int = MAX_ROWS, until: float = math.inf) -> TextDiff:
    """Return what differs between two texts.

    The work is bounded: where more than 3,000 lines lie between the first and the last
    difference, they count as replaced as a whole.

    Parameters
    ----------
    limit : int
        Rows that are kept.
    until : float
        By ``time.monotonic``: from then on, lines count as replaced as a whole, for there are
        more texts to compare.
    """
    old, new = was.splitlines(), now.splitlines()
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle = old[head : len(old) - tail], new[head : len(new) - tail]
    rows: list[Row] = [_same(line, i, i) for i, line in enumerate(old[:head], start=1)]
    added = removed = 0
    for tag, i, j, k, m in _blocks(*middle, until):
        if tag == "equal":
            rows += [
                _same(line, head + i + n, head + k + n)
                for n, line in enumerate(middle[0][i:j], start=1)
            ]
            continue
        removed += j - i
        added += m - k
        if len(rows) <= limit + head:
            rows += _replaced(middle[0][i:j], middle[1][k:m], head + i, head + k, until)
    first, second = len(old) - tail, len(new) - tail
    rows += [_same(line, first + n, second + n) for n, line in enumerate(old[first:], start=1)]
    folded = _folded(rows)
    return TextDiff(added, removed, tuple(folded[:limit]), max(len(folded) - limit, 0))


def only_new(text: str, *, limit: int = MAX_ROWS) -> TextDiff:
    """Return a text that was not there before."""
    lines = text.splitlines()
    rows = tuple(_added(line, n) for n, line in enumerate(lines[:limit], start=1))
    return TextDiff(len(lines), 0, rows, max(len(lines) - limit, 0))


def only_old(text: str, *, limit: int = MAX_ROWS) -> TextDiff:
    """Return a text that is gone."""
    lines = text.splitlines()
    rows = tuple(_removed(line, n) for n, line in enumerate(lines[:limit], start=1))
    return TextDiff(0, len(lines), rows, max(len(lines) - limit, 0))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    for n, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return n
    return min(len(one), len(other))


def _blocks(
    old: Sequence[str], new: Sequence[str], until: float
) -> Sequence[tuple[str, int, int, int, int]]:
    if not old and not new:
        return ()
    if max(len(old), len(new)) > _MAX_LINES or time.monotonic() > until:
        return (("replace", 0, len(old), 0, len(new)),)
    # With its rule of thumb for lines that come very often: without it some texts take minutes.
    return difflib.SequenceMatcher(None, old, new).get_opcodes()


def _replaced(
    old: Sequence[str], new: Sequence[str], i: int, k: int, until: float
) -> Iterator[Row]:
    """Yield the lines of a replaced block, edited ones beside each other."""
    for n in range(min(max(len(old), len(new)), MAX_ROWS + 1)):
        was, now = (lines[n] if n < len(lines) else None for lines in (old, new))
        if was is not None and now is not None and time.monotonic() <= until:
            pieces = _words(was, now)
            if pieces is not None:
                yield Row("changed", *pieces, i + n + 1, k + n + 1)
                continue
        if was is not None:
            yield _removed(was, i + n + 1)
        if now is not None:
            yield _added(now, k + n + 1)
    for _ in range(max(len(old), len(new)) - MAX_ROWS - 1):
        yield Row("removed")  # counted, never shown


def _words(was: str, now: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]] | None:
    """Return both lines in pieces; ``None`` where they have little in common."""
    if max(len(was), len(now)) > _MAX_LINE:
        return None
    old, new = _WORD.findall(was), _WORD.findall(now)
    if max(len(old), len(new)) > _MAX_WORDS:
        return None
    match = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if match.ratio() < _ALIKE:
        return None
    before: list[Piece] = []
    after: list[Piece] = []
    for tag, i, j, k, m in match.get_opcodes():
        changed = tag != "equal"
        before += [Piece("".join(old[i:j]), changed)] if j > i else []
        after += [Piece("".join(new[k:m]), changed)] if m > k else []
    return tuple(before), tuple(after)


def _line(text: str) -> tuple[Piece, ...]:
    more = len(text) - _MAX_LINE
    return (Piece(text if more <= 0 else f"{text[:_MAX_LINE]}… {more:,} more characters"),)


def _same(text: str, old: int, new: int) -> Row:
    line = _line(text)
    return Row("same", line, line, old, new)


def _removed(text: str, old: int) -> Row:
    return Row("removed", was=_line(text), old=old)


def _added(text: str, new: int) -> Row:
    return Row("added", now=_line(text), new=new)


def _folded(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with long unchanged runs told by their number."""
    changed = [n for n, row in enumerate(rows) if row.kind != "same"]
    kept = {
        near
        for n in changed
        for near in range(max(n - CONTEXT, 0), min(n + CONTEXT + 1, len(rows)))
    }
    folded: list[Row] = []
    n = 0
    while n < len(rows):
        if n in kept:
            folded.append(rows[n])
            n += 1
            continue
        begin = n
        while n < len(rows) and n not in kept:
            n += 1
        # A fold that hides one line takes as much room as the line.
        if n - begin == 1:
            folded.append(rows[begin])
        else:
            folded.append(Row("gap", old=rows[begin].old, new=rows[begin].new, count=n - begin))
    return folded if changed else []
