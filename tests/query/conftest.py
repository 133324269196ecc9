"""Records made in memory: what a reader would know of runs that were never written."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from runfolio.model.run import MetricSummary, RunRecord, Status

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)

Maker = Callable[..., RunRecord]


def make_record(n: int, name: str = "run", **fields: Any) -> RunRecord:
    """Return a finished run that began `n` hours before `NOW`.

    ``metrics`` takes a number per key, or a whole `MetricSummary`.
    """
    metrics: Mapping[str, Any] = fields.pop("metrics", {})
    created = NOW - timedelta(hours=n)
    run_id = f"{created:%Y%m%dT%H%M%S}-{n:06x}"
    known: dict[str, Any] = {
        "id": run_id,
        "path": Path("nowhere") / run_id,
        "name": name,
        "status": Status.FINISHED,
        "created_at": created,
        "metrics": {
            key: value if isinstance(value, MetricSummary) else MetricSummary(n=1, last=value)
            for key, value in metrics.items()
        },
    }
    return RunRecord(**known | fields)


@pytest.fixture
def record() -> Maker:
    """Return a function that makes records, each an hour older than the one before."""
    count = itertools.count()

    def make(name: str = "run", **fields: Any) -> RunRecord:
        return make_record(next(count), name, **fields)

    return make
