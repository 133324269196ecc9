"""How good a model of scikit-learn's kind is on data it has not seen: figures and curves.

Definitions: Fawcett, *An introduction to ROC analysis* (2006), for the curves; Niculescu-Mizil and
Caruana (2005) for calibration; Naeini et al. (2015) for its expected error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from runfolio._optional import require
from runfolio.errors import UsageError

__all__ = [
    "Calibration",
    "Confusion",
    "Curve",
    "Evaluation",
    "Residuals",
    "Share",
    "evaluate_classes",
    "evaluate_values",
    "shares_of",
]

_POINTS: Final = 300
"""Of a curve; its ends are among them."""

_DOTS: Final = 2000
_CLASSES: Final = 8
"""As many as have a colour of their own."""

_BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often each class was taken for which; ``counts[true][predicted]``."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """One class against the others as the threshold moves.

    Attributes
    ----------
    label : str
    x, y : tuple of float
        False and true positive rate, or recall and precision.
    area : float
        Under the curve; of precision over recall the average precision.
    share : float
        How much of the data is of this class: what guessing reaches.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    area: float
    share: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How often what was foretold with a probability came true.

    Attributes
    ----------
    predicted, observed : tuple of float
        Means within each bin that has any.
    counts : tuple of int
    error : float
        Mean distance of the two, by the counts.
    """

    label: str
    predicted: tuple[float, ...]
    observed: tuple[float, ...]
    counts: tuple[int, ...]
    error: float


@dataclass(frozen=True, slots=True)
class Residuals:
    """What is left of the true values when the predicted ones are taken off.

    Attributes
    ----------
    predicted, residual : tuple of float
        Of a part, evenly spaced, where there are very many.
    n : int
        Of all.
    deviation : float
        Root of their mean square.
    """

    predicted: tuple[float, ...]
    residual: tuple[float, ...]
    n: int
    deviation: float


@dataclass(frozen=True, slots=True)
class Share:
    """How much one feature weighs in the model; how that is measured, the whole says."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All of it; what the model cannot give is missing.

    Attributes
    ----------
    metrics : dict of str to float
    roc, precision_recall, calibration : tuple
        One for each class, of two for the second.
    shares : tuple of Share
        The largest first.
    measure : str
        What `shares` are: ``"importance"``, ``"coefficient"``.
    remarks : tuple of str
        What was left out, and why.
    """

    metrics: Mapping[str, float]
    confusion: Confusion | None = None
    roc: tuple[Curve, ...] = ()
    precision_recall: tuple[Curve, ...] = ()
    calibration: tuple[Calibration, ...] = ()
    residuals: Residuals | None = None
    shares: tuple[Share, ...] = ()
    measure: str = ""
    remarks: tuple[str, ...] = ()


def evaluate_classes(
    true: Any, predicted: Any, scores: Any = None, *, classes: Any, labels: Sequence[str] | None,
    probabilities: bool = True,
) -> Evaluation:  # fmt: skip
    """Return how good a classifier is.

    Parameters
    ----------
    true, predicted : array, shape (n,)
    scores : array, shape (n,) or (n, classes), optional
        How sure the model is of each class; of two classes, of the second.
    classes : array
        In the order of the columns of `scores`.
    labels : sequence of str, optional
        What the classes are called.
    probabilities : bool
        Whether the scores are probabilities.
    """
    sk: Any = _metrics()
    true, predicted = np.asarray(true), np.asarray(predicted)
    known = list(classes)
    seen = known + [one for one in np.unique(np.concatenate([true, predicted])) if one not in known]
    named = _named(seen, labels)
    metrics = {
        "accuracy": sk.accuracy_score(true, predicted),
        "balanced_accuracy": _balanced(true, predicted),
        "f1": sk.f1_score(true, predicted, average="macro", zero_division=0),
        "precision": sk.precision_score(true, predicted, average="macro", zero_division=0),
        "recall": sk.recall_score(true, predicted, average="macro", zero_division=0),
    }
    counts = sk.confusion_matrix(true, predicted, labels=seen)
    confusion = Confusion(tuple(named), tuple(tuple(int(n) for n in row) for row in counts))
    if scores is None:
        return Evaluation(_plain(metrics), confusion, remarks=("the model tells no scores",))
    columns = np.asarray(scores, dtype=np.float64)
    if columns.ndim == 1:
        columns = np.column_stack([1 - columns if probabilities else -columns, columns])
    finite = np.isfinite(columns).all(axis=1)
    found = _by_class(true[finite], columns[finite], known, named, probabilities=probabilities)
    if not finite.all():
        found.remarks.append(f"{(~finite).sum():,} rows without finite scores left out")
    if found.roc:
        metrics["roc_auc"] = np.mean([curve.area for curve in found.roc])
        metrics["average_precision"] = np.mean([curve.area for curve in found.precision_recall])
    if found.calibration:
        metrics["calibration_error"] = np.mean([one.error for one in found.calibration])
        metrics["log_loss"] = _log_loss(true[finite], columns[finite], known)
    return Evaluation(
        _plain(metrics), confusion, _largest(found.roc), _largest(found.precision_recall),
        _calibrations(found), remarks=tuple(found.remarks),
    )  # fmt: skip


def evaluate_values(true: Any, predicted: Any) -> Evaluation:
    """Return how good a regression is.

    Parameters
    ----------
    true, predicted : array, shape (n,)
        Pairs that are not finite are left out and counted.
    """
    sk: Any = _metrics()
    true, predicted = np.asarray(true, np.float64), np.asarray(predicted, np.float64)
    finite = np.isfinite(true) & np.isfinite(predicted)
    remarks = () if finite.all() else (f"{(~finite).sum():,} values that are not finite left out",)
    true, predicted = true[finite], predicted[finite]
    if not len(true):
        raise UsageError("none of the predictions is finite; there is nothing to evaluate.")
    residual = true - predicted
    deviation = float(np.sqrt(np.mean(residual**2)))
    metrics = {
        "rmse": deviation,
        "mae": np.abs(residual).mean(),
        "median_ae": np.median(np.abs(residual)),
        "max_error": np.abs(residual).max(),
        "bias": -residual.mean(),
    }
    if len(true) > 1:
        metrics["r2"] = sk.r2_score(true, predicted)
    some = np.unique(np.linspace(0, len(true) - 1, min(len(true), _DOTS)).round().astype(int))
    dots = Residuals(_floats(predicted[some]), _floats(residual[some]), len(true), deviation)
    return Evaluation(_plain(metrics), residuals=dots, remarks=remarks)


def shares_of(model: Any, names: Sequence[str]) -> tuple[tuple[Share, ...], str]:
    """Return how much each feature weighs in a fitted model, the largest first, and by what measure.

    Importances where it has some; else coefficients, of several outputs their mean size. Nothing
    where it has neither. Of a pipeline the last step is asked, and the names are those that reach it.
    """
    values, measure = getattr(model, "feature_importances_", None), "importance"
    if values is None:
        values, measure = getattr(model, "coef_", None), "coefficient"
    if values is None:
        return (), ""
    dense = values.toarray() if hasattr(values, "toarray") else values
    weights = np.asarray(dense, dtype=np.float64)
    if weights.ndim == 2:
        weights = weights[0] if len(weights) == 1 else np.abs(weights).mean(axis=0)
    if weights.ndim != 1:
        return (), ""
    if len(names) != len(weights):
        names = [f"feature {place}" for place in range(len(weights))]
    order = np.argsort(-np.abs(weights), kind="stable")
    return tuple(Share(str(names[at]), float(weights[at])) for at in order), measure


def _metrics() -> Any:
    return require("sklearn.metrics", feature="log_evaluation", install="runfolio[sklearn]")


def _named(classes: Sequence[Any], labels: Sequence[str] | None) -> list[str]:
    if labels is None:
        return [str(one) for one in classes]
    if len(labels) < len(classes):
        raise UsageError(
            f"labels has {len(labels)} names for {len(classes)} classes; give one for each, in the "
            f"order of {[str(one) for one in classes[:6]]}."
        )
    return [str(label) for label in labels[: len(classes)]]


def _balanced(true: Any, predicted: Any) -> float:
    """Return the mean recall of the classes that occur."""
    recalls = [float((predicted[true == one] == one).mean()) for one in np.unique(true)]
    return float(np.mean(recalls))


@dataclass(slots=True)
class _ByClass:
    roc: list[Curve] = field(default_factory=list)
    precision_recall: list[Curve] = field(default_factory=list)
    calibration: list[Calibration] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def _by_class(
    true: Any, columns: Any, known: Sequence[Any], named: Sequence[str], *, probabilities: bool
) -> _ByClass:
    """Return the curves of each class against the others; of two classes those of the second."""
    found = _ByClass()
    for place in range(1 if len(known) == 2 else 0, len(known)):
        positive, scores = true == known[place], columns[:, place]
        if not 0 < positive.sum() < len(positive):
            found.remarks.append(f"{named[place]}: all of the data or none, no curves")
            continue
        roc, precision_recall = _curves(named[place], positive, scores)
        found.roc.append(roc)
        found.precision_recall.append(precision_recall)
        if probabilities:
            found.calibration.append(_calibration(named[place], positive, scores))
    return found


def _curves(label: str, positive: Any, scores: Any) -> tuple[Curve, Curve]:
    sk: Any = _metrics()
    share = float(positive.mean())
    false_rate, true_rate, _ = sk.roc_curve(positive, scores)
    precision, recall, _ = sk.precision_recall_curve(positive, scores)
    roc = Curve(
        label, *_thinned(false_rate, true_rate), float(sk.auc(false_rate, true_rate)), share
    )
    area = float(sk.average_precision_score(positive, scores))
    return roc, Curve(label, *_thinned(recall[::-1], precision[::-1]), area, share)


def _calibration(label: str, positive: Any, scores: Any) -> Calibration:
    bins = np.clip((scores * _BINS).astype(int), 0, _BINS - 1)
    counts = np.bincount(bins, minlength=_BINS)
    kept = counts > 0
    predicted = np.bincount(bins, scores, _BINS)[kept] / counts[kept]
    observed = np.bincount(bins, positive, _BINS)[kept] / counts[kept]
    error = float(np.average(np.abs(predicted - observed), weights=counts[kept]))
    return Calibration(
        label, _floats(predicted), _floats(observed), tuple(int(n) for n in counts[kept]), error
    )


def _log_loss(true: Any, columns: Any, known: Sequence[Any]) -> float:
    """Return the mean of minus the logarithm of what the true class was given."""
    place = {one: at for at, one in enumerate(known)}
    chosen = np.array([place.get(one, -1) for one in true.tolist()])
    given = np.where(chosen >= 0, columns[np.arange(len(true)), chosen], 0.0)
    return float(-np.log(np.clip(given, np.finfo(np.float64).eps, 1)).mean())


def _thinned(x: Any, y: Any) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return a curve with at most so many points, spaced evenly along it."""
    if len(x) > _POINTS:
        along = np.concatenate([[0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
        wanted = np.linspace(0, along[-1], _POINTS)
        kept = np.unique(np.concatenate([[0], np.searchsorted(along, wanted), [len(x) - 1]]))
        x, y = x[kept.clip(0, len(x) - 1)], y[kept.clip(0, len(x) - 1)]
    return _floats(x), _floats(y)


def _largest(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """Return the curves of the classes that are most of the data, in their order."""
    kept = sorted(range(len(curves)), key=lambda at: -curves[at].share)[:_CLASSES]
    return tuple(curves[at] for at in sorted(kept))


def _calibrations(found: _ByClass) -> tuple[Calibration, ...]:
    """Return those of the classes whose curves are drawn."""
    drawn = {curve.label for curve in _largest(found.roc)}
    return tuple(one for one in found.calibration if one.label in drawn)[:_CLASSES]


def _plain(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {key: float(value) for key, value in metrics.items() if not math.isnan(value)}


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
