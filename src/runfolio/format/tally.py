"""Counting a run's points as they go by: the summaries, and what was late, doubled or not finite."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from runfolio.model.metric import Definition
from runfolio.model.run import MetricSummary

__all__ = ["Tally", "added", "folded"]


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
        self.definition = _as_defined(start)
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
            as_defined.step_metric, bool(as_defined.hidden), as_defined.unit,
        )  # fmt: skip


def _as_defined(start: MetricSummary) -> Definition:
    return Definition("", start.step_metric, start.rule, start.goal, start.hidden, start.unit)


def mean_of(total: float, finite: int) -> float | None:
    """Return the mean of so many finite points; ``None`` without any, or where it has no number."""
    mean = total / finite if finite > 0 else None
    return mean if mean is not None and mean - mean == 0.0 else None


def folded(one: MetricSummary, other: MetricSummary) -> MetricSummary:
    """Return one summary of two that were counted by two writers, no point by both.

    Where both stand at one step, the first one counts.
    """
    low = min((s for s in (one, other) if s.min is not None), key=_low, default=one)
    high = max((s for s in (one, other) if s.max is not None), key=_high, default=one)
    late = max((s for s in (one, other) if s.last_step is not None), key=_late, default=one)
    return MetricSummary(
        one.n + other.n, late.last, low.min, high.max, late.last_step, low.min_step,
        high.max_step, one.goal or other.goal, one.rule or other.rule, _mean(one, other),
        one.nonfinite + other.nonfinite, one.step_metric or other.step_metric,
        one.hidden or other.hidden, one.unit or other.unit,
    )  # fmt: skip


def added(one: MetricSummary, other: MetricSummary) -> MetricSummary:
    """Return one summary of two that one writer counted, the points of `other` later.

    As a tally goes on: of equal extremes the first one counts, of equal steps the last.
    """
    last = other if other.last_step is not None and _late(other) >= _late(one) else one
    return replace(folded(one, other), last=last.last, last_step=last.last_step)


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
