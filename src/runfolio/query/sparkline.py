"""The few heights that tell the course of a metric in one table cell."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from runfolio.errors import RunfolioError
from runfolio.model.run import RunRecord
from runfolio.store.reader import RunReader

__all__ = ["WIDTH", "shortened", "sparkline"]

WIDTH: Final = 40


def sparkline(record: RunRecord, key: str) -> list[float]:
    """Return at most 40 values that tell how a metric of a run went; NaN is a gap.

    Empty where the run has no such metric or it cannot be read.
    """
    if key not in record.metrics:
        return []
    try:
        axis = record.metrics[key].step_metric
        if record.status.ended:
            stamp = record.path.stat()
            return list(_kept(record.path, key, axis, stamp.st_ino, stamp.st_mtime_ns))
        return _read(record.path, key, axis)
    except (RunfolioError, OSError):
        return []


@functools.lru_cache(maxsize=2048)
def _kept(path: Path, key: str, axis: str | None, inode: int, mtime_ns: int) -> tuple[float, ...]:
    del inode, mtime_ns  # part of the key only: files that came or went are read again
    return tuple(_read(path, key, axis))


def _read(path: Path, key: str, axis: str | None) -> list[float]:
    found = RunReader(path).series([key, axis] if axis else [key])
    if key not in found:
        return []
    if axis is None or axis not in found:
        return shortened(found[key].value.tolist())
    from runfolio.query.axis import points  # loads numpy, which most tables do without

    _, values = points(found[key], "step", axis=found[axis])
    return shortened(values.tolist())


def shortened(values: Sequence[float], width: int = WIDTH) -> list[float]:
    """Return at most `width` values: means of stretches, but for the first and the last value."""
    n = len(values)
    if n <= width:
        return [value if math.isfinite(value) else math.nan for value in values]
    edges = [1 + i * (n - 2) // (width - 2) for i in range(width - 1)]
    inner = [_mean(values[start:end]) for start, end in itertools.pairwise(edges)]
    return [_mean(values[:1]), *inner, _mean(values[-1:])]


def _mean(values: Sequence[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    # Divided first: the sum of large numbers may be larger than any.
    return sum(value / len(finite) for value in finite) if finite else math.nan
