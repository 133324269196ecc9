"""What a fit of an estimator in scikit-learn's manner says: its settings, a row, a search's table."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.integrations.autolog.fitted import data_of, note_fit, setting
from runfolio.integrations.autolog.own_score import own_score
from runfolio.record.media.table import Table

if TYPE_CHECKING:
    from runfolio.record.run import Run

__all__ = ["Fit", "log_folds"]

_SHOWN_ROWS: Final = 1_000


class Fit:
    """A fit that is going on.

    Parameters
    ----------
    run : Run
    estimator : estimator
    x, y : array, frame or None
        What it learns from.
    """

    def __init__(self, run: Run, estimator: Any, x: Any, y: Any) -> None:
        self._run = run
        self._estimator = estimator
        self._x = x
        self._y = y
        self._began = time.perf_counter()

    @classmethod
    def begin(
        cls, run: Run, estimator: Any, given: tuple[Any, ...], more: Mapping[str, Any]
    ) -> Fit | None:
        """Record what is fitted; ``None`` for what cannot predict: scalers, selectors, encoders.

        Parameters
        ----------
        given, more
            The arguments of the call.
        """
        require("sklearn", feature="autolog", install="runfolio[sklearn]", at_least="1.4")
        if not (hasattr(estimator, "predict") or hasattr(estimator, "fit_predict")):
            return None
        x, y = data_of(given, more)
        note_fit(run, estimator, x)
        return cls(run, estimator, x, y)

    def end(self) -> None:
        """Log how long it took, how well it does on what it has seen, what a search found."""
        seconds = time.perf_counter() - self._began
        row: dict[str, Any] = {"fit/seconds": seconds}
        name, score = own_score(self._estimator, self._x, self._y)
        if score is not None:
            self._run.define_metric(name, goal="maximize")
            row[name] = score
        if hasattr(self._estimator, "cv_results_"):
            row["cv/results"] = Table(dataframe=_results(self._estimator.cv_results_))
        if hasattr(self._estimator, "best_params_"):
            for key, value in self._estimator.best_params_.items():
                self._run.summary[f"best/{key}"] = setting(value)
        if hasattr(self._estimator, "best_score_"):
            self._run.define_metric("cv/best_score", goal="maximize")
            row["cv/best_score"] = self._estimator.best_score_
        self._run.log(row)


def log_folds(
    run: Run, estimator: Any, given: tuple[Any, ...], more: Mapping[str, Any], scores: Any
) -> None:
    """Log a cross validation: mean and spread of its folds, each metric.

    Parameters
    ----------
    run : Run
    estimator : estimator
    given, more
        The further arguments of the call.
    scores : array, or dict of str to array
        What it returned.
    """
    import numpy as np

    note_fit(run, estimator, data_of(given, more)[0])
    folds = scores if isinstance(scores, dict) else {"test_score": scores}
    row = dict[str, float]()
    for name, values in folds.items():
        part, _, rest = name.partition("_")
        if name in ("fit_time", "score_time"):
            row[f"cv/{part}_seconds"] = float(np.sum(values))
        elif part in ("test", "train"):
            key = f"cv/{rest}" if part == "test" else f"cv/{name}"
            run.define_metric(key, goal="maximize")  # scikit-learn has losses negated
            row[key], row[f"{key}_std"] = float(np.mean(values)), float(np.std(values))
    run.log(row)


def _results(found: Mapping[str, Any]) -> Any:
    """Return what a search tried as a frame; parameters are shown as settings are."""
    import pandas as pd

    columns = {
        name: [setting(value) for value in values[:_SHOWN_ROWS].tolist()]
        if name.startswith("param_") else values[:_SHOWN_ROWS]
        for name, values in found.items() if name != "params"
    }  # fmt: skip
    return pd.DataFrame(columns)
