"""The sentences of a report, whatever the page is made of."""

from __future__ import annotations

from datetime import datetime

from runfolio.charts.figures import figure, moment
from runfolio.logbook.report import CURVES, ENTRIES, Best, Report
from runfolio.query.run_names import run_name
from runfolio.query.summary import MAXIMIZE, unit_of

__all__ = ["best_words", "left_out_words", "made_words"]


def made_words(report: Report, query: str, now: datetime) -> list[str]:
    """Return what was selected, and when."""
    n = len(report.records)
    words = [
        f"{n:,} of {report.total:,} runs" if n != report.total else f"{n:,} run{'s' * (n != 1)}"
    ]
    words += [query] if query else ["all runs of the store"]
    return [*words, f"made {moment(now)}"]


def best_words(best: Best) -> tuple[str, str, str, str]:
    """Return metric, figure with its unit, run and short id of a best."""
    unit = unit_of(best.key, [best.record])
    value = figure(best.value) + (f"\u2009{unit}" if unit else "")
    word = "▲" if best.way == MAXIMIZE else "▼"
    return f"best {best.key} {word}", value, run_name(best.record), best.record.short_id


def left_out_words(report: Report) -> list[str]:
    """Return a sentence for each thing that found no place."""
    words = []
    if report.not_drawn:
        words.append(
            f"The curves show the first {CURVES} runs; {report.not_drawn:,} are not drawn."
        )
    if report.not_told:
        words.append(
            f"The journal tells of the first {ENTRIES} runs; {report.not_told:,} are left out."
        )
    return words
