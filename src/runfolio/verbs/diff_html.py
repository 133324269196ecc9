"""A difference as static HTML: tables, and cells and code side by side; no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from runfolio.model.run import RunRecord
from runfolio.query.diff import RunDiff
from runfolio.query.diff_text import Piece, Row, TextDiff
from runfolio.query.run_names import run_name
from runfolio.replay.trees import CodeDiff
from runfolio.verbs.diff_sections import UNDER, Block, Line, Section
from runfolio.verbs.diff_words import sections
from runfolio.verbs.sheet_html import ROOT, isolated, style
from runfolio.verbs.terminal import clean, one_line

__all__ = ["diff_html", "sections_html"]

_VALUE: Final = 120
_BUDGET: Final = 250_000
"""Characters of lines side by side; what is beyond them is counted."""

# What is longer, or comes later, is folded: a reader who opens it sees all of it.
_SHORT: Final = 60
_OPEN: Final = 12
_FEW: Final = 12
_FIRST: Final = 72

_STYLE: Final = (
    f".{ROOT}.{ROOT}.{ROOT}{{display:block}}"
    f".{ROOT}.{ROOT}.{ROOT} section{{border-top:1px solid var(--rf-hairline);padding:8px 0}}"
    f".{ROOT}.{ROOT}.{ROOT} section>p{{margin:0;padding:0 12px}}"
    f".{ROOT}.{ROOT}.{ROOT} section>p b{{font-weight:600;margin-right:8px}}"
    f".{ROOT}.{ROOT}.{ROOT} details{{margin:6px 12px 0}}"
    f".{ROOT}.{ROOT}.{ROOT} summary{{cursor:pointer;overflow-wrap:anywhere}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-lines{{table-layout:fixed;width:100%;margin:4px 0 0}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-lines td{{border:0;padding:0 6px;white-space:pre-wrap;overflow-wrap:anywhere;"
    "vertical-align:top;font:11.5px/1.5 var(--jp-code-font-family,ui-monospace,monospace)}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-lines td:nth-child(odd){{width:34px;text-align:right;"
    "color:var(--rf-secondary);user-select:none}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-gone{{background:color-mix(in srgb,var(--rf-failed) 10%,transparent)}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-new{{background:color-mix(in srgb,var(--rf-finished) 12%,transparent)}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-gone mark{{background:color-mix(in srgb,var(--rf-failed) 28%,transparent)}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-new mark{{background:color-mix(in srgb,var(--rf-finished) 30%,transparent)}}"
    f".{ROOT}.{ROOT}.{ROOT} mark{{color:inherit}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-under td,.{ROOT}.{ROOT}.{ROOT} .rf-under th{{border-top:0}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-facts td:nth-child(4){{overflow-wrap:break-word}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-about td{{border-top:0;padding-top:0;font-size:12px;"
    "color:var(--rf-secondary)}"
    f".{ROOT}.{ROOT}.{ROOT} details p{{margin:2px 12px}}"
    f".{ROOT}.{ROOT}.{ROOT} section>*+p{{margin-top:6px}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-good{{color:var(--rf-finished)}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-bad{{color:var(--rf-failed)}}"
)


def diff_html(diff: RunDiff, code: CodeDiff, parts: Sequence[str]) -> str:
    """Return the difference as one piece of HTML of bounded size."""
    names = [one_line(run_name(one), 32) for one in (diff.was, diff.now)]
    heads = _run(diff.was), _run(diff.now)
    return sections_html(heads, names, sections(diff, code, parts), diff.why("record"))


def sections_html(
    heads: Sequence[str], names: Sequence[str], sections: Iterable[Section], remarks: Iterable[str]
) -> str:
    """Return sections as one piece of HTML of bounded size.

    Parameters
    ----------
    heads : sequence of str
        HTML that names what is compared.
    names : sequence of str
        What stands above the columns.
    """
    page = _Page(names)
    head = " → ".join(heads)
    body = "".join(page.section(section) for section in sections)
    words = "; ".join(one_line(why, 160) for why in remarks)
    foot = f'<div class="rf-foot">{isolated(words)}</div>' if words else ""
    return (
        f'<div class="{ROOT} tex2jax_ignore mathjax_ignore"><style>{style()}{_STYLE}</style>'
        f'<div class="rf-head"><b>Difference</b> <span>{head}</span></div>{body}{foot}</div>'
    )


def _run(record: RunRecord) -> str:
    glyph = f'<span class="rf-{record.status.value}">{record.status.glyph}\ufe0e</span>'
    return (
        f"{glyph} {isolated(one_line(run_name(record), 40))} <code>{escape(record.short_id)}</code>"
    )


class _Page:
    """What is left of the room for lines, and what is compared is called above their columns."""

    def __init__(self, names: Sequence[str]) -> None:
        self._left = _BUDGET
        self._open = _OPEN
        self._names = [isolated(name) for name in names]

    def section(self, section: Section) -> str:
        summary = isolated(one_line(section.summary, 200))
        parts = [f'<section><p><b>{section.title}</b><span class="rf-quiet">{summary}</span></p>']
        parts += [f'<p class="rf-why">not compared: {isolated(one_line(why, 300))}</p>'
                  for why in section.notes]  # fmt: skip
        # The names stand above the first table of a part.
        has_table = bool(section.lines)
        if has_table:
            parts.append(self._table(section.title, section.lines, head=True))
        for block in section.blocks:
            parts.append(self._block(block, has_table=has_table))
            has_table = has_table or bool(block.lines)
        if section.more:
            parts.append(f'<p class="rf-quiet">and {section.more:,} more</p>')
        return "".join([*parts, "</section>"])

    def _block(self, block: Block, *, has_table: bool) -> str:
        title = isolated(one_line(block.title, 160))
        if block.first:
            title += f" <code>{isolated(one_line(block.first, _FIRST))}</code>"
        quiet = [
            f'<span class="rf-quiet">{isolated(one_line(note, 400))}</span>' for note in block.notes
        ]
        inner, is_open = "", True
        if block.text is not None:
            quiet.insert(
                0, f'<span class="rf-quiet">+{block.text.added:,} −{block.text.removed:,}</span>'
            )
            lines = "".join(self._lines(block.text))
            name = escape(one_line(block.title, 80))
            inner = f'<table class="rf-lines" aria-label="{name}"><tbody>{lines}</tbody></table>'
            is_open = len(block.text.rows) <= _SHORT and self._open > 0
            self._open -= is_open
        if block.lines:
            more = f'<p class="rf-quiet">and {block.more:,} more</p>' if block.more else ""
            inner += self._table(block.title, block.lines, head=not has_table) + more
            is_open = len(block.lines) <= _FEW
        if not inner:
            return f"<p>{' '.join((title, *quiet))}</p>"
        below = (
            "".join(f"<p>{note}</p>" for note in quiet) if len(quiet) > 1 and block.lines else ""
        )
        beside = "" if below else "".join(f" {note}" for note in quiet)
        return f"<details{' open' * is_open}><summary>{title}{beside}</summary>{below}{inner}</details>"

    def _table(self, title: str, lines: Sequence[Line], *, head: bool) -> str:
        was, now = self._names
        names = (
            f'<thead><tr><th></th><th scope="col">{was}</th><th scope="col">{now}</th><th></th></tr></thead>'
            if head
            else ""
        )
        rows = "".join(map(_row, lines))
        return (
            f'<div class="rf-scroll"><table class="rf-facts" aria-label="{escape(one_line(title, 80))}">'
            f"{names}<tbody>{rows}</tbody></table></div>"
        )

    def _lines(self, text: TextDiff) -> Iterator[str]:
        left_out = text.left_out
        for row in text.rows:
            if self._left <= 0:
                left_out += row.count
                continue
            made = _line(row)
            self._left -= len(made)
            yield made
        if left_out:
            yield f'<tr><td></td><td colspan="3" class="rf-quiet">{left_out:,} more lines</td></tr>'


def _row(line: Line) -> str:
    kind = {True: "rf-good", False: "rf-bad", None: "rf-quiet"}[line.better]
    mark = f'<td class="{kind}">{isolated(line.mark)}</td>' if line.mark else "<td></td>"
    name, was, now = (
        isolated(one_line(words, _VALUE)) for words in (line.name, line.was, line.now)
    )
    about = (
        f'<tr class="rf-about"><td></td><td colspan="3">{isolated(one_line(line.about, 400))}</td></tr>'
        if line.about
        else ""
    )
    under = ' class="rf-under"' if line.name.startswith(UNDER) else ""
    return (
        f'<tr{under}><th scope="row">{name}</th><td>{was or "–"}</td><td><b>{now or "–"}</b></td>{mark}</tr>'
        f"{about}"
    )


def _line(row: Row) -> str:
    if row.kind == "gap":
        return f'<tr><td></td><td colspan="3" class="rf-quiet">⋯ {row.count:,} lines the same</td></tr>'
    gone = ' class="rf-gone"' if row.kind in ("changed", "removed") else ""
    new = ' class="rf-new"' if row.kind in ("changed", "added") else ""
    return (
        f"<tr><td>{row.old or ''}</td><td{gone}>{_pieces(row.was)}</td>"
        f"<td>{row.new or ''}</td><td{new}>{_pieces(row.now)}</td></tr>"
    )


def _pieces(pieces: Sequence[Piece]) -> str:
    return "".join(
        f"<mark>{escape(clean(piece.text))}</mark>" if piece.changed else escape(clean(piece.text))
        for piece in pieces
    )
