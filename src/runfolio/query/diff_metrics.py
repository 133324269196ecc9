"""The metrics of two runs beside each other: last and best values, and where the curves part."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from runfolio.errors import RunfolioError
from runfolio.model.run import MetricSummary, RunRecord
from runfolio.query.compare import same
from runfolio.query.diff_courses import Course, course
from runfolio.query.diff_records import Side
from runfolio.query.summary import MAXIMIZE, direction, headline

__all__ = ["FigureDiff", "MetricDiff", "metrics_diff"]

MAX_POINTS: Final = 4_000_000
"""Points of each run that are compared one by one."""

_SECONDS: Final = 4.0
_KEYS: Final = 64


@dataclass(frozen=True, slots=True)
class FigureDiff:
    """One figure of a metric in both runs.

    Attributes
    ----------
    word : str
        ``last``, ``best``, or the rule that the run gave for its summary.
    was, now : float or None
        ``None`` where a run does not have it.
    was_step, now_step : float or None
    delta : float or None
        ``now - was`` where both are finite.
    better : bool or None
        ``None`` where nothing changed or no direction is known.
    """

    word: str
    was: float | None
    now: float | None
    was_step: float | None = None
    now_step: float | None = None
    delta: float | None = None
    better: bool | None = None

    @property
    def is_same(self) -> bool:
        """Whether both runs have the same value, at whichever step."""
        return same(self.was, self.now)


@dataclass(frozen=True, slots=True)
class MetricDiff:
    """One metric in both runs.

    Attributes
    ----------
    key : str
    figures : tuple of FigureDiff
        The last value; the best where it is known which way is better; what the rule of the
        summary says where that is another.
    n_was, n_now : int or None
        Points logged; ``None`` where a run does not have the metric.
    course : Course or None
        ``None`` where the points were not compared.
    """

    key: str
    figures: tuple[FigureDiff, ...]
    n_was: int | None
    n_now: int | None
    course: Course | None = None

    @property
    def is_same(self) -> bool:
        """Whether nothing of it is known to differ."""
        points = self.course is None or self.course.is_same
        return points and self.n_was == self.n_now and all(f.is_same for f in self.figures)


def metrics_diff(was: Side, now: Side) -> tuple[tuple[MetricDiff, ...], list[str]]:
    """Return the metrics of either run, the most telling first, and what was not compared.

    Points are compared in that order until four million of a run, or four seconds, are spent.
    """
    a, b = was.record, now.record
    ranks = {key: place for place, key in enumerate(dict.fromkeys([*headline(b), *headline(a)]))}
    keys = sorted(dict.fromkeys([*a.metrics, *b.metrics]), key=lambda k: ranks.get(k, len(ranks)))
    found = {key: _metric(key, a, b) for key in keys}
    why: list[str] = []
    both = [key for key in keys if key in a.metrics and key in b.metrics]
    courses = dict(_courses(was, now, both, why))
    told = {key: replace(one, course=courses.get(key)) for key, one in found.items()}
    return tuple(told.values()), why


def _metric(key: str, a: RunRecord, b: RunRecord) -> MetricDiff:
    way = direction(key, (a, b))
    before, after = a.metrics.get(key), b.metrics.get(key)
    words = ["last", *(["best"] if way else [])]
    for one in (before, after):
        rule = one.rule.partition(",")[0] if one is not None and one.rule else "last"
        if rule not in ("last", "best", "none") and not _is_best(rule, way):
            words.append(rule)
    found = [_figure(word, way, before, after) for word in dict.fromkeys(words)]
    kept = tuple(one for one in found if not (one.was is None and one.now is None))
    n_was, n_now = (None if one is None else one.n for one in (before, after))
    return MetricDiff(key, kept, n_was, n_now)


def _is_best(rule: str, way: str | None) -> bool:
    return way is not None and rule == ("max" if way == MAXIMIZE else "min")


def _figure(
    word: str, way: str | None, a: MetricSummary | None, b: MetricSummary | None
) -> FigureDiff:
    name = ("max" if way == MAXIMIZE else "min") if word == "best" else word
    (was, was_step), (now, now_step) = (
        (getattr(one, name, None), getattr(one, f"{name}_step", None)) for one in (a, b)
    )
    delta = None if was is None or now is None else now - was
    if delta is None or not math.isfinite(delta):
        return FigureDiff(word, was, now, was_step, now_step)
    better = (delta > 0) == (way == MAXIMIZE) if way and delta else None
    return FigureDiff(word, was, now, was_step, now_step, delta, better)


def _courses(
    was: Side, now: Side, keys: Iterable[str], why: list[str]
) -> Iterator[tuple[str, Course]]:
    a, b = was.record, now.record
    deadline = time.monotonic() + _SECONDS
    left = list(keys)
    lost: Counter[str] = Counter()
    room = MAX_POINTS
    while left and room > 0 and time.monotonic() < deadline:
        batch: list[str] = []
        # Few at a time: of metrics of a million points each one alone.
        while left and len(batch) < _KEYS and room > 0:
            n = max(a.metrics[left[0]].n, b.metrics[left[0]].n)
            if batch and n > MAX_POINTS // 8:
                break
            room -= n
            batch.append(left.pop(0))
        try:
            before, after = was.reader.series(batch), now.reader.series(batch)
        except (RunfolioError, OSError, MemoryError) as error:
            why.append(f"the points: {error}")
            return
        for key in batch:
            for record, series in ((a, before), (b, after)):
                lost[record.short_id] += record.metrics[key].n > 0 and key not in series
            found = course(before[key], after[key]) if key in before and key in after else None
            if found is not None:
                yield key, found
    why += [f"the points of {_counted(n)}, which {name} has lost" for name, n in lost.items() if n]
    if left:
        why.append(f"the points of {_counted(len(left))}, for there are so many")


def _counted(n: int) -> str:
    return f"{n:,} metric{'s' * (n != 1)}"
