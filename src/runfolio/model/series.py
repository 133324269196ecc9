"""The points of one metric: as a reader wants them, and as one writer left them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Points", "Series"]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One metric of one run, in order of step, then of logging.

    Attributes
    ----------
    key : str
        The metric's flat name, ``train/loss``.
    step : array, shape (n,), int64, or float64 where a fractional step was logged
    time_ms : array, shape (n,), int64
        Milliseconds since 1970-01-01 UTC.
    value : array, shape (n,), float64
        NaN and infinities are kept as logged.
    logged : int
        Points on disk, before equal steps were resolved; ``len(series)`` is what is left.
    """

    key: str
    step: NDArray[np.int64] | NDArray[np.float64]
    time_ms: NDArray[np.int64]
    value: NDArray[np.float64]
    logged: int

    def __len__(self) -> int:
        return len(self.value)


@dataclass(slots=True)
class Points:
    """All points of one metric from one writer, unresolved, in order of logging.

    Attributes
    ----------
    step : array, shape (n,), int64 or float64
    time_ms : array, shape (n,), int64
    value : array, shape (n,), float64
    seq : array, shape (n,), int64
        Row number in the writer's segment: the order of equal steps; -1 where it was not read.
    segment, rank : int
        The writer.
    """

    step: NDArray[Any]
    time_ms: NDArray[np.int64]
    value: NDArray[np.float64]
    seq: NDArray[np.int64]
    segment: int
    rank: int

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, rows: slice) -> Points:
        return Points(self.step[rows], self.time_ms[rows], self.value[rows], self.seq[rows],
                      self.segment, self.rank)  # fmt: skip
