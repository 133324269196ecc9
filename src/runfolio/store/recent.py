"""The runs that a new run is compared with: those touched last, read once a process."""

from __future__ import annotations

import functools
from collections import Counter
from pathlib import Path
from typing import Final

from runfolio.errors import RunNotFound
from runfolio.format.manifest import read_record
from runfolio.model.run import RunRecord, Status
from runfolio.store.scan import scan
from runfolio.store.stamp import Stamp, date_of, stamp_of

__all__ = ["RECENT", "metric_names", "recent_runs"]

RECENT: Final = 200
"""How many runs are looked at: a finish must not grow with what the store holds."""


def recent_runs(store: Path, limit: int = RECENT) -> list[RunRecord]:
    """Return the runs of a store whose manifests were written last, `limit` at most.

    In one process a run is read again only when it changed.
    """
    stamped = [
        (stamp, entry.where)
        for entry in scan(store)
        if not entry.fault and (stamp := stamp_of(entry.where)) is not None
    ]
    stamped.sort(key=lambda one: date_of(one[0]), reverse=True)
    found: list[RunRecord] = []
    for stamp, where in stamped[:limit]:
        try:
            found.append(_read(Path(where), stamp))
        except RunNotFound:  # removed since the folder was listed
            continue
    return found


def metric_names(store: Path, project: str, but: Path | None = None) -> Counter[str]:
    """Return each metric of a project, as it was logged, and how many of the recent runs did.

    Parameters
    ----------
    but : path, optional
        A run that is not counted.
    """
    return Counter(
        key
        for record in recent_runs(store)
        if record.project == project and record.path != but
        for key in record.metrics
    )


def _read(path: Path, stamp: Stamp) -> RunRecord:
    record = _kept(path, stamp)
    # How a run stands that did not say its end is found anew each time.
    unsettled = not record.status.ended or record.status is Status.CRASHED
    return read_record(path) if unsettled else record


@functools.lru_cache(maxsize=2 * RECENT)
def _kept(path: Path, stamp: Stamp) -> RunRecord:
    del stamp  # part of the key only: a run that changed is read again
    return read_record(path)
