"""A report as one HTML page: no script, nothing fetched, and made to be printed, too."""

from __future__ import annotations

import base64
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Final

from runfolio._optional import require
from runfolio.charts.theme import LIGHT
from runfolio.logbook.escape import visible
from runfolio.logbook.report import Picture, Report
from runfolio.verbs.report_words import best_words, left_out_words, made_words
from runfolio.verbs.sheet_html import isolated

if TYPE_CHECKING:
    from runfolio.verbs.runs import RunsView

__all__ = ["report_html"]

# Nothing may be run or fetched, whatever a run has put into a name: pictures are inside the page.
_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_UPRIGHT: Final = 7
"""Columns that an upright page has room for; of more the page lies on its side."""

_STYLE: Final = f"""
:root{{color-scheme:light}}
body{{margin:0 auto;max-width:1080px;padding:32px 24px 48px;background:#fff;color:{LIGHT.text};
font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;
font-variant-numeric:tabular-nums}}
h1{{font-size:24px;line-height:1.25;margin:0 0 4px;font-weight:650;overflow-wrap:anywhere}}
h2{{font-size:15px;margin:32px 0 8px;font-weight:600}}
p{{margin:8px 0}}
.quiet,figcaption,footer{{color:{LIGHT.secondary}}}
.quiet code{{font-size:12.5px}}
code{{font-family:ui-monospace,"SF Mono",Consolas,monospace;font-size:12px;overflow-wrap:anywhere}}
.bests{{display:flex;flex-wrap:wrap;gap:12px 40px;margin:20px 0 0;padding:0;list-style:none}}
.bests b{{display:block;font-size:22px;font-weight:600;line-height:1.3}}
.bests span{{color:{LIGHT.secondary};font-size:12px}}
figure{{margin:0}}
figure img{{width:100%;height:auto;display:block}}
figcaption{{font-size:12px;margin-top:4px}}
pre{{white-space:pre-wrap;overflow-wrap:anywhere;font-size:12px}}
article{{border-top:1px solid {LIGHT.hairline};padding:12px 0 4px;break-inside:avoid}}
article p{{margin:4px 0}}
article :is(h1,h2,h3,h4,h5,h6){{font-size:14px;margin:8px 0 2px}}
article table{{border-collapse:collapse}}
article :is(th,td){{border-top:1px solid {LIGHT.hairline};padding:4px 10px;text-align:left}}
blockquote{{margin:4px 0;padding-left:12px;border-left:2px solid {LIGHT.hairline}}}
footer{{margin-top:40px;font-size:12px}}
@page{{margin:14mm}}
@page wide{{size:landscape}}
@media print{{
body{{max-width:none;padding:0;font-size:10.5pt}}
h2{{break-after:avoid}}
figure,.bests{{break-inside:avoid}}
thead{{display:table-header-group}}
tr{{break-inside:avoid}}
.runs .runfolio-sheet.runfolio-sheet.runfolio-sheet{{display:block;border:0;font-size:8pt;overflow:visible}}
.runs .runfolio-sheet.runfolio-sheet.runfolio-sheet .rf-scroll{{overflow:visible}}
.runs .runfolio-sheet.runfolio-sheet.runfolio-sheet :is(th,td){{padding:3px 5px;position:static}}
.runs .runfolio-sheet.runfolio-sheet.runfolio-sheet :is(th:first-child,td:not(.rf-right)){{white-space:normal}}
.runs .runfolio-sheet.runfolio-sheet.runfolio-sheet .rf-tag{{white-space:nowrap}}
.wide{{page:wide}}
.wide .runfolio-sheet.runfolio-sheet.runfolio-sheet{{font-size:6.5pt}}
a{{color:inherit}}
}}
"""


def report_html(report: Report, runs: RunsView, title: str, now: datetime) -> str:
    """Return a report as HTML.

    Parameters
    ----------
    runs : RunsView
        The same runs, as the table that stands in the report.
    now : datetime
        Of the reader.
    """
    name = escape(visible(title, 200))
    made = " · ".join(
        f"<code>{isolated(visible(words, 400))}</code>" if words == runs.query else escape(words)
        for words in made_words(report, runs.query, now)
    )
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        '<meta name="generator" content="runfolio report">',
        f"<title>{name}</title><style>{_STYLE}</style></head><body>",
        f'<header><h1>{name}</h1><p class="quiet">{made}</p></header>',
        _bests(report),
    ]
    if report.curves is not None:
        parts += ["<h2>Curves</h2>", _figure(report.curves)]
    if report.charts is not None:
        parts += ["<h2>Comparison</h2>", _figure(report.charts)]
    wide = " wide" if len(runs.table().columns) > _UPRIGHT else ""
    parts += [f'<section class="runs{wide}"><h2>Runs</h2>', runs.to_html(), "</section>"]
    if report.entries:
        parts.append("<h2>Journal</h2>")
        parts += [f"<article>{_prose(entry.markdown)}</article>" for entry in report.entries]
    left_out = " ".join(left_out_words(report))
    parts.append(f"<footer><p>{escape(left_out)}</p></footer>" if left_out else "")
    return "\n".join([*filter(None, parts), "</body></html>", ""])


def _bests(report: Report) -> str:
    items = []
    for best in report.bests:
        key, value, run, ident = best_words(best)
        items.append(
            f"<li><span>{isolated(visible(key, 60))}</span><b>{isolated(visible(value))}</b>"
            f"<span>{isolated(visible(run, 40))} <code>{escape(visible(ident))}</code></span></li>"
        )
    return f'<ul class="bests">{"".join(items)}</ul>' if items else ""


def _figure(picture: Picture) -> str:
    if picture.png is None:
        return f"<figure><pre>{escape(picture.words)}</pre></figure>"
    data = base64.b64encode(picture.png).decode("ascii")
    return (
        f'<figure><img alt="{escape(picture.words, quote=True)}" '
        f'src="data:image/png;base64,{data}"></figure>'
    )


def _prose(markdown: str) -> str:
    """Return an entry as HTML in which only text, emphasis, lists, tables and web links are left."""
    reader = require("markdown_it", feature="report", install="markdown-it-py")
    nh3 = require("nh3", feature="report", install="nh3")
    page: str = reader.MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    cleaned: str = nh3.clean(
        page,
        tags={"p", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "br", "hr",
              "table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6"},
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )  # fmt: skip
    return cleaned
