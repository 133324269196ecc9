"""A sheet as one static HTML table: no script, nothing fetched, readable with its style taken off.

A saved notebook is shown by many front ends. Where styles are stripped (code hosts, notebooks
that are not trusted) a plain table with aligned figures remains.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from runfolio.charts.theme import DARK, LIGHT, Theme
from runfolio.verbs.sheet import Cell, Column, Sheet, share_of

__all__ = ["HEIGHT", "ROOT", "facts_html", "isolated", "sheet_html", "style"]

ROOT: Final = "runfolio-sheet"
"""Class of every frame; its style is scoped by it."""

HEIGHT: Final = 528
"""Pixels that rows and their head take at most; longer tables scroll inside, but on paper."""

# For where classes are stripped: code hosts keep the attribute; JupyterLab, whose own tables are
# set to the right, keeps the style in a notebook that is not trusted.
_LEFT: Final = ' align="left" style="text-align:left"'

_SOFT_LIGHT: Final = "#f5f7f9"
_SOFT_DARK: Final = "#1b1f23"
# Token → the page's own colour of that meaning; status colours have none.
_PAGE: Final[Mapping[str, str]] = {
    "ground": "--jp-layout-color0",
    "text": "--jp-content-font-color1",
    "secondary": "--jp-content-font-color2",
    "hairline": "--jp-border-color2",
    "soft": "--jp-layout-color2",
}
_VSCODE: Final[Mapping[str, str]] = {
    "ground": "--vscode-editor-background",
    "text": "--vscode-editor-foreground",
    "hairline": "--vscode-panel-border",
}
# How pages say that they are dark; the system's wish alone does not make a page dark.
_DARK_PAGES: Final = (
    '[data-jp-theme-light="false"]',
    ".vscode-dark",
    ".vscode-high-contrast",
    'html[theme="dark"]',
    '[data-theme="dark"]',
)


def _tokens(theme: Theme, soft: str) -> str:
    colours = {
        "ground": theme.ground,
        "text": theme.text,
        "secondary": theme.secondary,
        "hairline": theme.hairline,
        "soft": soft,
        "accent": theme.accent,
    }
    said = []
    for token, colour in colours.items():
        value = f"var({_VSCODE[token]},{colour})" if token in _VSCODE else colour
        value = f"var({_PAGE[token]},{value})" if token in _PAGE else value
        said.append(f"--rf-{token}:{value}")
    said += [f"--rf-{status}:{colour}" for status, colour in theme.status.items()]
    return ";".join(said)


def style() -> str:
    """Return the rules of every frame: colours, type, tables."""
    # Thrice the class: as specific as the tables of any front end, without !important.
    root = f".{ROOT}" * 3
    dark = ",".join(f"{page} {root}" for page in _DARK_PAGES)
    glyphs = "".join(f"{root} .rf-{status}{{color:var(--rf-{status})}}" for status in LIGHT.status)
    font = "var(--jp-ui-font-family,var(--vscode-font-family,system-ui,sans-serif))"
    code = "var(--jp-code-font-family,var(--vscode-editor-font-family,ui-monospace,monospace))"
    return (
        f"{root}{{{_tokens(LIGHT, _SOFT_LIGHT)};box-sizing:border-box;display:inline-block;max-width:100%;"
        f"border:1px solid var(--rf-hairline);border-radius:6px;overflow:hidden;"
        f"background:var(--rf-ground);color:var(--rf-text);font:13px/1.4 {font};"
        "font-variant-numeric:tabular-nums;color-scheme:light}"
        f"{dark}{{{_tokens(DARK, _SOFT_DARK)};color-scheme:dark}}"
        f"{root} .rf-head,{root} .rf-foot{{display:flex;gap:12px;align-items:baseline;"
        "padding:8px 12px;margin:0}"
        f"{root} .rf-head b{{font-size:14px;font-weight:600}}"
        f"{root} .rf-foot{{border-top:1px solid var(--rf-hairline);flex-wrap:wrap;font-size:12px}}"
        f"{root} .rf-foot,{root} .rf-quiet,{root} thead th{{color:var(--rf-secondary)}}"
        f"{root} code{{font:11.5px {code};color:var(--rf-secondary);background:none;padding:0;"
        "border:0}"
        f"{root} .rf-scroll{{overflow:auto;max-height:{HEIGHT}px}}"
        f"@media print{{{root} .rf-scroll{{max-height:none}}}}"
        f"{root} table{{border-collapse:collapse;border:0;margin:0;width:100%;font:inherit;"
        "color:inherit;background:none;table-layout:auto;display:table}"
        f"{root} tr,{root} tbody tr:nth-child(odd),{root} tbody tr:nth-child(even)"
        "{background:none;border:0}"
        f"{root} th,{root} td{{padding:6px 12px;border:0;border-top:1px solid var(--rf-hairline);"
        "text-align:left;white-space:nowrap;font-weight:400;vertical-align:middle;max-width:none;"
        "background:none;color:inherit}"
        f"{root} thead th{{font-size:12px;vertical-align:bottom;position:sticky;top:0;"
        "background:var(--rf-ground);z-index:1}"
        f"{root} tbody tr:hover td,{root} tbody tr:hover th{{background:var(--rf-soft)}}"
        f"{root} .rf-right{{text-align:right}}"
        f"{root} th:first-child{{position:sticky;left:0;background:var(--rf-ground)}}"
        f"{root} .rf-glyph{{display:inline-block;width:14px;margin-right:8px;text-align:center;"
        "color:var(--rf-secondary)}"
        f"{root} .rf-name{{margin-right:6px}}"
        f"{root} td b{{font-weight:600}}"
        f"{root} .rf-why{{color:var(--rf-secondary);font-style:italic}}"
        f"{root} td.rf-tint{{background:color-mix(in srgb,var(--rf-accent) "
        "calc(4% + var(--rf-weight,0)*16%),transparent)}"
        f"{root} .rf-tag{{display:inline-block;border:1px solid var(--rf-hairline);"
        "border-radius:9px;padding:0 7px;margin-right:4px;font-size:11px;"
        "color:var(--rf-secondary)}"
        f"{root} .rf-facts th,{root} .rf-facts td{{padding:4px 12px;vertical-align:baseline}}"
        f"{root} .rf-facts td{{white-space:normal;overflow-wrap:anywhere}}"
        f"{root} .rf-facts th{{color:var(--rf-secondary)}}"
        f"{root} svg{{display:block}}"
        f"@media (max-width:500px){{{root} :is(thead th,tbody th):first-child{{max-width:9em;"
        "overflow:hidden;text-overflow:ellipsis}"
        f"{root} td:has(.rf-tag){{white-space:normal}}{root} .rf-tag{{white-space:nowrap}}}}"
        f"{root} polyline{{fill:none;stroke:var(--rf-accent);stroke-width:1.6}}"
        f"{glyphs}"
    )


def sheet_html(sheet: Sheet, mark: str = "") -> str:
    """Return the sheet as HTML; its style is scoped by a class of its own.

    Parameters
    ----------
    mark : str
        Id of the widget whose page takes the sheet's place where it can.
    """
    marked = f' data-runfolio-table="{escape(mark)}"' if mark else ""
    shown = [column for column in sheet.columns if column.forms != "terminal"]
    aside = f"<code>{isolated(sheet.aside)}</code>" if sheet.aside else ""
    parts = [
        # The two last classes keep formulas from being set in names such as "$a$ and $b$".
        f'<div class="{ROOT} tex2jax_ignore mathjax_ignore"{marked}><style>{style()}</style>',
        f'<div class="rf-head"><b>{escape(sheet.title)}</b> {aside}</div>',
    ]
    if shown and shown[0].cells:
        parts.append(_table(sheet.title, shown))
    parts.append(f'<div class="rf-foot">{isolated(sheet.footer)}</div></div>')
    return "".join(parts)


def facts_html(head: Cell, aside: str, rows: Mapping[str, str]) -> str:
    """Return one run in a few lines: its name, and facts that wrap between words.

    Parameters
    ----------
    head : Cell
        The run: name, short id, glyph and word of its status.
    aside : str
        What stands beside it in the quieter colour.
    rows : mapping of str to str
        Title → fact.
    """
    lines = "".join(
        f'<tr><th scope="row"{_LEFT}>{escape(title)}</th><td{_LEFT}>{isolated(fact)}</td></tr>'
        for title, fact in rows.items()
    )
    return (
        f'<div class="{ROOT} tex2jax_ignore mathjax_ignore"><style>{style()}</style>'
        f'<div class="rf-head"><span>{_content(head)}</span> '
        f'<span class="rf-quiet">{isolated(aside)}</span></div>'
        f'<table class="rf-facts" aria-label="{escape(head.text)}"><tbody>{lines}</tbody></table>'
        "</div>"
    )


def _table(title: str, columns: Sequence[Column]) -> str:
    head = "".join(_head(column) for column in columns)
    rows = "".join(
        "<tr>"
        + "".join(_cell(c, c.cells[row], first=not i) for i, c in enumerate(columns))
        + "</tr>"
        for row in range(len(columns[0].cells))
    )
    return (
        f'<div class="rf-scroll"><table aria-label="{escape(title)}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _head(column: Column) -> str:
    return f'<th scope="col"{_side(column)}{_hover(column.exact)}>{isolated(column.title)}</th>'


def _side(column: Column, *classes: str) -> str:
    names = " ".join(["rf-right", *classes] if column.right else classes)
    said = f' class="{names}"' if names else ""
    return said + (' align="right"' if column.right else _LEFT)


def _hover(text: str) -> str:
    return f' title="{escape(text)}"' if text else ""


def _cell(column: Column, cell: Cell, *, first: bool) -> str:
    classes = [f"rf-{'quiet' if cell.role == 'secondary' else cell.role}"] if cell.role else []
    style = ""
    if cell.weight is not None:
        classes.append("rf-tint")
        style = f' style="--rf-weight:{cell.weight:.2f}"'
    tag = 'th scope="row"' if first else "td"
    said = f"{_side(column, *classes)}{style}{_hover(cell.exact)}"
    return f"<{tag}{said}>{_content(cell)}</{tag[:2]}>"


def _content(cell: Cell) -> str:
    if cell.points:
        return _spark(cell.points, cell.label)
    if cell.labels:
        return " ".join(f'<span class="rf-tag">{isolated(name)}</span>' for name in cell.labels)
    if not cell.aside:
        words = isolated(cell.text)
        return f"<b>{words}</b>" if cell.role == "strong" else words
    glyph, _, status = cell.label.partition(" ")
    # U+FE0E asks for the plain form: some fonts make a coloured picture of the warning sign.
    mark = (
        f'<span class="rf-glyph rf-{escape(status)}" role="img" aria-label="{escape(status)}" '
        f'title="{escape(status)}">{escape(glyph)}\ufe0e</span> '
    )
    return (
        f'{mark}<span class="rf-name">{isolated(cell.text)}</span> '
        f"<code>{isolated(cell.aside)}</code>"
    )


def isolated(text: str) -> str:
    """Return text in which letters of a right-to-left script turn nothing around them."""
    return escape(text) if text.isascii() else f"<bdi>{escape(text)}</bdi>"


_WIDTH: Final = 84
_HEIGHT: Final = 18


def _spark(points: Sequence[float], label: str) -> str:
    finite = [p for p in points if math.isfinite(p)]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    across = (_WIDTH - 2) / max(len(points) - 1, 1)
    drawn: list[list[str]] = [[]]
    for i, point in enumerate(points):
        if not math.isfinite(point):
            drawn.append([])
            continue
        share = share_of(point, low, high)
        drawn[-1].append(f"{1 + i * across:.1f},{_HEIGHT - 2 - share * (_HEIGHT - 4):.1f}")
    lines = "".join(
        f'<polyline fill="none" stroke="currentColor" points="{" ".join(piece)}"/>'
        for piece in drawn
        if piece
    )
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(label)}">{lines}</svg>'
    )
