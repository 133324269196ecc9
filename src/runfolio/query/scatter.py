"""One setting against one metric: a point for each run, and how strongly they go together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from runfolio.query.differing import Scale, Setting, number_of, scale_of

__all__ = ["Scatter", "scatter"]

_FEWEST: Final = 8
"""Points below which a correlation says little."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """Points, by the place of their run.

    Attributes
    ----------
    setting : Setting
    x : Scale
        Of the setting; runs without a place are left out.
    y : tuple of float or None
        The metric; ``None`` where it is missing or not finite.
    n : int
        Points.
    correlation : float or None
        Of the ranks (Spearman), from -1 to 1; ``None`` where the setting is no number, or fewer
        than eight points have both.
    """

    setting: Setting
    x: Scale
    y: tuple[float | None, ...]
    n: int
    correlation: float | None


def scatter(setting: Setting, figures: Sequence[float | None]) -> Scatter:
    """Return a setting against a metric.

    Parameters
    ----------
    figures : sequence of float or None
        Of the metric, one per run.
    """
    x = scale_of(setting.values)
    y = tuple(v if v is not None and math.isfinite(v) else None for v in figures)
    both = [at for at, place in enumerate(x.places) if place is not None and y[at] is not None]
    correlation = None
    if setting.is_number and len(both) >= _FEWEST:
        correlation = _correlation([number_of(setting.values[at]) or 0.0 for at in both],
                                   [y[at] or 0.0 for at in both])  # fmt: skip
    return Scatter(setting, x, y, len(both), correlation)


def _correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    ranks = []
    for values in (one, other):
        _, place, n = np.unique(np.array(values), return_inverse=True, return_counts=True)
        if len(n) < 2:
            return None
        ranks.append((np.cumsum(n) - (n - 1) / 2)[place])
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
