"""The points of one series in the order in which they came, kept for pages that come later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Columns"]

_FIRST: Final = 256


class Columns:
    """Step, time and value of one series; grows by doubling.

    Attributes
    ----------
    sent : int
        So many of the points were sent to the pages.
    """

    def __init__(self) -> None:
        self.sent = 0
        self._n = 0
        self._held = np.empty((3, _FIRST))

    def __len__(self) -> int:
        return self._n

    def add(self, *columns: NDArray[np.float64]) -> None:
        """Add points: their steps, times and values."""
        end = self._n + len(columns[0])
        if end > self._held.shape[1]:
            larger = np.empty((3, max(end, 2 * self._held.shape[1])))
            larger[:, : self._n] = self._held[:, : self._n]
            self._held = larger
        for place, column in enumerate(columns):
            self._held[place, self._n : end] = column
        self._n = end

    def unsent(self, most: int) -> tuple[int, tuple[NDArray[np.float64], ...]]:
        """Return from which point on, and the columns of at most so many unsent points."""
        end = min(self._n, self.sent + most)
        return self.sent, tuple(self._held[place, self.sent : end] for place in range(3))
