"""``Histogram``: how many values lie where."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

from runfolio.errors import UsageError
from runfolio.record.media.arrays import array_of
from runfolio.record.media.medium import Medium, Taken, warn_of_unknown
from runfolio.record.media.shelf import Shelf

__all__ = ["Histogram"]

_KNOWN: Final = ("sequence", "np_histogram", "num_bins")


class Histogram(Medium):
    """How many values lie where, as W&B's and numpy's.

    Parameters
    ----------
    sequence : array or sequence of numbers, optional
        The values, copied at once. NaN and infinities are left out and counted.
    np_histogram : pair, optional
        What ``numpy.histogram`` returned: counts, and edges of the bins.
    num_bins : int
        How many bins of equal width, 1 to 512; 64 by default.

    Raises
    ------
    UsageError
        Neither or both of the first two, no values at all, more than 512 bins, or edges that are
        not one more than the counts.

    Examples
    --------
    >>> Histogram([1, 2, 3, 4], num_bins=2).histogram
    [2, 2]
    """

    type = "histogram"
    MAX_LENGTH = 512

    def __init__(
        self,
        sequence: Any = None,
        np_histogram: tuple[Any, Any] | None = None,
        num_bins: int = 64,
        **unknown: Any,
    ) -> None:
        warn_of_unknown("Histogram", unknown, _KNOWN)
        super().__init__()
        self._values: Any = None
        self._num_bins = num_bins
        if np_histogram is not None:
            self._held = _given(np_histogram), 0
        elif sequence is None:
            raise UsageError("Histogram() needs values, or np_histogram=(counts, edges).")
        else:
            self._values = _copied(sequence)
            if not len(self._values):
                raise UsageError("a histogram needs at least one value.")
        if not 1 <= num_bins <= self.MAX_LENGTH:
            raise UsageError(f"num_bins is {num_bins}; expected 1 to {self.MAX_LENGTH}.")

    @functools.cached_property
    def _counted(self) -> tuple[tuple[list[float], list[float]], int]:
        return self._held if self._values is None else _count(self._values, self._num_bins)

    @property
    def histogram(self) -> list[float]:
        """How many values lie in each bin."""
        return self._counted[0][0]

    @property
    def bins(self) -> list[float]:
        """Edges of the bins, one more than there are bins."""
        return self._counted[0][1]

    def take(self, shelf: Shelf) -> Taken:
        """Return the values; they are counted in the media thread."""
        del shelf

        def write(shelf: Shelf) -> dict[str, Any]:
            del shelf  # a file for each of thousands of small lists would be absurd
            (counts, edges), nonfinite = self._counted
            item: dict[str, Any] = {"bins": edges, "counts": counts}
            return item | {"nonfinite": nonfinite} if nonfinite else item

        size = getattr(self._values, "nbytes", None)
        return Taken(self.type, int(size or 32 * len(self._values or ())) + 8192, write)

    def __repr__(self) -> str:
        counts, edges = self._counted[0]
        return f"<Histogram of {len(counts)} bins from {edges[0]:g} to {edges[-1]:g}>"


def _copied(sequence: Any) -> Any:
    """Return the values as a flat array, or where numpy is not installed as a list."""
    try:
        return array_of(sequence, "Histogram").ravel()
    except ImportError:
        values = list(sequence)
        if not all(isinstance(value, (int, float)) for value in values):
            raise
        return values


def _given(pair: tuple[Any, Any]) -> tuple[list[float], list[float]]:
    try:
        counts, edges = (_numbers(part) for part in pair)
    except (TypeError, ValueError) as error:
        raise UsageError(
            "np_histogram: expected the pair that numpy.histogram returns: counts, edges."
        ) from error
    if len(counts) > Histogram.MAX_LENGTH or not counts:
        raise UsageError(
            f"a histogram of {len(counts):,} bins; expected 1 to {Histogram.MAX_LENGTH}."
        )
    if len(edges) != len(counts) + 1:
        raise UsageError(
            f"{len(counts)} counts have {len(counts) + 1} edges, not {len(edges)}; give "
            "(counts, edges) in this order."
        )
    return counts, edges


def _numbers(part: Any) -> list[float]:
    values = part.tolist() if hasattr(part, "tolist") else list(part)
    if not all(isinstance(value, (int, float)) and math.isfinite(value) for value in values):
        raise ValueError("not all are finite numbers")
    return values


def _count(values: Any, num_bins: int) -> tuple[tuple[list[float], list[float]], int]:
    if isinstance(values, list):
        return _count_slowly(values, num_bins)
    import numpy as np

    array = values.astype(np.float64, copy=False)
    finite = array[np.isfinite(array)]
    if not finite.size:
        raise UsageError(f"none of {array.size:,} values is finite")
    low, high = float(finite.min()), float(finite.max())
    if not math.isfinite(high - low):  # the width of such a range has no form in 64 bits
        raise UsageError(f"values from {low:g} to {high:g} lie too far apart for a histogram")
    counts, edges = np.histogram(finite, bins=num_bins)
    return (counts.tolist(), edges.tolist()), int(array.size - finite.size)


def _count_slowly(
    values: Sequence[float], num_bins: int
) -> tuple[tuple[list[float], list[float]], int]:
    """Count as numpy does, where it is not installed."""
    finite = [float(value) for value in values if math.isfinite(value)]
    if not finite:
        raise UsageError(f"none of {len(values):,} values is finite")
    low, high = min(finite), max(finite)
    if low == high:
        low, high = low - 0.5, high + 0.5
    width = (high - low) / num_bins
    counts: list[float] = [0] * num_bins
    for value in finite:
        counts[min(int((value - low) / width), num_bins - 1)] += 1
    return (counts, [*_edges(low, width, num_bins), high]), len(values) - len(finite)


def _edges(low: float, width: float, number: int) -> Iterable[float]:
    return (low + n * width for n in range(number))
