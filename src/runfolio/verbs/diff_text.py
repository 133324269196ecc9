"""A difference for a terminal: tables, and unified lines below each cell and file."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.text import Text

from runfolio.query.diff import RunDiff
from runfolio.query.diff_text import TextDiff
from runfolio.replay.trees import CodeDiff
from runfolio.verbs.diff_sections import Block, Line, Section
from runfolio.verbs.diff_words import sections
from runfolio.verbs.lookup import label
from runfolio.verbs.terminal import clean, columns_of, cut, one_line
from runfolio.verbs.view import STYLES, join_lines

__all__ = ["diff_text", "sections_text", "unified"]

_QUIET: Final = STYLES["secondary"]
_TITLE: Final = 12
_VALUE: Final = 48
_NAME: Final = 40
_LONG: Final = 400
_ROWS: Final = 48
_LINES: Final = 24
"""Rows of one block; further ones are counted."""


def diff_text(diff: RunDiff, code: CodeDiff, parts: Sequence[str], width: int | None) -> Text:
    """Return the difference, a section a part; what is the same in one line."""
    head = Text.assemble(label(diff.was), (" → ", _QUIET), label(diff.now))
    return sections_text(head, diff.why("record"), sections(diff, code, parts), width)


def sections_text(
    head: Text, remarks: Iterable[str], sections: Iterable[Section], width: int | None
) -> Text:
    """Return sections below a head, those that are the same in one line."""
    lines = [head, *_notes(remarks, "", width)]
    was_long = False
    for section in sections:
        made = _section(section, width)
        # What takes several lines stands apart from what is told in one.
        is_long = not section.is_same
        lines += [Text(), *made] if is_long or was_long else made
        was_long = is_long
    return join_lines(lines)


def _section(section: Section, width: int | None) -> list[Text]:
    first, *rest = _wrapped(one_line(section.summary, 200), width, _TITLE) or [""]
    title = f"{section.title:<{_TITLE}}" if first else section.title
    head = Text.assemble((title, "bold"), (first, _QUIET))
    for words in rest:
        head.append(f"\n{' ' * _TITLE}{words}", style=_QUIET)
    notes = _notes(section.notes, "not compared: ", width)
    if section.is_same:
        return [head, *notes]
    lines = [head, *notes, *_table(section.lines, width)]
    for block in section.blocks:
        lines += _block(block, width)
    if section.more:
        lines.append(Text(f"  and {section.more:,} more", _QUIET))
    return lines


def _notes(notes: Iterable[str], before: str, width: int | None) -> list[Text]:
    return [
        Text("  " + line, STYLES["fault"])
        for note in notes
        for line in _wrapped(before + one_line(note, 300), width)
    ]


def _wrapped(words: str, width: int | None, indent: int = 4) -> list[str]:
    return (
        [words]
        if width is None
        else textwrap.wrap(words, max(width - indent, 16), break_on_hyphens=False)
    )


def _named(name: str, width: int) -> str:
    """Return a name cut in its middle: the ends of long ones tell them apart."""
    whole = one_line(name, _LONG)
    if columns_of(whole) <= width:
        return whole
    tail = whole[-(width * 2 // 3) :]
    while columns_of(tail) > width * 2 // 3:
        tail = tail[1:]
    return cut(whole, width - columns_of(tail)) + tail


def _table(rows: Sequence[Line], width: int | None, indent: str = "  ") -> Iterator[Text]:
    # Name, two values, and the mark behind them: a narrow terminal gives each a part of its room.
    most = _VALUE if width is None else max((width - 18) // 3, 12)
    names = [_named(row.name, min(_NAME, most)) for row in rows]
    before = [one_line(row.was, min(_VALUE, most)) or "–" for row in rows]
    after = [one_line(row.now, min(_VALUE, most)) or "–" for row in rows]
    wide, room = (max(map(columns_of, words), default=0) for words in (names, before))
    for row, name, was, now in zip(rows, names, before, after, strict=True):
        line = Text.assemble((indent + name + " " * (wide - columns_of(name)), _QUIET), "  ",
                             " " * (room - columns_of(was)), was, (" → ", _QUIET), (now, "bold"))  # fmt: skip
        if row.mark:
            role = {True: "good", False: "fault", None: "secondary"}[row.better]
            left = _VALUE if width is None else width - columns_of(line.plain) - 2
            line.append(f"  {one_line(row.mark, max(left, 1))}", style=STYLES[role])
        yield line
        if row.about:
            yield from (
                Text(f"{indent}    {words}", _QUIET)
                for words in _wrapped(one_line(row.about, 400), width and width - len(indent))
            )


def _block(block: Block, width: int | None) -> Iterator[Text]:
    counts = "" if block.text is None else f"  +{block.text.added:,} −{block.text.removed:,}"
    title = one_line(f"{block.title}: {block.first}" if block.first else block.title, 160)
    yield Text.assemble(
        ("  " + (title if width is None else cut(title, width - 2 - len(counts))), "bold"),
        (counts, _QUIET),
    )
    for note in block.notes:
        yield from (Text("    " + words, _QUIET) for words in _wrapped(one_line(note, 400), width))
    yield from _table(block.lines[:_LINES], width, "    ")
    more = block.more + max(len(block.lines) - _LINES, 0)
    if more:
        yield Text(f"    and {more:,} more", _QUIET)
    if block.text is None:
        return
    for mark, words in unified(block.text):
        style = {"-": STYLES["fault"], "+": STYLES["good"]}.get(mark, _QUIET)
        shown = clean(words.replace("\t", "    "))
        yield Text(f"    {mark} " + (shown if width is None else cut(shown, width - 6)), style)


def unified(text: TextDiff, limit: int = _ROWS) -> Iterator[tuple[str, str]]:
    """Yield the lines of a difference, each with its mark: ``-``, ``+``, ``@`` or a blank."""
    rows = text.rows[:limit]
    at = 0
    while at < len(rows):
        if rows[at].kind in ("changed", "removed", "added"):
            end = at
            while end < len(rows) and rows[end].kind in ("changed", "removed", "added"):
                end += 1
            yield from (("-", _words(row.was)) for row in rows[at:end] if row.was)
            yield from (("+", _words(row.now)) for row in rows[at:end] if row.now)
            at = end
            continue
        row = rows[at]
        yield (
            ("@", f"{row.count:,} lines the same") if row.kind == "gap" else (" ", _words(row.now))
        )
        at += 1
    left_out = text.left_out + len(text.rows) - len(rows)
    if left_out:
        yield "@", f"{left_out:,} more lines"


def _words(pieces: Sequence[object]) -> str:
    return "".join(getattr(piece, "text", "") for piece in pieces)
