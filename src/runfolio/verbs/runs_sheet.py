"""The runs table in words: which columns stand where, and what is quiet, strong or tinted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from runfolio.charts.figures import digits_of, duration, typed
from runfolio.format.codec import rfc3339
from runfolio.model.run import RunRecord, Status
from runfolio.query.fields import ABSENT
from runfolio.query.run_faults import why
from runfolio.query.run_names import run_name
from runfolio.query.summary import direction
from runfolio.query.table import Column as Field
from runfolio.query.table import RunsTable
from runfolio.verbs.figures import ago, clock_time, column_figures
from runfolio.verbs.sheet import Cell, Column, Sheet, blocks, share_of
from runfolio.verbs.tag_words import tag_words
from runfolio.verbs.terminal import one_line

__all__ = ["runs_sheet"]

_NAME_WIDTH: Final = 32
_VALUE_WIDTH: Final = 24
_WHY_WIDTH: Final = 80
_LEAST_WHY: Final = 24
# What goes first from a terminal that is too narrow, by falling rank.
_RANK: Final = {"tags": 60, "metric": 50, "setting": 40, "spark": 30, "started": 20, "took": 15,
                "why": 10}  # fmt: skip


def runs_sheet(
    table: RunsTable,
    total: int,
    query: str,
    now: datetime,
    *,
    limit: int | None = None,
) -> Sheet:
    """Return the runs table ready to be drawn.

    Parameters
    ----------
    total : int
        Runs in the store.
    query : str
        The query as written, shown beside the title.
    now : datetime
        The reader's present, in the reader's zone.
    limit : int, optional
        Rows at most; the footer says so.
    """
    rows = table.rows[:limit]
    records = [row.record for row in rows]
    columns = [_status(records), _run(records), *_names(records)]
    spark = True
    for at, field in enumerate(table.columns):
        values = [row.cells[at] for row in rows]
        if field.kind != "metric":
            columns.append(_settings(field, values))
            continue
        columns.append(_figures(field, values, records, main=spark))
        if spark and any(row.sparkline for row in rows):
            columns.append(_sparks(field, [row.sparkline for row in rows]))
        spark = False
    columns += [
        _took(records),
        _started(records, now),
        *_tags(records),
        *_notes(records),
    ]
    footer = _footer(table, total, len(rows))
    if any(record.problems for record in records):
        footer += " · check RUN tells all that is wrong with a record"
    return Sheet("Runs", columns, footer, aside=one_line(query, 80))


def _status(records: Sequence[RunRecord]) -> Column:
    cells = [Cell(record.status.glyph, record.status.value) for record in records]
    return Column("", cells, forms="terminal")


def _names(records: Sequence[RunRecord]) -> list[Column]:
    ids = [Cell(record.short_id, "secondary") for record in records]
    names = [Cell(one_line(run_name(record), _NAME_WIDTH)) for record in records]
    return [Column("run", names, forms="terminal"), Column("id", ids, forms="terminal")]


def _run(records: Sequence[RunRecord]) -> Column:
    cells = [
        Cell(
            one_line(run_name(record), _NAME_WIDTH),
            aside=record.short_id,
            label=f"{record.status.glyph} {record.status.value}",
            exact=one_line(f"{record.name} {record.id}", 200),
        )
        for record in records
    ]
    return Column("run", cells, forms="page")


def _title(field: Field) -> tuple[str, str]:
    words = one_line(field.title, _VALUE_WIDTH)
    return (f"{words} ({one_line(field.unit, 8)})" if field.unit else words), one_line(
        field.key, 200
    )


def _settings(field: Field, values: Sequence[Any]) -> Column:
    title, exact = _title(field)
    given = [value for value in values if value is not None and value is not ABSENT]
    right = bool(given) and all(
        isinstance(value, (int, float)) and not isinstance(value, bool) for value in given
    )
    digits, cells = digits_of(given), []
    for value in values:
        words = _words(value, field.kind)
        shown = typed(value, digits) if isinstance(value, float) else words
        shown = one_line(shown, _VALUE_WIDTH)
        cells.append(Cell(shown, exact="" if shown == words else one_line(words, 200)))
    return Column(title, cells, right=right, rank=_RANK["setting"], exact=exact)


def _words(value: Any, kind: str) -> str:
    """Return a setting or a field of any type in words; none where a run does not have it."""
    if value is ABSENT:
        return ""
    if isinstance(value, datetime):
        return _whole_time(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    # A status is text of its own kind; a setting of text may have to be told from a number.
    return str(value) if isinstance(value, str) and kind != "config" else typed(value)


def _figures(
    field: Field, values: Sequence[Any], records: Sequence[RunRecord], *, main: bool
) -> Column:
    title, exact = _title(field)
    numbers = [float(v) if isinstance(v, (int, float)) else None for v in values]
    finite = [v for v in numbers if v is not None and math.isfinite(v)]
    goal = direction(field.key, records) if main and len(set(finite)) > 1 else None
    best = (max if goal == "maximize" else min)(finite) if goal else None
    cells = [
        Cell(
            words,
            role="strong" if value is not None and value == best else "",
            exact="" if value is None else repr(value),
            weight=_weight(value, finite, goal),
        )
        for value, words in zip(numbers, column_figures(numbers), strict=True)
    ]
    rank = 0 if main else _RANK["metric"]
    return Column(title, cells, right=True, rank=rank, exact=exact)


def _weight(value: float | None, finite: Sequence[float], goal: str | None) -> float | None:
    if goal is None or value is None or not math.isfinite(value):
        return None
    low, high = min(finite), max(finite)
    share = share_of(value, low, high)
    return share if goal == "maximize" else 1 - share


def _sparks(field: Field, sparklines: Sequence[Sequence[float]]) -> Column:
    label = f"{one_line(field.title, 60)} over steps"
    cells = [Cell(blocks(points), points=tuple(points), label=label) for points in sparklines]
    return Column("", cells, rank=_RANK["spark"])


def _took(records: Sequence[RunRecord]) -> Column:
    cells = [
        Cell(duration(record.duration_s) if record.duration_s is not None else "",
             exact=f"{record.duration_s:.3f} s" if record.duration_s is not None else "")
        for record in records
    ]  # fmt: skip
    return Column("took", cells, right=True, rank=_RANK["took"])


def _started(records: Sequence[RunRecord], now: datetime) -> Column:
    # A page is kept: "2 min ago" would be untrue tomorrow, so hovering shows the whole time.
    cells = [
        Cell(
            (ago if record.status is Status.RUNNING else clock_time)(record.created_at, now),
            "secondary",
            exact=_whole_time(record.created_at),
        )
        for record in records
    ]
    return Column("started", cells, rank=_RANK["started"])


def _whole_time(moment: datetime | None) -> str:
    return "" if moment is None else rfc3339(round(moment.timestamp() * 1000))


def _tags(records: Sequence[RunRecord]) -> list[Column]:
    if not any(record.tags for record in records):
        return []
    cells = []
    for record in records:
        tags = tuple(tag_words(tag, _VALUE_WIDTH) for tag in record.tags)
        cells.append(Cell(", ".join(tags), "secondary", labels=tags))
    return [Column("tags", cells, rank=_RANK["tags"])]


def _notes(records: Sequence[RunRecord]) -> list[Column]:
    """Return why a run ended as it did, what became of its ranks, what could not be read."""
    words = [why(record) for record in records]
    if not any(words):
        return []
    cells = [Cell(one_line(w, _WHY_WIDTH), "why", exact=one_line(w, 200)) for w in words]
    return [Column("why", cells, rank=_RANK["why"], least=_LEAST_WHY)]


def _footer(table: RunsTable, total: int, drawn: int) -> str:
    words = f"{table.total:,} of {total:,} run{'s' * (total != 1)}"
    if drawn < table.total:
        words += f" · the first {drawn} are shown; sort: and limit: choose others"
    if table.hidden_equal:
        words += f" · {_counted(table.hidden_equal, 'setting')} hidden, equal in all: "
        words += _named(table.hidden_equal)
    if table.hidden_settings:
        words += f" · {_counted(table.hidden_settings, 'more setting')}: "
        words += _named(table.hidden_settings)
    if table.hidden_metrics:
        words += f" · {_counted(table.hidden_metrics, 'metric')} hidden: "
        words += _named(table.hidden_metrics)
    return words


def _counted(names: Sequence[str], what: str) -> str:
    return f"{len(names)} {what}{'s' * (len(names) != 1)}"


def _named(names: Sequence[str]) -> str:
    named = ", ".join(one_line(name, _VALUE_WIDTH) for name in names[:6])
    return f"{named} and {len(names) - 6} more" if len(names) > 6 else named
