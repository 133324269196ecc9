"""What changed since the best run: the difference that a result is to be explained by."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from runfolio.model.run import RunRecord
from runfolio.query.compare import Change, difference
from runfolio.query.since_files import FilesSince, files_since
from runfolio.query.summary import MAXIMIZE, best, direction, figure, headline

__all__ = ["SinceBest", "since_best"]


@dataclass(frozen=True, slots=True)
class SinceBest:
    """A run beside the best of the others.

    Attributes
    ----------
    key : str
        The metric by which it is the best: the run's first whose better direction is known.
    best : RunRecord
        The best of the other runs.
    value : float
        Its figure.
    is_better : bool
        Whether the run itself is better than that.
    n : int
        Runs of the project that have the metric, this one included.
    config, seeds, environment, data : tuple of Change
        From the best to this one.
    code : str
        ``13e8c94 → 90ab12f``; empty where it is the same or not known.
    files : FilesSince
        Edited cells, packages, files.
    """

    key: str
    best: RunRecord
    value: float
    is_better: bool
    n: int
    config: tuple[Change, ...]
    seeds: tuple[Change, ...]
    environment: tuple[Change, ...]
    data: tuple[Change, ...]
    code: str
    files: FilesSince = field(default_factory=FilesSince)


def since_best(record: RunRecord, others: Iterable[RunRecord]) -> SinceBest | None:
    """Return what changed in a run since the best of other runs of its project.

    ``None`` where no direction is known, or no other run has a finite figure of the metric. The
    best is found by the manifests alone; of it and the run a few short files are read.
    """
    rivals = [one for one in others if one.project == record.project and one.id != record.id]
    known = [*rivals, record]
    for key in headline(record):
        way = direction(key, known)
        if way is None:
            continue
        champion = best(rivals, key, way)
        value = None if champion is None else figure(champion.metrics.get(key))
        if champion is None or value is None:
            continue
        own = figure(record.metrics.get(key))
        is_better = own is not None and math.isfinite(own) and own != value \
            and (own > value) == (way == MAXIMIZE)  # fmt: skip
        found = difference(champion, record)
        n = sum(figure(one.metrics.get(key)) is not None for one in known)
        return SinceBest(key, champion, value, is_better, n, found.config, found.seeds,
                         found.environment, found.data, found.code, files_since(champion, record))  # fmt: skip
    return None
