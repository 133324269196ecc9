"""Which way a metric is better, which run is best, and which metrics come first."""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Iterable
from typing import Final

from runfolio.format.manifest import created_order
from runfolio.model.deferred import Figures
from runfolio.model.run import MetricSummary, RunRecord

__all__ = [
    "MAXIMIZE",
    "MINIMIZE",
    "best",
    "direction",
    "figure",
    "headline",
    "is_hidden",
    "told_alike",
    "unit_of",
    "units",
]

MINIMIZE: Final = "minimize"
MAXIMIZE: Final = "maximize"

# Only words that mean one direction everywhere: a wrong guess would crown the worst run.
_DOWN: Final = frozenset(
    (
        "loss", "losses", "error", "err", "perplexity", "ppl", "mse", "rmse", "mae", "mape",
        "msle", "nll", "bce", "crossentropy", "bpb", "bpc", "wer", "cer", "fid", "regret",
        "brier", "ece", "logloss", "hinge",
    )
)  # fmt: skip
_UP: Final = frozenset(
    (
        "acc", "accuracy", "auc", "auroc", "auprc", "f1", "fbeta", "precision", "recall",
        "specificity", "sensitivity", "iou", "miou", "dice", "bleu", "rouge", "meteor",
        "reward", "psnr", "ssim", "mcc", "kappa", "ndcg", "mrr", "r2",
    )
)  # fmt: skip
_HELD_OUT: Final = frozenset(("val", "valid", "validation", "test", "eval", "evaluation", "dev"))
# Logged beside the results, never the result itself.
_ASIDE: Final = frozenset(
    (
        "lr", "epoch", "epochs", "step", "steps", "iter", "iteration", "time", "seconds",
        "system", "gpu", "cpu", "memory", "grad", "gradient", "norm", "throughput", "rate",
        "samples", "tokens",
    )
)  # fmt: skip


MAX_RANKED: Final = 2000
"""Metrics of a run that are looked at for its headline."""


def figure(summary: MetricSummary | None) -> float | None:
    """Return the one number that stands for a metric: its last value, or what its rule says."""
    return None if summary is None else summary.figure


def is_hidden(record: RunRecord, metric: str) -> bool:
    """Return whether a run keeps a metric out of cards and tables that nobody chose."""
    metrics = record.metrics
    if isinstance(metrics, Figures):
        return bool(metrics.outline.defined.get(metric, {}).get("hidden"))
    summary = metrics.get(metric)
    return summary is not None and summary.hidden


def _said(record: RunRecord, metric: str, what: str) -> str | None:
    """Return what a run said of a metric: its ``goal``, its ``unit`` and so on."""
    metrics = record.metrics
    if isinstance(metrics, Figures):  # to read the figures takes a hundred times as long
        said: str | None = metrics.outline.defined.get(metric, {}).get(what)
    else:
        said = getattr(metrics.get(metric), what, None)
    return said


def told_alike(records: Iterable[RunRecord]) -> list[tuple[RunRecord, int]]:
    """Return the first of all records that say the same of their metrics, and how many do.

    Most runs of a store are alike, so that what they say of a metric need not be asked of each.
    """
    found: dict[int, tuple[RunRecord, int]] = {}
    for record in records:
        metrics = record.metrics
        kind = id(metrics.outline) if isinstance(metrics, Figures) else id(record)
        first, n = found.get(kind, (record, 0))
        found[kind] = first, n + 1
    return list(found.values())


def unit_of(metric: str, records: Iterable[RunRecord]) -> str | None:
    """Return what a metric is counted in, as the first run that knows it says."""
    return next((said for record in records if (said := _said(record, metric, "unit"))), None)


def units(records: Iterable[RunRecord]) -> dict[str, str]:
    """Return what each metric is counted in, as the first run that knows it says."""
    found: dict[str, str] = {}
    for record in records:
        metrics = record.metrics
        for key in metrics.outline.defined if isinstance(metrics, Figures) else metrics:
            if said := _said(record, key, "unit"):
                found.setdefault(key, said)
    return found


