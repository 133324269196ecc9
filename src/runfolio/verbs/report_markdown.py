"""A report as one Markdown file, its picture inside."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING

from runfolio.logbook.escape import code, inert, literal
from runfolio.logbook.report import Picture, Report
from runfolio.verbs.report_words import best_words, left_out_words, made_words

if TYPE_CHECKING:
    from runfolio.verbs.runs import RunsView

__all__ = ["report_markdown"]


def report_markdown(report: Report, runs: RunsView, title: str, now: datetime) -> str:
    """Return a report as Markdown; see :func:`runfolio.verbs.report_html.report_html`."""
    made = " · ".join(
        code(words, 400) if words == runs.query else literal(words, 200)
        for words in made_words(report, runs.query, now)
    )
    parts = ["<!-- runfolio report -->", f"# {literal(title, 200)}", made]
    if report.bests:
        parts.append("\n".join(map(_best, map(best_words, report.bests))))
    if report.curves is not None:
        parts += ["## Curves", *_figure(report.curves)]
    if report.charts is not None:
        parts += ["## Comparison", *_figure(report.charts)]
    parts += ["## Runs", runs.to_markdown().rstrip()]
    if report.entries:
        parts.append("## Journal")
        parts += [f"---\n\n{inert(entry.markdown)}" for entry in report.entries]
    left_out = left_out_words(report)
    return "\n\n".join([*parts, *(["---", " ".join(left_out)] if left_out else [])]) + "\n"


def _best(words: tuple[str, str, str, str]) -> str:
    key, value, run, ident = words
    return f"- {literal(key, 60)} **{literal(value)}** {literal(run, 40)} {code(ident)}"


def _figure(picture: Picture) -> list[str]:
    """Return the picture, and the same in words where a page shows no picture from inside a file."""
    words = "\n".join(f"    {line}" for line in picture.words.splitlines())
    if picture.png is None:
        return [words]
    data = base64.b64encode(picture.png).decode("ascii")
    return [f"![The curves of these runs](data:image/png;base64,{data})", words]
