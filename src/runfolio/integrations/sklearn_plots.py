"""What W&B's module for scikit-learn draws, one chart a call: the charts of `log_evaluation`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from runfolio.integrations.estimators import column, of_classifier, of_regressor, with_shares
from runfolio.record.guard import guard
from runfolio.record.needed_run import needed_run
from runfolio.record.session import current

if TYPE_CHECKING:
    from runfolio.query.evaluation import Evaluation

__all__ = ["PLOTS"]

_KEYS: Final = {
    "confusion": "confusion_matrix",
    "roc": "roc",
    "precision_recall": "precision_recall",
    "calibration": "calibration_curve",
    "residuals": "residuals",
    "importances": "feature_importances",
}
"""Our charts → under which key W&B's function logs its own."""


def plot_confusion_matrix(y_true: Any = None, y_pred: Any = None, labels: Any = None, **_: Any) -> None:  # fmt: skip
    """Log how often each class was taken for which."""
    with _drawing("plot_confusion_matrix") as log:
        log(_of_predictions(y_true, y_pred, None, labels), "confusion")


def plot_roc(y_true: Any = None, y_probas: Any = None, labels: Any = None, *_: Any, **__: Any) -> None:  # fmt: skip
    """Log the true over the false positive rate, a curve for each class."""
    with _drawing("plot_roc") as log:
        log(_of_predictions(y_true, None, y_probas, labels), "roc")


def plot_precision_recall(y_true: Any = None, y_probas: Any = None, labels: Any = None, *_: Any, **__: Any) -> None:  # fmt: skip
    """Log precision over recall, a curve for each class."""
    with _drawing("plot_precision_recall") as log:
        log(_of_predictions(y_true, None, y_probas, labels), "precision_recall")


def plot_feature_importances(model: Any = None, feature_names: Any = None, *_: Any, **__: Any) -> None:  # fmt: skip
    """Log which features weigh most in a fitted model."""
    from runfolio.query.evaluation import Evaluation

    with _drawing("plot_feature_importances") as log:
        log(with_shares(Evaluation({}), model, None, feature_names), "importances")


def plot_calibration_curve(clf: Any = None, X: Any = None, y: Any = None, *_: Any) -> None:  # noqa: N803 - as W&B has it  # fmt: skip
    """Log how often what a fitted classifier foretells comes true."""
    with _drawing("plot_calibration_curve") as log:
        log(of_classifier(clf, X, column(y), None), "calibration")


def plot_residuals(regressor: Any = None, X: Any = None, y: Any = None) -> None:  # noqa: N803
    """Log what a fitted regressor leaves of the true values."""
    with _drawing("plot_residuals") as log:
        log(of_regressor(regressor, X, column(y)), "residuals")


def plot_summary_metrics(model: Any = None, X: Any = None, y: Any = None, X_test: Any = None, y_test: Any = None) -> None:  # noqa: N803  # fmt: skip
    """Log the figures of a fitted model on its test data, under ``summary_metrics/``."""
    from sklearn.base import is_classifier

    x, true = (X, y) if X_test is None else (X_test, y_test)
    with _drawing("plot_summary_metrics") as log:
        is_of_classes = is_classifier(model)
        found = (of_classifier(model, x, column(true), None) if is_of_classes
                 else of_regressor(model, x, column(true)))  # fmt: skip
        log(found, figures=True)


def plot_classifier(model: Any, X_train: Any, X_test: Any, y_train: Any, y_test: Any, y_pred: Any = None, y_probas: Any = None, labels: Any = None, is_binary: bool = False, model_name: str = "", feature_names: Any = None, *_: Any, **__: Any) -> None:  # noqa: N803, FBT002, PLR0917  # fmt: skip
    """Log all charts and figures of a fitted classifier."""
    del X_train, y_train, y_pred, y_probas, is_binary, model_name
    with _drawing("plot_classifier") as log:
        found = of_classifier(model, X_test, column(y_test), labels)
        log(with_shares(found, model, X_test, feature_names), *_KEYS, figures=True)


def plot_regressor(model: Any, X_train: Any, X_test: Any, y_train: Any, y_test: Any, *_: Any, **__: Any) -> None:  # noqa: N803  # fmt: skip
    """Log all charts and figures of a fitted regressor."""
    del X_train, y_train
    with _drawing("plot_regressor") as log:
        found = of_regressor(model, X_test, column(y_test))
        log(with_shares(found, model, X_test, None), *_KEYS, figures=True)


PLOTS: Final = {
    function.__name__: function
    for function in (
        plot_calibration_curve, plot_classifier, plot_confusion_matrix, plot_feature_importances,
        plot_precision_recall, plot_regressor, plot_residuals, plot_roc, plot_summary_metrics,
    )
}  # fmt: skip
"""Those of W&B's functions that have an equivalent here."""


@contextlib.contextmanager
def _drawing(what: str) -> Iterator[Callable[..., None]]:
    """Give what logs parts of an evaluation; a fault in drawing ends no training."""
    needed_run(what)
    with guard(f"drawing sklearn.{what}()"):
        yield _log


def _log(found: Evaluation, *charts: str, figures: bool = False) -> None:
    from runfolio.charts.evaluation import evaluation_charts

    drawn = evaluation_charts(found)
    row: dict[str, Any] = {_KEYS[name]: drawn[name] for name in charts if name in drawn}
    if figures:
        row |= {f"summary_metrics/{name}": value for name, value in found.metrics.items()}
    run = current()
    if run is not None and row:
        run.log(row)


def _of_predictions(true: Any, predicted: Any, scores: Any, labels: Sequence[str] | None) -> Evaluation:  # fmt: skip
    """Return an evaluation of what was predicted; without predictions, of the likeliest classes."""
    import numpy as np

    from runfolio.query.evaluation import evaluate_classes

    truth = column(true)
    classes: Any = np.unique(truth)
    if scores is None:
        guessed = column(predicted)
        classes = np.unique(np.concatenate([truth, guessed]))
    else:
        scores = np.asarray(scores, dtype=np.float64)
        width = scores.shape[1] if scores.ndim == 2 else 2
        if width != len(classes) and np.issubdtype(classes.dtype, np.integer):
            classes = np.arange(width)  # some are not among the true ones
        columns = scores if scores.ndim == 2 else np.column_stack([1 - scores, scores])
        guessed = classes[columns.argmax(axis=1)]
    named = [str(label) for label in labels] if labels is not None and len(labels) else None
    found = evaluate_classes(truth, guessed, scores, classes=classes, labels=named)
    return replace(found, shares=())
