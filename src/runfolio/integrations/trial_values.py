"""What an objective of Optuna returned, and when a trial took place, as a run has it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from runfolio.record.session import session

__all__ = ["ms_of", "values_of"]


def values_of(returned: Any, n: int) -> tuple[list[float], str]:
    """Return the values of the objectives, or why Optuna takes the trial for failed."""
    is_many = isinstance(returned, Sequence) and not isinstance(returned, (str, bytes))
    values: list[float] = []
    for one in returned if is_many else [returned]:
        try:
            values.append(float(one))
        except (TypeError, ValueError):
            return [], f"the objective returned {one!r:.80}, which is no number"
    if any(math.isnan(value) for value in values):
        return [], "the objective returned NaN"
    if len(values) != n:
        return [], f"the objective returned {len(values)} values; the study has {n} objectives"
    return values, ""


def ms_of(moment: datetime | None) -> int:
    """Return a moment of Optuna's, which is local time without a zone, as ms UTC; else now."""
    if moment is None:
        return session.clock.time_ns() // 1_000_000
    return round(moment.timestamp() * 1000)