def direction(metric: str, records: Iterable[RunRecord] = ()) -> str | None:
    """Return whether less or more of a metric is better.

    Parameters
    ----------
    records : iterable of RunRecord
        Runs that may have declared a goal; the newest declaration counts.

    Returns
    -------
    str or None
        ``"minimize"``, ``"maximize"``, or ``None`` where neither a goal nor a known word in the
        name says so.
    """
    declared = [
        (record, goal)
        for record in records
        if (goal := _said(record, metric, "goal")) in (MINIMIZE, MAXIMIZE)
    ]
    if declared:
        return max(declared, key=lambda item: created_order(item[0]))[1]
    return _known_direction(_end(metric))


def best(records: Iterable[RunRecord], metric: str, way: str | None = None) -> RunRecord | None:
    """Return the run with the best figure of a metric; of equal ones the first that reached it.

    Parameters
    ----------
    way : str, optional
        ``"minimize"`` or ``"maximize"``; by default what :func:`direction` finds.

    Returns
    -------
    RunRecord or None
        ``None`` where no run has a finite figure, or nobody said which way is better.
    """
    records = list(records)
    way = way or direction(metric, records)
    if way is None:
        return None
    sign = -1.0 if way == MAXIMIZE else 1.0
    found = [
        (sign * value, created_order(record), record)
        for record in records
        if (value := record.figure_of(metric)) is not None and math.isfinite(value)
    ]
    return min(found, key=lambda item: item[:2])[2] if found else None


def headline(record: RunRecord) -> list[str]:
    """Return the metrics that are results, the most telling first.

    Metrics with a declared goal come first, then those measured on held-out data, then those
    whose name says which way is better; learning rates, epochs and the like are left out, and
    so is what the run hides or gives no figure.
    """
    if isinstance(record.metrics, Figures) and len(record.metrics) <= MAX_RANKED:
        return list(_ranked(record.metrics.outline.headline))
    metrics = (
        (key, summary)
        for key, summary in itertools.islice(record.metrics.items(), MAX_RANKED)
        if not summary.hidden and summary.rule != "none"
    )
    return list(_ranked(tuple((key, bool(summary.goal)) for key, summary in metrics)))


@functools.lru_cache(maxsize=256)
def _ranked(metrics: tuple[tuple[str, bool], ...]) -> tuple[str, ...]:
    ranked = [
        (rank, place, key)
        for place, (key, has_goal) in enumerate(metrics)
        if (rank := _rank(key, has_goal=has_goal)) is not None
    ]
    return tuple(key for _, _, key in sorted(ranked))


def _rank(key: str, *, has_goal: bool) -> tuple[bool, bool, bool, bool] | None:
    words = _words(_end(key))
    way = _known_direction(_end(key))
    if not has_goal and way is None and not _ASIDE.isdisjoint(words):
        return None
    if words[:1] == ("system",):
        return None
    held_out = not _HELD_OUT.isdisjoint(words)
    return not has_goal, not (held_out and way is not None), way is None, way != MAXIMIZE


def _end(metric: str) -> str:
    # A hostile name may be as long as a file; what it is called stands at its end.
    return metric[-200:]


@functools.lru_cache(maxsize=4096)
def _known_direction(metric: str) -> str | None:
    # The last word says what the number is: "acc_loss" is a loss.
    for word in reversed(_words(metric)):
        if word in _DOWN:
            return MINIMIZE
        if word in _UP:
            return MAXIMIZE
    return None


@functools.lru_cache(maxsize=4096)
def _words(metric: str) -> tuple[str, ...]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", metric)
    words = re.findall(r"[a-z]+[0-9]*", spaced.lower())
    return tuple(w if w in _UP or w in _DOWN else w.rstrip("0123456789") for w in words)
