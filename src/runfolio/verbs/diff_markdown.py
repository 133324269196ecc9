"""A difference as Markdown, for a message or an issue; names and values of runs are text in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from runfolio.logbook.escape import code as as_code
from runfolio.logbook.escape import literal
from runfolio.model.run import RunRecord
from runfolio.query.diff import RunDiff
from runfolio.query.run_names import run_name
from runfolio.replay.trees import CodeDiff
from runfolio.verbs.diff_sections import UNDER, Block, Line, Section
from runfolio.verbs.diff_text import unified
from runfolio.verbs.diff_words import sections
from runfolio.verbs.terminal import clean

__all__ = ["diff_markdown", "sections_markdown"]

_VALUE: Final = 60
_ROWS: Final = 48
_FIRST: Final = 80
_LINES: Final = 30


def diff_markdown(diff: RunDiff, code: CodeDiff, parts: Sequence[str]) -> str:
    """Return the difference: a heading, what changed as lists, lines as ``diff`` code."""
    heads = _run(diff.was), _run(diff.now)
    return sections_markdown(heads, sections(diff, code, parts), diff.why("record"))


def sections_markdown(
    heads: Sequence[str], sections: Iterable[Section], remarks: Iterable[str]
) -> str:
    """Return sections below a heading.

    Parameters
    ----------
    heads : sequence of str
        Markdown that names what is compared.
    """
    pieces = [f"### {' → '.join(heads)}", *(f"*{literal(why, 160)}*" for why in remarks)]
    for section in sections:
        pieces += _section(section)
    return "\n\n".join(pieces) + "\n"


def _run(record: RunRecord) -> str:
    return f"{literal(run_name(record), 40)} {as_code(record.short_id)}"


def _section(section: Section) -> Iterator[str]:
    summary = f" {literal(section.summary, 200)}" if section.summary else ""
    yield f"**{section.title}**{summary}"
    yield from (f"*not compared: {literal(why, 200)}*" for why in section.notes)
    if section.lines:
        yield _list(section.lines, section.more if not section.blocks else 0)
    for block in section.blocks:
        yield from _block(block)
    if section.more and section.blocks:
        yield f"and {section.more:,} more"


def _list(rows: Sequence[Line], more: int) -> str:
    items = [_item(row) for row in rows[:_LINES]]
    more += max(len(rows) - _LINES, 0)
    return "\n".join([*items, *([f"- and {more:,} more"] if more else [])])


def _item(row: Line) -> str:
    mark = f" ({literal(row.mark, 40)})" if row.mark else ""
    about = f"; {literal(row.about, 240)}" if row.about else ""
    indent = "  " if row.name.startswith(UNDER) else ""
    name = literal(row.name.removeprefix(UNDER), _VALUE)
    return f"{indent}- {name}: {_value(row.was)} → **{_value(row.now)}**{mark}{about}"


def _value(words: str) -> str:
    return literal(words, _VALUE) if words else "–"


def _block(block: Block) -> Iterator[str]:
    note = f" ({literal('; '.join(block.notes), 400)})" if block.notes else ""
    counts = "" if block.text is None else f" +{block.text.added:,} −{block.text.removed:,}"
    first = f" {as_code(block.first, _FIRST)}" if block.first else ""
    yield f"{literal(block.title, 160)}{first}{counts}{note}"
    if block.lines:
        yield _list(block.lines, block.more)
    if block.text is None:
        return
    lines = [f"{mark} {clean(words)}" for mark, words in unified(block.text, _ROWS)]
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield "\n".join([f"{fence}diff", *lines, fence])
