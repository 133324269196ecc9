"""The runs before a run: which one was the last, and which had the best figure of a metric."""

from __future__ import annotations

import bisect
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator

from runfolio.format.manifest import created_order
from runfolio.model.run import RunRecord
from runfolio.query.summary import MAXIMIZE, MINIMIZE, direction, figure

__all__ = ["History"]


class History:
    """Runs in order of their start, project by project.

    What later runs did is no part of it: an entry of the journal says how things stood, and
    does not change with them. A whole journal costs one pass per metric, not one per entry.

    Parameters
    ----------
    records : iterable of RunRecord
    """

    def __init__(self, records: Iterable[RunRecord]) -> None:
        self._projects: dict[str, list[RunRecord]] = defaultdict(list)
        for record in sorted(records, key=created_order):
            self._projects[record.project].append(record)
        self._orders = {
            name: [created_order(record) for record in runs]
            for name, runs in self._projects.items()
        }
        self._ways: dict[tuple[str, str], list[str | None]] = {}
        self._bests: dict[tuple[str, str, str], list[float | None]] = {}

    def previous(self, record: RunRecord) -> RunRecord | None:
        """Return the run of the same project that began last before this one.

        A child is compared with children of the same parent, and its parent is no predecessor.
        """
        runs = self._projects.get(record.project, [])
        earlier = (runs[at] for at in range(self._place(record) - 1, -1, -1))
        return next((run for run in earlier if run.parent == record.parent), None)

    def direction(self, record: RunRecord, key: str) -> str | None:
        """Return which way a metric was better, by this run's word or that of the last before."""
        own = record.metrics.get(key)
        if own is not None and own.goal in (MINIMIZE, MAXIMIZE):
            return own.goal
        place = self._place(record)
        return self._declared(record.project, key)[place - 1] if place else direction(key)

    def earlier(self, record: RunRecord) -> list[RunRecord]:
        """Return the runs of the same project that began before this one, in their order."""
        return self._projects.get(record.project, [])[: self._place(record)]

    def best(self, record: RunRecord, key: str, way: str) -> float | None:
        """Return the best figure of a metric before this run; ``None`` where there was none."""
        place = self._place(record)
        return self._best_so_far(record.project, key, way)[place - 1] if place else None

    def _place(self, record: RunRecord) -> int:
        """Return how many runs of the project began before this one."""
        return bisect.bisect_left(self._orders.get(record.project, []), created_order(record))

    def _declared(self, project: str, key: str) -> list[str | None]:
        if (project, key) not in self._ways:
            way, ways = direction(key), []
            for run in self._projects[project]:
                summary = run.metrics.get(key)
                if summary is not None and summary.goal in (MINIMIZE, MAXIMIZE):
                    way = summary.goal
                ways.append(way)
            self._ways[project, key] = ways
        return self._ways[project, key]

    def _best_so_far(self, project: str, key: str, way: str) -> list[float | None]:
        if (project, key, way) not in self._bests:
            self._bests[project, key, way] = list(self._running_best(project, key, way))
        return self._bests[project, key, way]

    def _running_best(self, project: str, key: str, way: str) -> Iterator[float | None]:
        best: float | None = None
        for run in self._projects[project]:
            value = figure(run.metrics.get(key))
            if value is not None and math.isfinite(value):
                better = best is None or (value > best if way == MAXIMIZE else value < best)
                best = value if better else best
            yield best
