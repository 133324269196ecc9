"""The best figure of a metric so far, run after run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from runfolio.format.manifest import created_order
from runfolio.model.run import RunRecord
from runfolio.query.summary import MAXIMIZE

__all__ = ["Attempt", "progress"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run in the order in which they began.

    Attributes
    ----------
    place : int
        Of the run among those compared.
    at_ms : int
        When it began, ms UTC.
    value, best : float
        Its own figure, and the best one up to and with it.
    is_better : bool
        Whether it is better than all before it.
    """

    place: int
    at_ms: int
    value: float
    best: float
    is_better: bool


def progress(records: Sequence[RunRecord], metric: str, way: str | None) -> tuple[Attempt, ...]:
    """Return the runs with a finite figure by their start; none where no way is better.

    Parameters
    ----------
    way : str or None
        ``"minimize"`` or ``"maximize"``.
    """
    if way is None:
        return ()
    found: list[Attempt] = []
    for place, record in sorted(enumerate(records), key=lambda item: created_order(item[1])):
        value = record.figure_of(metric)
        if value is None or not math.isfinite(value) or record.created_at is None:
            continue
        before = found[-1].best if found else None
        is_better = before is None or (value > before if way == MAXIMIZE else value < before)
        at_ms = round(record.created_at.timestamp() * 1000)
        best = value if is_better or before is None else before
        found.append(Attempt(place, at_ms, value, best, is_better))
    return tuple(found)
