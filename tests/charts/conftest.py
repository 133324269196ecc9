"""Runs and series for cards, made directly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runfolio.model.run import RunRecord, Status
from runfolio.model.series import Series

Found = dict[str, Series]


def series(key: str, values: Any, steps: Any = None) -> Series:
    value = np.asarray(values, dtype=np.float64)
    n = len(value)
    step = np.arange(n) if steps is None else np.asarray(steps)
    return Series(key, step, np.arange(n, dtype=np.int64) * 10, value, n)


@pytest.fixture
def found() -> Callable[..., Found]:
    """Make the series of one run from keyword-like pairs of key and values."""

    def make(values: dict[str, Any]) -> Found:
        return {key: series(key, one) for key, one in values.items()}

    return make


@pytest.fixture
def run_of() -> Callable[..., RunRecord]:
    """Make the record of a finished run."""

    def make(**fields: Any) -> RunRecord:
        known: dict[str, Any] = {
            "id": "20261123T140200-7f3a9c",
            "path": Path("x"),
            "name": "wide",
            "status": Status.FINISHED,
            "created_at": datetime(2026, 11, 23, 14, 2, tzinfo=UTC),
            "duration_s": 7.7,
        }
        return RunRecord(**(known | fields))

    return make
