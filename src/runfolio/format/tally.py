"""Counting a run's points as they go by: the summaries, and what was late, doubled or not finite."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from runfolio.format.codec import NONFINITE
from runfolio.format.lines import live_parts, read_lines
from runfolio.model.metric import Definition
from runfolio.model.run import MetricSummary

__all__ = ["Tail", "Tally", "extend_from_log", "folded"]


class Tally:
    """The running summary of one metric from one writer.

    ``late`` counts points at a step before the newest one, ``duplicate`` those at that very
    step, ``nonfinite`` NaN and infinities. None of them is ever dropped.
    """

    __slots__ = (
        "definition", "duplicate", "last", "last_step", "late", "max", "max_step", "min", "min_step",
        "n", "newest", "nonfinite", "nonfinite_before", "total",
    )  # fmt: skip

    def __init__(self, start: MetricSummary | None = None) -> None:
        start = start or MetricSummary()
        self.n = start.n
        self.last, self.last_step = start.last, start.last_step
        self.min, self.min_step = start.min, start.min_step
        self.max, self.max_step = start.max, start.max_step
        self.definition = Definition("", start.step_metric, start.rule, start.goal, start.hidden)
        self.nonfinite_before = start.nonfinite
        # What was counted without a mean leaves it unknown from there on.
        finite = start.n - start.nonfinite
        self.total = (
            0.0 if not finite else finite * (math.nan if start.mean is None else start.mean)
        )
        self.newest: float | None = None
        self.late = self.duplicate = self.nonfinite = 0

    def add(self, step: float, value: float) -> None:
        """Count one point."""
        self.n += 1
        newest = self.newest
        if newest is None or step > newest:
            self.newest = step
        elif step == newest:
            self.duplicate += 1
        else:
            self.late += 1
        if self.last_step is None or step >= self.last_step:
            self.last, self.last_step = value, step
        if value - value != 0.0:  # NaN and infinities alone differ from themselves
            self.nonfinite += 1
            return
        self.total += value
        if self.min is None or value < self.min:
            self.min, self.min_step = value, step
        if self.max is None or value > self.max:
            self.max, self.max_step = value, step

    def extend(self, steps: Sequence[float], values: Sequence[float], *, rising: bool) -> None:
        """Count points in order of logging; the usual case costs a few C calls a batch.

        Parameters
        ----------
        rising : bool
            Whether each step is larger than the one before it.
        """
        total, low, high = sum(values), min(values), max(values)
        fresh = rising and (self.newest is None or steps[0] > self.newest)
        # A NaN or an infinity anywhere shows in the sum or in an end of the range.
        if not (fresh and total - total == 0.0 and low - low == 0.0 and high - high == 0.0):
            for step, value in zip(steps, values, strict=True):
                self.add(step, value)
            return
        self.n += len(values)
        self.total += total
        self.newest = steps[-1]
        if self.last_step is None or steps[-1] >= self.last_step:
            self.last, self.last_step = values[-1], steps[-1]
        if self.min is None or low < self.min:
            self.min, self.min_step = low, steps[values.index(low)]
        if self.max is None or high > self.max:
            self.max, self.max_step = high, steps[values.index(high)]

    def summary(self) -> MetricSummary:
        """Return the short form that the manifest holds."""
        as_defined = self.definition
        nonfinite = self.nonfinite_before + self.nonfinite
        return MetricSummary(
            self.n, self.last, self.min, self.max, self.last_step, self.min_step, self.max_step,
            as_defined.goal, as_defined.rule, mean_of(self.total, self.n - nonfinite), nonfinite,
            as_defined.step_metric, bool(as_defined.hidden),
        )  # fmt: skip


def mean_of(total: float, finite: int) -> float | None:
    """Return the mean of so many finite points; ``None`` without any, or where it has no number."""
    mean = total / finite if finite > 0 else None
    return mean if mean is not None and mean - mean == 0.0 else None


def folded(one: MetricSummary, other: MetricSummary) -> MetricSummary:
    """Return one summary of two that were counted side by side; ``n`` is the larger one's."""
    low = min((s for s in (one, other) if s.min is not None), key=_low, default=one)
    high = max((s for s in (one, other) if s.max is not None), key=_high, default=one)
    late = max((s for s in (one, other) if s.last_step is not None), key=_late, default=one)
    return MetricSummary(
        max(one.n, other.n), late.last, low.min, high.max, late.last_step, low.min_step,
        high.max_step, one.goal or other.goal, one.rule or other.rule, _mean(one, other),
        max(one.nonfinite, other.nonfinite), one.step_metric or other.step_metric,
        one.hidden or other.hidden,
    )  # fmt: skip


