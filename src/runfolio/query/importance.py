"""How much a metric depends on each setting, with how sure that is.

A random forest (scikit-learn) learns the order of the runs by the metric from their settings. What
it loses on runs it has not seen when one setting is shuffled is the importance of that setting.
Forests are learnt from many draws of the runs with replacement: what the draws disagree on is the
uncertainty. Ranks stand in place of values, so that one diverged run does not decide alone.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from runfolio._optional import require
from runfolio.query.differing import Setting, number_of, scale_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FEWEST", "Importance", "Share", "importance"]

FEWEST: Final = 8
"""Runs below which a forest learns nothing worth telling."""

_SETTINGS: Final = 24
_RUNS: Final = 500
_DRAWS: Final = 16
_TREES: Final = 40
_SHUFFLES: Final = 3
_INTERVAL: Final = (5, 95)


@dataclass(frozen=True, slots=True)
class Share:
    """The importance of one setting.

    Attributes
    ----------
    mean : float
        By how much the error on unseen runs grows when the setting is shuffled, in parts of the
        spread of the metric's ranks: 0 is no use, 1 is much.
    low, high : float
        Of the draws 90 % lie between them.
    """

    key: str
    title: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Importance:
    """The importance of all settings, the largest first.

    Attributes
    ----------
    n_runs : int
        Runs that were learnt from.
    explained : float
        Share of the order of unseen runs that the settings explain: 1 all of it, 0 or less none.
    shares : tuple of Share
        Empty where `why` says why.
    more : tuple of str
        Settings that were not looked at, for there are too many.
    why : str
        Why there is no answer, in a sentence.
    """

    n_runs: int = 0
    explained: float = 0.0
    shares: tuple[Share, ...] = ()
    more: tuple[str, ...] = ()
    why: str = ""


def importance(
    settings: Sequence[Setting], figures: Sequence[float | None], *, seed: int = 0
) -> Importance:
    """Return how much a metric depends on each setting.

    Parameters
    ----------
    settings : sequence of Setting
    figures : sequence of float or None
        Of the metric, one per run; runs without a finite one are left out.
    seed : int
        The same runs give the same answer.

    Raises
    ------
    MissingDependency
        scikit-learn is not installed.
    """
    kept = [at for at, y in enumerate(figures) if y is not None and math.isfinite(y)]
    if not settings:
        return Importance(len(kept), why="The runs differ in no setting.")
    if len(kept) < FEWEST:
        return Importance(
            len(kept),
            why=f"Too few runs to tell which settings matter: {len(kept)} with a finite value, "
            f"{FEWEST} are needed.",
        )
    values = np.array([figures[at] for at in kept], dtype=np.float64)
    if (values == values[0]).all():
        return Importance(len(kept), why="The metric is the same in all runs.")
    rng = np.random.default_rng(seed)
    if len(kept) > _RUNS:
        some = np.sort(rng.choice(len(kept), _RUNS, replace=False))
        kept, values = [kept[at] for at in some], values[some]
    looked = settings[:_SETTINGS]
    columns = np.column_stack([_column(setting, kept) for setting in looked])
    drops, explained = _draws(columns, _ranks(values), rng)
    low, high = np.percentile(drops, _INTERVAL, axis=0)
    shares = [
        Share(s.key, s.title, float(m), float(a), float(b))
        for s, m, a, b in zip(looked, drops.mean(axis=0), low, high, strict=True)
    ]
    shares.sort(key=lambda share: -share.mean)
    more = tuple(setting.key for setting in settings[_SETTINGS:])
    return Importance(len(kept), explained, tuple(shares), more)


def _draws(
    x: NDArray[np.float64], y: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.float64], float]:
    """Return the loss by each setting in each draw, shape (draws, settings), and what is explained."""
    feature = "The importance of settings"
    ensemble: Any = require("sklearn.ensemble", feature=feature, install="runfolio[compare]")
    inspection: Any = require("sklearn.inspection", feature=feature, install="runfolio[compare]")
    spread = float(y.var())
    drops, errors = [], []
    for draw in range(_DRAWS):
        seen = rng.integers(0, len(y), len(y))
        unseen = np.setdiff1d(np.arange(len(y)), seen)
        if len(unseen) < 2:
            continue
        forest = ensemble.RandomForestRegressor(_TREES, random_state=draw)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a draw in which a setting has no value at all
            forest.fit(x[seen], y[seen])
            found = inspection.permutation_importance(
                forest, x[unseen], y[unseen], scoring="neg_mean_squared_error",
                n_repeats=_SHUFFLES, random_state=draw,
            )  # fmt: skip
        drops.append(found.importances_mean / spread)
        errors.append(float(((forest.predict(x[unseen]) - y[unseen]) ** 2).mean()))
    return np.array(drops), 1 - float(np.mean(errors)) / spread


def _column(setting: Setting, kept: Sequence[int]) -> NDArray[np.float64]:
    """Return a setting as numbers: trees only ask what lies above what; NaN where it is missing."""
    values = [setting.values[at] for at in kept]
    if setting.is_number:
        numbers = np.array([number_of(value) for value in values], np.float64)
        # Forests count in single precision.
        return np.clip(numbers, -1e37, 1e37)
    places = scale_of(values).places
    return np.array([math.nan if place is None else place for place in places])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ranks of values; equal ones share theirs."""
    _, place, n = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(n) - (n - 1) / 2)[place], dtype=np.float64)
