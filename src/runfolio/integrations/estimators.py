"""What a fitted estimator of scikit-learn's kind says of data it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runfolio.errors import UsageError
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from runfolio.query.evaluation import Evaluation

__all__ = ["column", "of_classifier", "of_regressor", "with_shares"]


def of_classifier(model: Any, x: Any, true: Any, labels: Sequence[str] | None) -> Evaluation:
    """Return how good a classifier is on rows `x` whose true classes are known."""
    import numpy as np

    from runfolio.query.evaluation import evaluate_classes

    predicted, classes = model.predict(x), getattr(model, "classes_", None)
    known = np.unique(true) if classes is None else np.asarray(classes)
    scores: Any = None
    probabilities = hasattr(model, "predict_proba")
    if classes is not None and probabilities:
        scores = model.predict_proba(x)
    elif classes is not None and hasattr(model, "decision_function"):
        scores = model.decision_function(x)
    if np.ndim(scores) == 2 and np.shape(scores)[1] != len(known):
        scores = None  # a machine for each pair of classes: no score of one class
    return evaluate_classes(
        true, column(predicted), scores, classes=known, labels=labels, probabilities=probabilities
    )


def of_regressor(model: Any, x: Any, true: Any) -> Evaluation:
    """Return how good a regressor is on rows `x` whose true values are known."""
    from runfolio.query.evaluation import evaluate_values

    return evaluate_values(true, column(model.predict(x), may_miss=True))


def column(values: Any, *, may_miss: bool = False) -> Any:
    """Return values as a flat array.

    Raises
    ------
    UsageError
        They have several columns, are none at all, or some are missing.
    """
    import numpy as np
    import pandas as pd

    array = np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array.ravel()
    if array.ndim != 1:
        raise UsageError(
            f"log_evaluation takes one value a row, not an array of shape {array.shape}; call it once "
            "for each column."
        )
    if not len(array):
        raise UsageError("log_evaluation: there are no rows to evaluate on.")
    missing = 0 if may_miss else int(np.sum(pd.isna(array)))
    if missing:
        raise UsageError(
            f"log_evaluation: y_test has {missing:,} missing values; leave these rows out."
        )
    return array


def with_shares(found: Evaluation, model: Any, x: Any, names: Sequence[str] | None) -> Evaluation:
    """Return an evaluation together with how much each feature weighs in the model.

    Parameters
    ----------
    names : sequence of str, optional
        What the features are called; else as the frame, or the steps before the model, call them.
    """
    from runfolio.query.evaluation import shares_of

    shares, measure = found.shares, found.measure
    with guard("reading the importance of features"):
        fitted = getattr(model, "best_estimator_", model)
        known = names if names is not None else getattr(x, "columns", None)
        if getattr(fitted, "steps", None):  # a pipeline: features change their names on the way
            if names is None and len(fitted.steps) > 1:
                known = _names_after(fitted[:-1])
            fitted = fitted.steps[-1][1]
        if known is None:
            known = getattr(fitted, "feature_names_in_", ())
        shares, measure = shares_of(fitted, [str(name) for name in known])
    return replace(found, shares=shares, measure=measure)


def _names_after(steps: Any) -> Sequence[str]:
    """Return what the features are called that leave the first steps of a pipeline."""
    try:
        names: Sequence[str] = steps.get_feature_names_out()
    except (AttributeError, TypeError, ValueError):
        return ()
    return names
