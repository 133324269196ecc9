"""The importance of features, as a library tells it, drawn as in every evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["importances"]


def importances(scores: Mapping[str, Any], measure: str, of: str = "feature") -> Any:
    """Return the chart of the most important features, or parameters; ``None`` where there are none.

    Parameters
    ----------
    scores : mapping of str to number, or to list of number
        Of several outputs their mean size counts.
    measure : str
        What they are, for the axis.
    of : str
        What has them: ``feature``, ``parameter``.
    """
    from runfolio.charts.evaluation import shares_chart
    from runfolio.query.evaluation import Share

    shares = [Share(str(name), _size(score)) for name, score in scores.items()]
    shares.sort(key=lambda share: -abs(share.value))
    return shares_chart(shares, measure, of) if shares else None


def _size(score: Any) -> float:
    if isinstance(score, (list, tuple)):
        return sum(abs(float(part)) for part in score) / max(len(score), 1)
    return float(score)
