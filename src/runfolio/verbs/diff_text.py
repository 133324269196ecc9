"""A difference for a terminal: tables, and unified lines below each cell and file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.text import Text

from runfolio.query.diff import RunDiff
from runfolio.query.diff_text import TextDiff
from runfolio.replay.trees import CodeDiff
from runfolio.verbs.diff_words import Block, Line, Section, sections
from runfolio.verbs.lookup import label
from runfolio.verbs.terminal import clean, columns_of, cut, one_line
from runfolio.verbs.view import STYLES, join_lines

__all__ = ["diff_text", "unified"]

_QUIET: Final = STYLES["secondary"]
_VALUE: Final = 48
_ROWS: Final = 120


def diff_text(diff: RunDiff, code: CodeDiff, parts: Sequence[str], width: int | None) -> Text:
    """Return the difference, a section a part; what is the same in one line."""
    lines = [Text.assemble(label(diff.was), (" → ", _QUIET), label(diff.now))]
    for section in sections(diff, code, parts):
        lines += _section(section, width)
    lines += [Text(f"not read: {one_line(why, 160)}", STYLES["fault"]) for why in diff.unread]
    return join_lines(lines)


def _section(section: Section, width: int | None) -> list[Text]:
    summary = one_line(section.summary, 200)
    head = Text.assemble((f"{section.title:<12}", "bold"), (summary, _QUIET))
    if section.is_same:
        return [head]
    lines = [Text(), head, *_table(section.lines)]
    for block in section.blocks:
        lines += _block(block, width)
    if section.more:
        lines.append(Text(f"  and {section.more:,} more", _QUIET))
    return lines


def _table(rows: Sequence[Line]) -> Iterator[Text]:
    names = [one_line(row.name, _VALUE) for row in rows]
    before = [one_line(row.was, _VALUE) or "–" for row in rows]
    after = [one_line(row.now, _VALUE) or "–" for row in rows]
    wide, room = (max(map(columns_of, words), default=0) for words in (names, before))
    for row, name, was, now in zip(rows, names, before, after, strict=True):
        line = Text.assemble(("  " + name + " " * (wide - columns_of(name)), _QUIET), "  ",
                             " " * (room - columns_of(was)), was, (" → ", _QUIET), (now, "bold"))  # fmt: skip
        if row.mark:
            role = {True: "good", False: "fault", None: "secondary"}[row.better]
            line.append(f"  {row.mark}", style=STYLES[role])
        yield line


def _block(block: Block, width: int | None) -> Iterator[Text]:
    yield Text("  " + one_line(block.title, 160), "bold")
    if block.note:
        yield Text("    " + one_line(block.note, 160), _QUIET)
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
