"""What a report of some runs holds: the best of them, their curves, their journal entries."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from runfolio.charts.card import Card, compare_card, run_card
from runfolio.charts.comparison import comparison_lines, comparison_png
from runfolio.charts.export import card_png
from runfolio.charts.plain import plain_card
from runfolio.errors import CorruptRecord, RunNotFound, UsageError
from runfolio.logbook.collect import collect
from runfolio.logbook.history import History
from runfolio.logbook.render import entry
from runfolio.logbook.words import read_words
from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.query.comparison import Comparison
from runfolio.query.curves import curves
from runfolio.query.fields import no_such_metric
from runfolio.query.summary import best, direction, figure, headline
from runfolio.store.scan import is_run_folder
from runfolio.store.store import Store

__all__ = ["CURVES", "ENTRIES", "Best", "Entry", "Picture", "Report", "report"]

CURVES: Final = 50
"""Runs whose curves are drawn; more are lines that nobody tells apart."""

ENTRIES: Final = 100
"""Journal entries that a report holds."""

_BESTS: Final = 4
_ROWS: Final = 20_000
_SCALE: Final = 3  # about 300 dots per inch on paper


@dataclass(frozen=True, slots=True)
class Best:
    """The run with the best figure of a metric."""

    key: str
    value: float
    record: RunRecord
    way: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Curves, drawn.

    Attributes
    ----------
    png : bytes or None
        ``None`` where it could not be drawn; the words remain. Not an SVG, whose words are as wide
        as the reader's fonts make them, and would lie over each other.
    words : str
        The same as lines of text.
    """

    png: bytes | None
    words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One run's journal entry, as Markdown that shows the words of the run as text."""

    record: RunRecord
    markdown: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report, before it is a page.

    Attributes
    ----------
    records : tuple of RunRecord
        In the order of the query.
    total : int
        Runs in the store.
    bests : tuple of Best
    curves : Picture or None
        ``None`` where the runs have logged nothing.
    charts : Picture or None
        What settings have to do with the main metric, where that was asked for.
    not_drawn : int
        Runs that the curves leave out, the last of the order.
    entries : tuple of Entry
    not_told : int
        Runs whose journal entry found no place.
    """

    records: tuple[RunRecord, ...]
    total: int
    bests: tuple[Best, ...] = ()
    curves: Picture | None = None
    charts: Picture | None = None
    not_drawn: int = 0
    entries: tuple[Entry, ...] = ()
    not_told: int = 0


def report(
    store: Store,
    records: Sequence[RunRecord],
    every: Sequence[RunRecord],
    *,
    metrics: Collection[str] | None = None,
    x: str = "step",
    journal: bool = True,
    charts: bool = False,
) -> Report:
    """Return the report of some runs.

    Parameters
    ----------
    records : sequence of RunRecord
        The runs it tells of, in its order.
    every : sequence of RunRecord
        All runs of the store: they say which way a metric is better, and what came before a run.
    metrics : collection of str, optional
        Metrics whose curves are drawn; chosen by themselves without it.
    x : str
        ``step``, ``relative`` or ``time``.
    journal : bool
        Whether each run's journal entry follows.
    charts : bool
        Draw what settings have to do with the first of the metrics, in place of plain curves.

    Raises
    ------
    UsageError
        None of the runs has one of the metrics.
    """
    _check(metrics, records)
    compared = charts and len(records) > 1
    # What is no run has a row of the table, with the reason, and nothing to tell.
    runs = [record for record in records if is_run_folder(record.path)] if journal else []
    told = runs[:ENTRIES]
    history = History(every)
    return Report(
        tuple(records),
        len(every),
        tuple(_bests(records, every, metrics)),
        None if compared else _curves(store, records[:CURVES], every, metrics, x),
        _charts(store, records, every, metrics, x) if compared else None,
        max(0, len(records) - CURVES),
        tuple(Entry(record, _entry(record, history)) for record in told),
        len(runs) - len(told),
    )


def _check(metrics: Collection[str] | None, records: Sequence[RunRecord]) -> None:
    known = dict.fromkeys(key for record in records for key in record.metrics)
    for key in metrics or ():
        if key not in known:
            raise UsageError(no_such_metric(key, known))


def _bests(
    records: Sequence[RunRecord], every: Sequence[RunRecord], metrics: Collection[str] | None
) -> list[Best]:
    keys = metrics or dict.fromkeys(
        itertools.chain.from_iterable(headline(record) for record in records)
    )
    found = []
    for key in keys:
        way = direction(key, every)
        record = best(records, key, way) if way else None
        value = figure(record.metrics.get(key)) if record is not None else None
        if record is not None and way is not None and value is not None and math.isfinite(value):
            found.append(Best(key, value, record, way))
        if len(found) == _BESTS:
            break
    return found


def _curves(
    store: Store,
    records: Sequence[RunRecord],
    every: Sequence[RunRecord],
    metrics: Collection[str] | None,
    x: str,
) -> Picture | None:
    shown = [(record, _series(store, record, metrics)) for record in records]
    shown = [(record, series) for record, series in shown if series]
    if not shown:
        return None
    panels = curves(shown, direction=lambda key: direction(key, every), rows=_ROWS, x=x)
    card: Card = (
        run_card(shown[0][0], panels)
        if len(shown) == 1
        else compare_card([record for record, _ in shown], panels)
    )
    return Picture(card_png(card, scale=_SCALE), plain_card(card))


def _charts(
    store: Store,
    records: Sequence[RunRecord],
    every: Sequence[RunRecord],
    metrics: Collection[str] | None,
    x: str,
) -> Picture:
    metric = next(iter(metrics or ()), None)
    compared = Comparison(store, records, metric=metric, x=x, every=every)
    words = "\n".join([*comparison_lines(compared), *compared.remarks])
    return Picture(comparison_png(compared), words)


def _series(
    store: Store, record: RunRecord, metrics: Collection[str] | None
) -> Mapping[str, Series]:
    """Return the points of a run; none of one that cannot be read, which its row tells."""
    try:
        return store.reader(record.id).series(metrics)
    except (CorruptRecord, RunNotFound, UsageError, OSError):
        return {}


def _entry(record: RunRecord, history: History) -> str:
    return entry(collect(record, history), read_words(record.path))
