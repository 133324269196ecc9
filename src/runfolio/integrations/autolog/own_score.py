"""How well an estimator of scikit-learn's manner does on what it has seen, by its own score."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["own_score"]

_SCORED_ROWS: Final = 2_000


def own_score(estimator: Any, x: Any, y: Any) -> tuple[str, float | None]:
    """Return the name of an estimator's score, and the score; ``None`` where it has none."""
    from sklearn.base import is_classifier, is_regressor

    name = "train/score"
    if not hasattr(estimator, "best_params_"):  # a search scores in a way of its own
        name = "train/accuracy" if is_classifier(estimator) else name
        name = "train/r2" if is_regressor(estimator) else name
    score = None
    with _drawing_nothing(), contextlib.suppress(Exception):  # not each can score
        score = float(estimator.score(*_at_most(_SCORED_ROWS, x, y)))
    return name, score


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


def _at_most(rows: int, x: Any, y: Any) -> tuple[Any, ...]:
    """Return the data, or of more rows so many, the same ones each time."""
    from sklearn.utils import resample

    data = (x,) if y is None else (x, y)
    many = x.shape[0] if hasattr(x, "shape") else len(x)
    if many <= rows:
        return data
    drawn: Any = resample(*data, replace=False, n_samples=rows, random_state=0)
    return (drawn,) if y is None else tuple(drawn)
