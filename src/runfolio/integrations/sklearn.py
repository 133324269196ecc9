"""scikit-learn: how good a fitted model is on data it has not seen, logged to the run.

Anything with ``fit`` and ``predict`` in scikit-learn's manner will do: pipelines, searches, the
classes of XGBoost and LightGBM.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.errors import UsageError
from runfolio.integrations.estimators import column, of_classifier, of_regressor, with_shares
from runfolio.record.guard import guard
from runfolio.record.needed_run import needed_run
from runfolio.record.wandb.absent import told

if TYPE_CHECKING:
    from runfolio.query.evaluation import Evaluation
    from runfolio.record.run import Run

__all__ = ["log_evaluation"]

_GOALS: Final = {
    "maximize": ("accuracy", "balanced_accuracy", "f1", "precision", "recall", "roc_auc",
                 "average_precision", "r2"),
    "minimize": ("rmse", "mae", "median_ae", "max_error", "log_loss", "calibration_error"),
}  # fmt: skip


def log_evaluation(
    model: Any,
    X_test: Any,  # noqa: N803 - as scikit-learn names it
    y_test: Any,
    *,
    labels: Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
    prefix: str = "test",
    run: Run | None = None,
) -> Evaluation:
    """Log how good a fitted model is: figures, and charts of what they are made of.

    Parameters
    ----------
    model : estimator
        A fitted classifier or regressor.
    X_test : array or frame, shape (n, features)
    y_test : array, shape (n,)
    labels : sequence of str, optional
        What the classes are called, in the order of ``model.classes_``.
    feature_names : sequence of str, optional
        Else those that the model or the frame knows.
    prefix : str
        Stands before each name: ``test/accuracy``, ``test/confusion``.
    run : Run, optional
        Else the open one.

    Returns
    -------
    Evaluation
        The same as data: ``.metrics["accuracy"]``, ``.confusion``, ``.roc``, ``.residuals``.

    Raises
    ------
    NoActiveRun
        No run is open.
    UsageError
        The model is neither classifier nor regressor, the data are empty, or `y_test` has missing
        values or more than one column.
    MissingDependency
        scikit-learn is not installed, or is too old.

    Examples
    --------
    >>> runfolio.sklearn.log_evaluation(forest, X_test, y_test)  # doctest: +SKIP
    """
    into = needed_run("log_evaluation", run)
    found = _evaluated(model, X_test, y_test, labels)
    found = with_shares(found, model, X_test, feature_names)
    _log(into, found, prefix)
    return found


def _evaluated(model: Any, x: Any, y: Any, labels: Sequence[str] | None) -> Evaluation:
    base: Any = require(
        "sklearn.base", feature="log_evaluation", install="runfolio[sklearn]", at_least="1.4"
    )
    true = column(y)
    if base.is_classifier(model):
        return of_classifier(model, x, true, labels)
    if base.is_regressor(model):
        return of_regressor(model, x, true)
    raise UsageError(
        f"log_evaluation takes a fitted classifier or regressor, not {type(model).__name__}."
    )


def _log(run: Run, found: Evaluation, prefix: str) -> None:
    before = f"{prefix}/" if prefix else ""
    for goal, names in _GOALS.items():
        for name in names:
            if name in found.metrics:
                run.define_metric(f"{before}{name}", goal=goal)
    row: dict[str, Any] = {f"{before}{name}": value for name, value in found.metrics.items()}
    with guard("drawing the evaluation"):
        from runfolio.charts.evaluation import evaluation_charts

        row |= {f"{before}{name}": chart for name, chart in evaluation_charts(found).items()}
    run.log(row)


def __getattr__(name: str) -> Any:
    """Return what W&B's module of this name has: a single chart, or what says that it draws none."""
    if not name.startswith("plot_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from runfolio.integrations.sklearn_plots import PLOTS

    instead = (
        "nothing is drawn by it, and the program goes on; runfolio.sklearn.log_evaluation(model, X, y) "
        "logs all charts of a model at once, and wandb.plot draws single ones."
    )
    return PLOTS.get(name) or told(f"sklearn.{name}()", instead, once=f"sklearn.{name}")