def _mean(*summaries: MetricSummary) -> float | None:
    finite = [summary.n - summary.nonfinite for summary in summaries]
    if any(n and summary.mean is None for summary, n in zip(summaries, finite, strict=True)):
        return None
    totals = [(summary.mean or 0.0) * n for summary, n in zip(summaries, finite, strict=True)]
    return mean_of(sum(totals), sum(finite))


def _low(summary: MetricSummary) -> float:
    return summary.min if summary.min is not None else float("inf")


def _high(summary: MetricSummary) -> float:
    return summary.max if summary.max is not None else float("-inf")


def _late(summary: MetricSummary) -> float:
    return summary.last_step if summary.last_step is not None else float("-inf")


@dataclass(slots=True)
class Tail:
    """What the lines hold that a manifest had not seen.

    Attributes
    ----------
    metrics : mapping of str to MetricSummary
        The manifest's summaries, those lines included.
    counts : mapping of str to int
        How many ``points`` were ``late``, ``duplicate`` or ``nonfinite`` in those lines.
    newest_ms : int or None
        Time of the newest line.
    """

    metrics: dict[str, MetricSummary]
    counts: dict[str, int]
    newest_ms: int | None = None


def extend_from_log(folder: Path, metrics: Mapping[str, MetricSummary], upto: object) -> Tail:
    """Return the summaries of a run that did not end, with the lines its manifest had not seen.

    Parameters
    ----------
    metrics : mapping of str to MetricSummary
        The manifest's, perhaps five seconds old.
    upto : mapping of file name to offset
        How far into each live file the manifest had counted.
    """
    offsets = upto if isinstance(upto, dict) else {}
    tail = Tail(dict(metrics), dict.fromkeys(("points", "late", "duplicate", "nonfinite"), 0))
    for part in live_parts(folder, "metrics"):
        start = offsets.get(part.path.name, 0)
        if type(start) is not int or start < 0:
            start = 0
        tallies: dict[str, Tally] = {}
        try:
            for _, line in read_lines(part.path, start, part.limit):
                _count(line, tallies, tail, begun=start > 0)
        except OSError:
            pass  # it was converted meanwhile, or cannot be read: what was counted so far counts
        for key, tally in tallies.items():
            tail.counts["points"] += tally.n - (tail.metrics[key].n if key in tail.metrics else 0)
            tail.counts["late"] += tally.late
            tail.counts["duplicate"] += tally.duplicate
            tail.counts["nonfinite"] += tally.nonfinite
            tail.metrics[key] = tally.summary()
    return tail


def _count(line: bytes, tallies: dict[str, Tally], tail: Tail, *, begun: bool) -> None:
    try:
        row: Any = orjson.loads(line)
        step, time_ms = row["step"], row["time"]
        values: Iterable[tuple[str, Any]] = row["values"].items()
        strange = row.get("nonfinite") or {}
        for key, value in values:
            number = NONFINITE.get(strange.get(key, "")) if value is None else value
            if isinstance(number, (int, float)) and not isinstance(number, bool):
                if key not in tallies:
                    tally = tallies[key] = Tally(tail.metrics.get(key))
                    # Of the same writer: what comes before its last step is late.
                    tally.newest = tally.last_step if begun else None
                tallies[key].add(step, float(number))
        tail.newest_ms = max(tail.newest_ms or 0, int(time_ms))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError):
        return
