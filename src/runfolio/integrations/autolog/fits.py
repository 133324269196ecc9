"""What a fit of an estimator in scikit-learn's manner says: its settings, a row, a search's table."""

from __future__ import annotations

import contextlib
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.record.guard import warn_once
from runfolio.record.media.table import Table

if TYPE_CHECKING:
    from runfolio.record.run import Run

__all__ = ["Fit", "log_folds"]

_SCORED_ROWS: Final = 2_000
_TOLD_FITS: Final = 20
_SHOWN_ROWS: Final = 1_000
_PLAIN: Final = (bool, int, float, str, type(None))

_counts: weakref.WeakKeyDictionary[Run, int] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


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
        x, y = _data(given, more)
        _note(run, estimator, x)
        return cls(run, estimator, x, y)

    def end(self) -> None:
        """Log how long it took, how well it does on what it has seen, what a search found."""
        seconds = time.perf_counter() - self._began
        row: dict[str, Any] = {"fit/seconds": seconds}
        name, score = self._score()
        if score is not None:
            self._run.define_metric(name, goal="maximize")
            row[name] = score
        if hasattr(self._estimator, "cv_results_"):
            row["cv/results"] = Table(dataframe=_results(self._estimator.cv_results_))
        if hasattr(self._estimator, "best_params_"):
            for key, value in self._estimator.best_params_.items():
                self._run.summary[f"best/{key}"] = _setting(value)
        if hasattr(self._estimator, "best_score_"):
            self._run.define_metric("cv/best_score", goal="maximize")
            row["cv/best_score"] = self._estimator.best_score_
        self._run.log(row)

    def _score(self) -> tuple[str, float | None]:
        """Return the estimator's own score of what it has seen, and what it is called."""
        from sklearn.base import is_classifier, is_regressor

        one = self._estimator
        name = "train/score"
        if not hasattr(one, "best_params_"):  # a search scores in a way of its own
            name = "train/accuracy" if is_classifier(one) else name
            name = "train/r2" if is_regressor(one) else name
        score = None
        with _drawing_nothing(), contextlib.suppress(Exception):  # not each can score
            score = float(one.score(*_at_most(_SCORED_ROWS, self._x, self._y)))
        return name, score


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

    _note(run, estimator, _data(given, more)[0])
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


@contextlib.contextmanager
def _drawing_nothing() -> Iterator[None]:
    """Leave numpy's generator as it is: what is drawn next is no other than without."""
    import numpy as np

    before: Any = np.random.get_state()  # noqa: NPY002 - estimators draw from this one
    try:
        yield
    finally:
        after: Any = np.random.get_state()  # noqa: NPY002
        if before[2] != after[2] or (before[1] != after[1]).any():
            np.random.set_state(before)  # noqa: NPY002


def _data(given: tuple[Any, ...], more: Mapping[str, Any]) -> tuple[Any, Any]:
    x, y = (*given[:2], None, None)[:2]
    return more.get("X", x), more.get("y", y)


def _note(run: Run, estimator: Any, x: Any) -> None:
    with _lock:
        number = _counts[run] = _counts.get(run, 0) + 1
    if number > _TOLD_FITS:
        warn_once(
            "autolog of many fits",
            f"autolog: the settings of the first {_TOLD_FITS} fits of a run are recorded; of more of "
            "them the figures alone. A run for each keeps them apart.",
        )
        return
    settings = {"model_class": type(estimator).__name__, **dict(_parameters(estimator))}
    shape = getattr(x, "shape", None) or ((len(x),) if hasattr(x, "__len__") else ())
    settings |= dict(zip(("n_samples", "n_features"), map(int, shape), strict=False))
    # Nothing of the first is lost to a second one: it stands below its number.
    run.config.note(settings if number == 1 else {f"fit{number}": settings}, "sklearn")


def _parameters(estimator: Any) -> Iterator[tuple[str, Any]]:
    for name, value in estimator.get_params(deep=True).items():
        parts = value if isinstance(value, (list, tuple)) else ()
        if not any(isinstance(part, tuple) for part in parts):  # steps, which follow one by one
            yield name, _setting(value)


def _setting(value: Any) -> Any:
    """Return a parameter as a setting: values as they are, what acts by its name."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, (list, tuple)):
        return [_setting(one) for one in value]
    if isinstance(value, Mapping):
        return {str(key): _setting(one) for key, one in value.items()}
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return value
    return getattr(value, "__qualname__", None) or type(value).__name__


def _at_most(rows: int, x: Any, y: Any) -> tuple[Any, ...]:
    """Return the data, or of more rows so many, the same ones each time."""
    from sklearn.utils import resample

    data = (x,) if y is None else (x, y)
    many = x.shape[0] if hasattr(x, "shape") else len(x)
    if many <= rows:
        return data
    drawn: Any = resample(*data, replace=False, n_samples=rows, random_state=0)
    return (drawn,) if y is None else tuple(drawn)


def _results(found: Mapping[str, Any]) -> Any:
    """Return what a search tried as a frame; parameters are shown as settings are."""
    import pandas as pd

    columns = {
        name: [_setting(value) for value in values[:_SHOWN_ROWS].tolist()]
        if name.startswith("param_") else values[:_SHOWN_ROWS]
        for name, values in found.items() if name != "params"
    }  # fmt: skip
    return pd.DataFrame(columns)
